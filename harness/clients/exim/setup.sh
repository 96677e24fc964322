#!/bin/sh
# Makes what the installation of Exim would make, and a configuration with the mode's own options: setup.sh PORT [OPTION...]
# An option that begins with dns_ is one of the program, the others are its transport's.
set -e
here=$(dirname "$0")
port=$1
shift
# Where no Exim that is installed on the machine has anything.
own=/run/exim-sender
mkdir -p $own/spool/input $own/spool/db $own/spool/msglog
chown -R Debian-exim:Debian-exim $own
{
  printf 'daemon_smtp_ports = %s\n' "$port"
  for option; do case $option in dns_*) printf '%s\n' "$option" ;; esac; done
  cat "$here/exim.conf"
  for option; do case $option in dns_*) ;; *) printf '  %s\n' "$option" ;; esac; done
} >$own/exim.conf
chown root $own/exim.conf
