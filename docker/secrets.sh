#!/bin/sh
# Makes docker/secrets, what the containers must know and nobody else may. NonceStore, before the first start:
#
#   sh docker/secrets.sh                 for compose.yaml
#   sh docker/secrets.sh cluster         for compose.cluster.yaml; DATABASE_URL and VALKEY_URL in the environment name the external
#                                        PostgreSQL and Valkey
#
# The directory is yours alone (0700); the files in it can be read (0444), since the containers' users are others than you.
set -eu
umask 077
kind=${1:-node}
secrets=$(dirname "$0")/secrets

fail() {
  echo "$1" >&2
  exit 1
}

# 48 hexadecimal digits, which need no quoting anywhere.
password() {
  head -c 24 /dev/urandom | od -An -v -tx1 | tr -d ' \n'
}

if [ -e "$secrets" ]; then
  fail "$secrets is there already. It is kept: the data in the volumes was made with it."
fi
case $kind in
  node)
    nats=nats:4222
    postgres_password=$(password)
    valkey_password=$(password)
    DATABASE_URL=postgres://clawbutler:$postgres_password@postgres:5432/clawbutler
    VALKEY_URL=redis://:$valkey_password@valkey:6379
    ;;
  cluster)
    nats=nats-1:4222,nats-2:4222,nats-3:4222
    if [ -z "${DATABASE_URL:-}" ] || [ -z "${VALKEY_URL:-}" ]; then
      fail "A cluster uses a PostgreSQL and a Valkey of yours: name them in DATABASE_URL and VALKEY_URL."
    fi
    ;;
  *) fail "Nobody knows what \"$kind\" is: leave it out, or say cluster." ;;
esac
admin=$(password)
app=$(password)
reader=$(password)
route=$(password)

new=$secrets.new
rm -rf "$new"
mkdir "$new"
cat >"$new/nats-passwords.conf" <<END
ADMIN_PASSWORD: "$admin"
APP_PASSWORD: "$app"
READER_PASSWORD: "$reader"
END
if [ "$kind" = cluster ]; then # A server that uses them not calls them unknown.
  cat >>"$new/nats-passwords.conf" <<END
ROUTE_PASSWORD: "$route"
ROUTES: ["nats://route:$route@nats-1:6222", "nats://route:$route@nats-2:6222", "nats://route:$route@nats-3:6222"]
END
fi
printf '%s\n' "nats://admin:$admin@$nats" >"$new/nats-admin-url"
printf '%s\n' "nats://app:$app@$nats" >"$new/nats-app-url"
printf '%s\n' "nats://reader:$reader@$nats" >"$new/nats-reader-url"
printf '%s\n' "$DATABASE_URL" >"$new/database-url"
printf '%s\n' "$VALKEY_URL" >"$new/valkey-url"
head -c 32 /dev/urandom | base64 >"$new/secrets-key"
if [ "$kind" = node ]; then
  printf '%s\n' "$postgres_password" >"$new/postgres-password"
  printf '%s\n' "requirepass $valkey_password" >"$new/valkey-password.conf"
fi
chmod 0444 "$new"/*
mv "$new" "$secrets"
echo "Made $secrets. Keep a copy where your backups are: without secrets-key the secrets of peers cannot be opened."
