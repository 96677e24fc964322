#!/bin/sh
# The certificate of a domain is pinned: pin.sh DOMAIN SHA256. The latest word counts: four scenarios are of one domain.
set -e
exec 9>/run/tls_policy.lock
flock 9
echo "$1 fingerprint match=$2" >>/etc/postfix/pinned
tac /etc/postfix/pinned | awk '!seen[$1]++' >/etc/postfix/tls_policy
postmap hash:/etc/postfix/tls_policy
# Before it delivers a message Postfix looks whether the table has another time, in seconds, and then reads it anew.
touch -d "@$((4000000000 + $(wc -l </etc/postfix/pinned)))" /etc/postfix/tls_policy.db
