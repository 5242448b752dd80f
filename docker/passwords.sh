#!/bin/sh
# Draws the passwords of the containers, once, into docker/.env, which docker compose reads by itself. Its owner alone can read it.
set -eu
file="$(dirname "$0")/.env"
if [ -e "$file" ]; then
  echo "$file is there already; it stays" >&2
  exit 0
fi
umask 077
for name in POSTGRES_PASSWORD DATABASE_PASSWORD READER_PASSWORD TEMPORAL_DATABASE_PASSWORD MLFLOW_DATABASE_PASSWORD \
    MLFLOW_PASSWORD MLFLOW_COOKIE_KEY AIRFLOW_DATABASE_PASSWORD AIRFLOW_PASSWORD; do
  echo "PERDURA_$name=$(head -c 24 /dev/urandom | base64 | tr '+/' '-_')"
done >"$file"
