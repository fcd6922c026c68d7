import type { Database } from './database'
import { untilUnlocked } from './lock-timeout'

/** A partition of a table by time. */
export interface Partition {
  name: string
  /** Its rows are from this moment on; null where they are of any time before `until`. */
  from: Date | null
  /** Its rows are from before. */
  until: Date
}

/**
 * The partitions of a table of which every row is older than an interval of PostgreSQL, the oldest first. Rows of the default partition
 * stay: nobody knows how old they are together. PostgreSQL's clock decides, as it does when one is dropped, unless ours is behind it.
 */
export async function pastPartitionsOf(db: Database, table: string, kept: string): Promise<Partition[]> {
  return db.query<Partition>(
    `SELECT name, "from", until FROM (
       SELECT relname AS name, substring(bound FROM $$FROM \\('([^']+)'\\)$$)::timestamptz AS "from",
         substring(bound FROM $$TO \\('([^']+)'\\)$$)::timestamptz AS until
       FROM (SELECT relname, pg_get_expr(relpartbound, oid) AS bound FROM pg_class
             WHERE oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = $1::regclass)) partition
     ) partition
     WHERE until AT TIME ZONE 'UTC' <= least(now(), $2::timestamptz) AT TIME ZONE 'UTC' - $3::interval ORDER BY until`,
    [`public.${table}`, db.now, kept],
  )
}

/** Makes the partitions of the months to come that are not there yet, by a function of the owner's; returns their names. */
export async function makePartitions(
  db: Database,
  make: 'make_trail_partitions' | 'make_activity_partitions',
  stopping: AbortSignal,
): Promise<string[]> {
  const made = await untilUnlocked(
    () => db.query<{ name: string }>(`SELECT name FROM ${make}() AS name`),
    stopping,
  )
  return made.map(({ name }) => name)
}
