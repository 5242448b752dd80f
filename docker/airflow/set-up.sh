#!/bin/sh
# Before Airflow's parts start: its database and tables, and the user that Perdura is to it. May run again.
set -eu
python - <<'PY'
import json
import os

import psycopg2

connection = psycopg2.connect(
    host="postgres", user="postgres", dbname="postgres", password=os.environ["ADMIN_PGPASSWORD"]
)
connection.autocommit = True
with connection.cursor() as cursor:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = 'airflow'")
    if cursor.fetchone() is None:
        cursor.execute("CREATE ROLE airflow LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE")
    cursor.execute("ALTER ROLE airflow PASSWORD %s", (os.environ["PGPASSWORD"],))
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'airflow'")
    if cursor.fetchone() is None:
        cursor.execute("CREATE DATABASE airflow OWNER airflow")
    cursor.execute("REVOKE ALL ON DATABASE airflow FROM PUBLIC")

file = os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"]
with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as passwords:
    json.dump({"perdura": os.environ["PERDURA_AIRFLOW_PASSWORD"]}, passwords)
PY
airflow db migrate
