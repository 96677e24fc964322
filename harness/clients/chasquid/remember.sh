#!/bin/sh
# Makes chasquid remember that the recipient's domain has reached a level of security: remember.sh RECIPIENT LEVEL
# It reads the folder anew each tenth of a second (-testing__reload_every). The file has any name; chasquid knows the domain
# by its Unicode form.
set -e
domain=${1##*@} name=${1##*@}
case $domain in *[xX][nN]--*) name=$(python3 -IS -c 'import sys; print(sys.argv[1].encode().decode("idna"))' "$domain") ;; esac
printf 'name: "%s" outgoing_sec_level: %s\n' "$name" "$2" >"data/domaininfo/s:$domain"
sleep 0.3
