#!/bin/sh
# An agent in the foreground, and beside it the daemon that it asks for MTA-STS policies: start.sh PORT COMMAND...
set -e
cat >/etc/mta-sts-daemon.yml <<END
host: 127.0.0.1
port: $1
reuse_port: true
shutdown_timeout: 1
cache: {type: internal, options: {cache_size: 10000}}
default_zone: {strict_testing: false, timeout: 4}
zones: {}
END
mta-sts-daemon -c /etc/mta-sts-daemon.yml &
until bash -c ": </dev/tcp/127.0.0.1/$1" 2>/dev/null; do kill -0 $! && sleep 0.05; done
shift
exec "$@"
