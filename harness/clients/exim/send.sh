#!/bin/sh
# Delivers the message of standard input with the exim of the cache, or asks it for its version:
# send.sh EXIM [TEMPLATE HELO SENDER RECIPIENT OPTION...]
# An option that begins with dns_ is one of the program, the others are its transport's.
# The user that this exim was built for is laid over /etc/passwd; in a mount namespace of its own, so that nothing of it reaches
# the machine where there is no sandbox around.
[ "$EXIM_OWN_MOUNTS" ] || exec env EXIM_OWN_MOUNTS=yes unshare --mount /bin/sh "$0" "$@"
exim=$1
{ cat /etc/passwd; echo 'Debian-exim:x:101:101::/nonexistent:/bin/false'; } >passwd
{ cat /etc/group; echo 'Debian-exim:x:101:'; } >group
mount --bind passwd /etc/passwd && mount --bind group /etc/group || exit 1
[ $# -gt 1 ] || exec "$exim" -bV -C /dev/null
template=$2 helo=$3 sender=$4 recipient=$5
shift 5
{
  printf 'HELO = %s\nWORK = %s\n' "$helo" "$PWD"
  for option; do case $option in dns_*) printf '%s\n' "$option" ;; esac; done
  cat "$template"
  for option; do case $option in dns_*) ;; *) printf '  %s\n' "$option" ;; esac; done
} >exim.conf
chmod 755 .
mkdir -p spool/input spool/db spool/msglog log && chown -R 101:101 spool log
"$exim" -C "$PWD/exim.conf" -odi -oi -f "$sender" "$recipient"
cat log/*
