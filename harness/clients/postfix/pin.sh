#!/bin/sh
# The certificate of a domain is pinned: pin.sh DOMAIN SHA256. The latest word counts: four scenarios are of one domain.
set -e
exec 9>/run/tls_policy.lock
flock 9
cd /etc/postfix
echo "$1 fingerprint match=$2" >>pinned
tac pinned | awk '!seen[$1]++' >next_policy
postmap hash:next_policy
# Before it delivers a message Postfix looks whether the table is another file or has another time, in seconds, and then reads it
# anew. It is put in place whole: who reads one that is being written misses a line.
touch -d "@$((4000000000 + $(wc -l <pinned)))" next_policy.db
mv next_policy.db tls_policy.db
