import { escapeIdentifier, type ClientBase } from 'pg'
import { MIGRATION_TABLE } from '../../db/data-source'
import { KEY_TABLE } from '../../db/data-key.entity'
import { JOB_SCHEMA } from '../../db/job-queue'

/*
 * What there is to back up, as PostgreSQL's catalogue has it: every table of Portico's schemas, jobs and sessions included, so
 * that a restored Portico goes on where it stood. A new table comes in by itself.
 */

const SCHEMAS = ['public', JOB_SCHEMA]

/** They say which migrations have run here, and running them writes them. */
const BOOKS = [`public.${MIGRATION_TABLE}`, `${JOB_SCHEMA}.migrations`]

/** Goes into a file of its own. */
export const KEYS = `public.${KEY_TABLE}`

export interface Table {
  /** With its schema, quoted as SQL needs it. */
  name: string
  /** All that hold something of their own; generated ones follow from them. */
  columns: string[]
  /** Rows go through the table at the root. */
  isPartitioned: boolean
  /** Its partitions, which differ from one database to the next; none in archives from before there were any. */
  partitions?: Partition[]
}

interface Partition {
  /** With its schema, quoted as SQL needs it. */
  name: string
  /** `FOR VALUES …`, or `DEFAULT`. */
  bound: string
}

/** Every table but the books, by name. */
export async function tablesOf(client: ClientBase): Promise<(Table & { size: number })[]> {
  const { rows } = await client.query<Table & { size: string }>(
    `SELECT format('%I.%I', nspname, relname) AS name, relkind = 'p' AS "isPartitioned",
       (SELECT coalesce(sum(pg_table_size(relid)), 0) FROM pg_partition_tree(pg_class.oid)) AS size,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('name', format('%I.%I', place.nspname, part.relname),
          'bound', pg_get_expr(part.relpartbound, part.oid)) ORDER BY place.nspname, part.relname), '[]')
        FROM pg_inherits JOIN pg_class part ON part.oid = inhrelid JOIN pg_namespace place ON place.oid = part.relnamespace
        WHERE inhparent = pg_class.oid AND part.relispartition) AS partitions,
       (SELECT coalesce(array_agg(attname::text ORDER BY attnum), '{}') FROM pg_attribute
        WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '') AS columns
     FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE relkind IN ('r', 'p') AND NOT relispartition AND nspname = ANY ($1)
       AND format('%s.%s', nspname, relname) <> ALL ($2) AND NOT EXISTS (
         SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e')
     ORDER BY nspname, relname`,
    [SCHEMAS, BOOKS],
  )
  return rows.map(({ size, ...table }) => ({ ...table, size: Number(size) }))
}

/** Every sequence but those of the books, by name. */
export async function sequencesOf(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT format('%I.%I', nspname, relname) AS name
     FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE relkind = 'S' AND nspname = ANY ($1) AND NOT EXISTS (
       SELECT FROM pg_depend JOIN pg_class owner ON owner.oid = refobjid
       JOIN pg_namespace place ON place.oid = owner.relnamespace
       WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid
         AND (deptype = 'e' OR format('%s.%s', place.nspname, owner.relname) = ANY ($2)))
     ORDER BY nspname, relname`,
    [SCHEMAS, BOOKS],
  )
  return rows.map(({ name }) => name)
}

export interface Migrations {
  /** Ours, oldest first. */
  migrations: string[]
  /** The last one of the job queue's. */
  jobRevision: number
}

/** What the books say; nothing where the database is new. */
export async function migrationsOf(client: ClientBase): Promise<Migrations> {
  const [ours, jobs] = BOOKS as [string, string]
  const { rows } = await client.query<{ hasOurs: boolean; hasJobs: boolean }>(
    'SELECT to_regclass($1) IS NOT NULL AS "hasOurs", to_regclass($2) IS NOT NULL AS "hasJobs"',
    [ours, jobs],
  )
  const { hasOurs, hasJobs } = rows[0]!
  const names = hasOurs ? await client.query<{ name: string }>(`SELECT name FROM ${ours} ORDER BY id`) : null
  const revision = hasJobs
    ? await client.query<{ last: number | null }>(`SELECT max(id) AS last FROM ${jobs}`)
    : null
  return {
    migrations: names?.rows.map(({ name }) => name) ?? [],
    jobRevision: revision?.rows[0]?.last ?? 0,
  }
}

export const copyOut = ({ name, columns, isPartitioned }: Table): string =>
  isPartitioned
    ? `COPY (SELECT ${quoted(columns)} FROM ${name}) TO STDOUT`
    : `COPY ${name} (${quoted(columns)}) TO STDOUT`

/** Into a table that was emptied in the same transaction: nobody else can have seen its rows, so they come frozen. */
export const copyIn = ({ name, columns, isPartitioned }: Table): string =>
  `COPY ${name} (${quoted(columns)}) FROM STDIN${isPartitioned ? '' : ' WITH (FREEZE)'}`

const quoted = (columns: readonly string[]): string => columns.map(escapeIdentifier).join(', ')

/** Gives an empty table the partitions that it had, in place of those that a migration has made. */
export function repartition({ name, partitions = [] }: Table, present: readonly Partition[]): string[] {
  if (partitions.length === 0) return []
  return [
    ...present.map((partition) => `DROP TABLE ${partition.name}`),
    ...partitions.map(
      (partition) => `CREATE TABLE ${partition.name} PARTITION OF ${name} ${partition.bound}`,
    ),
  ]
}

/** What would stand in the way of rows, as statements that take it away and that put it back as it was. */
export interface Obstacles {
  remove: string[]
  putBack: string[]
}

/**
 * Triggers, which would fill derived tables a second time; foreign keys, which want an order that circles do not have; and
 * indexes, with the constraints that stand on them, which are built faster than they are kept. The names are qualified where the
 * search path of the connection is empty.
 */
export async function obstaclesOf(client: ClientBase): Promise<Obstacles> {
  const { rows } = await client.query<{ remove: string; back: string }>(
    `WITH mine AS (
       SELECT pg_class.oid, relkind FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
       WHERE nspname = ANY ($1) AND relkind IN ('r', 'p') AND NOT relispartition
     )
     SELECT 1 AS step, format('ALTER TABLE %s DISABLE TRIGGER %I', tgrelid::regclass, tgname) AS remove,
       format('ALTER TABLE %s ENABLE %s TRIGGER %I', tgrelid::regclass,
         CASE tgenabled WHEN 'R' THEN 'REPLICA' WHEN 'A' THEN 'ALWAYS' ELSE '' END, tgname) AS back
     FROM pg_trigger JOIN mine ON mine.oid = tgrelid WHERE NOT tgisinternal AND tgenabled <> 'D'
     UNION ALL
     SELECT CASE contype WHEN 'f' THEN 2 ELSE 3 END, format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
       format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(pg_constraint.oid))
     FROM pg_constraint JOIN mine ON mine.oid = conrelid WHERE contype IN ('f', 'p', 'u', 'x') AND conparentid = 0
     UNION ALL
     -- Of a partitioned table it would be of that table only.
     SELECT 4, format('DROP INDEX %s', indexrelid::regclass), regexp_replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ')
     FROM pg_index JOIN mine ON mine.oid = indrelid
     WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x'))
     ORDER BY step, remove`,
    [SCHEMAS],
  )
  return {
    remove: rows.map(({ remove }) => remove),
    // A foreign key may lead to a column whose uniqueness is an index.
    putBack: rows.map(({ back }) => back).reverse(),
  }
}
