#!/bin/sh
# Makes what the installation of Courier would make: setup.sh LINE...
# A line NAME=VALUE is one of courierd; "require-tls" sends nowhere in clear.
set -e
etc=/etc/courier
lib=/var/lib/courier
mkdir -p $lib/tmp $lib/msgs $lib/msgq $lib/track $lib/filters $lib/allfilters /run/courier
chown -R courier:courier $lib /run/courier
chmod 770 $lib/tmp
rm -f $etc/enablefiltering
echo client.test | tee $etc/me $etc/defaultdomain $etc/locals >/etc/mailname
echo 'postmaster@client.test' >$etc/dsnfrom
# One try, and no connection is kept for a next message.
for name in retryalpha retrybeta retrygamma; do echo 1h >$etc/$name; done
for name in esmtptimeout esmtptimeoutconnect esmtptimeouthelo esmtptimeoutdata; do echo 5 >$etc/$name; done
for name in esmtptimeoutkeepalive esmtptimeoutquit; do echo 1 >$etc/$name; done
for line; do
  case $line in
  require-tls) echo ': /SECURITY=REQUIRED' >$etc/esmtproutes ;;
  *) printf '%s\n' "$line" >>$etc/courierd ;;
  esac
done
makealiases
