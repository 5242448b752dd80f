#!/bin/sh
# Runs once, when the volume of Postgres is new: a role for each who uses it, with what it needs, and their databases.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\getenv perdura PERDURA_DATABASE_PASSWORD
\getenv reader PERDURA_READER_PASSWORD
\getenv temporal PERDURA_TEMPORAL_DATABASE_PASSWORD
\getenv mlflow PERDURA_MLFLOW_DATABASE_PASSWORD
CREATE ROLE perdura LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'perdura';
CREATE ROLE perdura_reader LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'reader';
CREATE ROLE temporal LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'temporal';
CREATE ROLE mlflow LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'mlflow';
CREATE DATABASE perdura OWNER perdura;
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
CREATE DATABASE mlflow OWNER mlflow;
CREATE DATABASE mlflow_users OWNER mlflow;
REVOKE ALL ON DATABASE perdura, temporal, temporal_visibility, mlflow, mlflow_users FROM PUBLIC;
GRANT CONNECT ON DATABASE perdura TO perdura_reader;
\connect perdura
ALTER SCHEMA public OWNER TO perdura;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO perdura_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE perdura IN SCHEMA public GRANT SELECT ON TABLES TO perdura_reader;
SQL
