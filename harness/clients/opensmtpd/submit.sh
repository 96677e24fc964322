#!/bin/sh
# Hands over the message of standard input, whose domain is relayed to a host that its administrator has named:
# submit.sh PORT SENDER RECIPIENT DOMAIN RELAY-URL
set -e
here=$(dirname "$0")
exec 9>/run/smtpd-relays.lock
flock 9
echo "$4 $5" >>/etc/smtpd-relays
# Without the set-group-id bit that the installation gives it.
setpriv --regid opensmtpq --clear-groups smtpctl update table relays
exec 9>&-
exec /usr/bin/python3 -I "$here/../common/submit.py" "$1" "$2" "$3"
