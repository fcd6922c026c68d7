#!/bin/bash
# Copies the primary at the first start, and follows it from then on.
set -euo pipefail

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  mkdir -p "$PGDATA"
  chmod 700 "$PGDATA"
  # What a copy that was cut short has left.
  find "$PGDATA" -mindepth 1 -delete
  pg_basebackup --dbname="host=$PRIMARY_HOST port=${PRIMARY_PORT:-5432} user=portico_replication password=$PGPASSWORD" \
    --pgdata="$PGDATA" --wal-method=stream --slot=portico_replica --write-recovery-conf --checkpoint=fast
fi
# The replica must not archive what the primary has archived already.
exec postgres -c hot_standby=on -c archive_mode=off "$@"
