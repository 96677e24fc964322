#!/bin/sh
# A configuration of Haraka in the current folder: setup.sh HARAKA PORT [LINE OF tls.ini...]
set -e
here=$(dirname "$0")
mkdir -p plugins queue
# It starts with no file of these missing.
cp -r "$1/config" .
shift
cp "$here/sender.js" plugins
echo sender >config/plugins
echo client.test >config/me
printf 'listen=127.0.0.1:%s\n' "$1" >config/smtp.ini
shift
# One try; each message alone.
printf '%s\n' local_mx_ok=true always_split=true temp_fail_intervals=1h >config/outbound.ini
{
  echo '[redis]'
  echo 'disable_for_failed_hosts=false'
  for line; do printf '%s\n' "$line"; done
} >config/tls.ini
