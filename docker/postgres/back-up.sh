#!/bin/bash
# Backs up once a day (UTC): in full once a week, else what has changed since. Whatever is older than its time then goes.
# Asked often, so that what failed is tried again, and a machine that was off makes up for it.
set -euo pipefail
export TZ=UTC

pgbackrest --stanza=portico stanza-create

# A label is its beginning: 20261129-093742F in full, 20261129-093742F_20261130-000411D not.
info=$(pgbackrest --stanza=portico --log-level-console=off --output=json info)
labels=$(grep -oE '"label":"[^"]+"' <<<"$info" | cut -d'"' -f4 || true)
newest=$(sed 's/.*_//' <<<"$labels" | cut -c1-8 | sort | tail -n 1)
newest_full=$(cut -c1-8 <<<"$labels" | sort | tail -n 1)

if [ "$newest" = "$(date +%Y%m%d)" ]; then exit; fi
if [[ "$newest_full" > "$(date -d '7 days ago' +%Y%m%d)" ]]; then type=diff; else type=full; fi
pgbackrest --stanza=portico check
pgbackrest --stanza=portico --type=$type backup
