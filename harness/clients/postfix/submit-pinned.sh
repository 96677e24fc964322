#!/bin/sh
# Hands over the message of standard input, for whose domain the certificate is pinned:
# submit-pinned.sh SENDER RECIPIENT DOMAIN SHA256
set -e
exec 9>/run/tls_policy.lock
flock 9
printf '%s fingerprint match=%s\n' "$3" "$4" >>/etc/postfix/tls_policy
postmap hash:/etc/postfix/tls_policy
# Before it delivers a message Postfix looks whether the table has another time, in seconds, and then reads it anew.
touch -d "@$((4000000000 + $(wc -l </etc/postfix/tls_policy)))" /etc/postfix/tls_policy.db
exec 9>&-
exec /usr/sbin/sendmail -i -f "$1" "$2"
