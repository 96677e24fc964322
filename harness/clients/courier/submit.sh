#!/bin/sh
# Hands the message of standard input to Courier: submit.sh SENDER RECIPIENT [tls-failed]
# It would go on in clear to a host where TLS has failed within the last hours: so that is forgotten, or with "tls-failed"
# it is remembered of the domain's hosts. Two submissions at a time may fail to make the same folder.
set -e
track=/var/lib/courier/track
exec 9>/run/courier/submit.lock
flock 9
if [ "$3" ]; then
  now=$(date +%s)
  testmxlookup "${2##*@}" | sed -n "s/^.*Relay: \([^,]*\),.*/$now S\1/p" >>$track/$((now / 3600))
  chown courier:courier $track/*
else
  rm -f $track/*
fi
exec /usr/sbin/sendmail -f "$1" "$2"
