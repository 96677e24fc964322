#!/bin/sh
# Makes what the installation of dma would make: setup.sh [LINE OF dma.conf...]
set -e
echo client.test >/etc/mailname
{
  echo 'MAILNAME /etc/mailname'
  echo 'ALIASES /etc/dma/aliases'
  echo 'DEFER'
  for line; do printf '%s\n' "$line"; done
} >/etc/dma/dma.conf
: >/etc/dma/aliases
