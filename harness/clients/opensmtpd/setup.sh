#!/bin/sh
# Makes what the installation of OpenSMTPD would make, and a configuration that relays with the mode's own options:
# setup.sh PORT [OPTION...]
set -e
port=$1
shift
mkdir -p -m 755 /var/lib/opensmtpd/empty
mkdir -p -m 711 /var/spool/smtpd
: >/etc/smtpd-relays
{
  echo "table relays file:/etc/smtpd-relays"
  # Connections end with their message, and nobody waits for the next one.
  for limit in session-keepalive conn-delay-route conn-delay-relay reconn-delay-route; do echo "mta limit $limit 0"; done
  echo "listen on 127.0.0.1 port $port"
  echo "action \"out\" relay helo client.test $*"
  # Notices to the sender go nowhere.
  echo 'match from any for domain client.test reject'
  echo 'match from any for any action "out"'
} >/etc/smtpd.conf
