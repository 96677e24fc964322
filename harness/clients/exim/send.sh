#!/bin/sh
# Delivers the message of standard input with the exim of the cache, or asks it for its version:
# send.sh EXIM [TEMPLATE HELO SENDER RECIPIENT TRANSPORT-OPTION...]
# It runs as root in a mount namespace of its own; the user that this exim was built for is laid over /etc/passwd.
exim=$1
{ cat /etc/passwd; echo 'Debian-exim:x:101:101::/nonexistent:/bin/false'; } >passwd
{ cat /etc/group; echo 'Debian-exim:x:101:'; } >group
mount --bind passwd /etc/passwd && mount --bind group /etc/group || exit 1
[ $# -gt 1 ] || exec "$exim" -bV -C /dev/null
template=$2 helo=$3 sender=$4 recipient=$5
shift 5
{
  printf 'HELO = %s\nWORK = %s\n' "$helo" "$PWD"
  cat "$template"
  for option; do printf '  %s\n' "$option"; done
} >exim.conf
chmod 755 .
mkdir -p spool/input spool/db spool/msglog log && chown -R 101:101 spool log
"$exim" -C "$PWD/exim.conf" -odi -oi -f "$sender" "$recipient"
cat log/*
