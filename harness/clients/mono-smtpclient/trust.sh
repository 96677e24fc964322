# Has Mono trust a root, and becomes a program: trust.sh CA_FILE PROGRAM WORD...
set -e
store=$HOME/.config/.mono/new-certs/Trust
mkdir -p "$store"
cp "$1" "$store/$(openssl x509 -hash -noout -in "$1").0"
shift
exec "$@"
