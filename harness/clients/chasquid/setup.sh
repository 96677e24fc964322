#!/bin/sh
# A configuration of chasquid in the current folder: setup.sh PORT
set -e
mkdir -p certs/client.test domains/client.test data/domaininfo
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=client.test -days 2 \
  -keyout certs/client.test/privkey.pem -out certs/client.test/fullchain.pem 2>/dev/null
# It relays for nobody who has not said who they are.
echo 'users: { key: "sender" value: { plain: { password: "test" } } }' >domains/client.test/users
cat >chasquid.conf <<END
hostname: "client.test"
data_dir: "$PWD/data"
smtp_address: "127.0.0.1:0"
submission_address: "127.0.0.1:$1"
mail_log_path: "<stderr>"
mail_delivery_agent_bin: "/bin/true"
END
