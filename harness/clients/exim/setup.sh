#!/bin/sh
# Makes what the installation of Exim would make, and a configuration with the mode's own options: setup.sh PORT [OPTION...]
# An option that begins with dns_ is one of the program, the others are its transport's.
set -e
here=$(dirname "$0")
port=$1
shift
mkdir -p /var/spool/exim4/input /var/spool/exim4/db /var/spool/exim4/msglog /run/exim4 /etc/exim4
chown -R Debian-exim:Debian-exim /var/spool/exim4 /run/exim4
{
  printf 'daemon_smtp_ports = %s\n' "$port"
  for option; do case $option in dns_*) printf '%s\n' "$option" ;; esac; done
  cat "$here/exim.conf"
  for option; do case $option in dns_*) ;; *) printf '  %s\n' "$option" ;; esac; done
} >/etc/exim4/exim4.conf
