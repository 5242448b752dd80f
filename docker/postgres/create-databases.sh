#!/bin/sh
# Runs once, when the volume of Postgres is new: the databases beside the one of POSTGRES_DB.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE DATABASE mlflow;
CREATE DATABASE temporal;
CREATE DATABASE temporal_visibility;
SQL
