#!/bin/sh
# Courier's scheduler in the foreground, with its settings as its environment.
cd /usr
set -a
. /etc/courier/courierd
exec /usr/lib/courier/courier/courierd
