#!/bin/sh
# A configuration of Haraka in the current folder: setup.sh HARAKA PORT RETRIES [LINE OF tls.ini...]
# RETRIES: 1h for one try, as far as a cell is concerned.
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
# Each message alone.
printf '%s\n' local_mx_ok=true always_split=true "temp_fail_intervals=$1" >config/outbound.ini
shift
{
  echo '[redis]'
  echo 'disable_for_failed_hosts=false'
  for line; do printf '%s\n' "$line"; done
} >config/tls.ini
