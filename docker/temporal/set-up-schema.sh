#!/bin/sh
# Makes or updates Temporal's tables. Safe to run again: what is there stays, and missing versions are added.
set -eu
for pair in temporal:temporal temporal_visibility:visibility; do
  database="${pair%%:*}"
  schema="/etc/temporal/schema/postgresql/v12/${pair##*:}/versioned"
  run="temporal-sql-tool --plugin postgres12 --ep $POSTGRES_SEEDS -p $DB_PORT -u $POSTGRES_USER --db $database"
  # On a database that has a schema already this one fails; update-schema then tells whether all is well.
  $run setup-schema -v 0.0 || true
  $run update-schema -d "$schema"
done
