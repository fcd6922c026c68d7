#!/bin/bash
# Runs once, when the primary is made: a role that owns and migrates, one that only works with rows, one that replicates.
set -euo pipefail

psql --set ON_ERROR_STOP=1 --username postgres --dbname postgres \
  --set owner="$PORTICO_OWNER_PASSWORD" --set app="$PORTICO_APP_PASSWORD" --set replication="$REPLICATION_PASSWORD" <<'SQL'
CREATE ROLE portico_owner LOGIN CREATEDB PASSWORD :'owner';
CREATE ROLE portico_app LOGIN PASSWORD :'app';
CREATE ROLE portico_replication LOGIN REPLICATION PASSWORD :'replication';
CREATE DATABASE portico OWNER portico_owner;
REVOKE ALL ON DATABASE portico FROM PUBLIC;
GRANT CONNECT ON DATABASE portico TO portico_app;
SELECT pg_create_physical_replication_slot('portico_replica');
SQL

echo 'host replication portico_replication samenet scram-sha-256' >>"$PGDATA/pg_hba.conf"
