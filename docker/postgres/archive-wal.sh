#!/bin/sh
# PostgreSQL's archive_command: keeps a finished segment of the write-ahead log, whole or not at all, for 35 days. The
# segments hold the data keys of people who were erased meanwhile, so they must not be kept longer.
set -eu

source=$1
target=$WAL_ARCHIVE/$2

# Asked twice after a crash: fine if it is the same, wrong if another cluster archives to this place.
if [ -e "$target" ]; then exec cmp -s "$source" "$target"; fi

cp "$source" "$target.part"
sync "$target.part"
mv "$target.part" "$target"
find "$WAL_ARCHIVE" -type f -mtime +35 -delete
