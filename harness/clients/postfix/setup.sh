#!/bin/sh
# Makes what the installation of Postfix would make, and a main.cf with the mode's own lines at its end:
# setup.sh PORT [LINE...]. PORT is where it takes messages.
set -e
here=$(dirname "$0")
port=$1
shift
cp "$here/main.cf" "$here/master.cf" /etc/postfix
echo "127.0.0.1:$port inet n - n - - smtpd" >>/etc/postfix/master.cf
queue=/var/spool/postfix
for name in active bounce corrupt defer deferred flush hold incoming private saved trace; do mkdir -p "$queue/$name"; done
chmod 700 "$queue"/*
mkdir -p -m 755 "$queue/pid"
mkdir -p -m 730 "$queue/maildrop"
mkdir -p -m 710 "$queue/public"
mkdir -p -m 700 /var/lib/postfix
chown postfix "$queue"/* /var/lib/postfix
chown root "$queue/pid"
chown :postdrop "$queue/maildrop" "$queue/public"
for line; do printf '%s\n' "$line"; done >>/etc/postfix/main.cf
