#!/bin/sh
# Makes what the installation of Sendmail would make, and a sendmail.cf of sendmail.mc and the mode's own lines:
# setup.sh PORT [LINE...]. A line that begins with TLS_ is one of the access map, with a blank for its tab.
set -e
here=$(dirname "$0")
port=$1
shift
mkdir -p -m 700 /var/spool/mqueue
mkdir -p /var/lib/sendmail /run/sendmail /etc/mail
# Copies: it trusts no file that a link outside of /etc leads to.
mkdir -p /etc/mail/certs
cp /etc/ssl/certs/ca-certificates.crt /etc/mail/ca.pem
cp /etc/ssl/certs/*.0 /etc/mail/certs
: >/etc/mail/access
echo 'postmaster: root' >/etc/mail/aliases
for name in local-host-names relay-domains trusted-users; do : >/etc/mail/$name; done
{
  cat "$here/sendmail.mc"
  printf "DAEMON_OPTIONS(\`Family=inet, Addr=127.0.0.1, Port=%s, Name=MTA')dnl\n" "$port"
  for line; do
    case $line in
    TLS_*) printf '%s\n' "$line" | tr ' ' '\t' >>/etc/mail/access ;;
    *) printf '%s\n' "$line" ;;
    esac
  done
  printf "MAILER(\`local')dnl\nMAILER(\`smtp')dnl\n"
} >/etc/mail/sendmail.mc
cd /etc/mail
m4 -D_CF_DIR_=/usr/share/sendmail/cf/ /usr/share/sendmail/cf/m4/cf.m4 sendmail.mc >sendmail.cf
/usr/libexec/sendmail/makemap hash access <access
/usr/libexec/sendmail/sendmail -C /etc/mail/sendmail.cf -bi
