import type { DataSource, MixedList, QueryRunner } from 'typeorm'
import { migrations } from '../../migrations/migrations'
import { createDataSource, MIGRATION_TABLE } from './data-source'
import { jobPrivileges, migrateJobQueue, pendingJobMigrations } from './job-queue'
import { LOCKS } from './locks'

/** Tables that the role of requests may add to and read, but never change: the trail with its seals, the ledgers of consents and erasures. */
export const APPEND_ONLY = [
  'audit_events',
  'access_records',
  'audit_seals',
  'audit_seal_entries',
  'consents',
  'erasure_ledger',
]

/**
 * Where partitions stand. The role of requests may do nothing there, not even look: PostgreSQL asks for its privileges on the
 * table that they are partitions of, and on nothing else.
 */
export const PARTITION_SCHEMA = 'partitions'

export interface MigrateOptions {
  /** The role that owns the schema. */
  ownerUrl: string
  /** The role that requests run as; it receives the privileges to work with rows, and no others. */
  appUrl: string
}

/**
 * Brings the schema up to date; returns the names of the migrations that ran. Processes that start together take turns,
 * so each migration runs once.
 */
export const migrate = ({ ownerUrl, appUrl }: MigrateOptions): Promise<string[]> =>
  underLock(ownerUrl, migrations, async (source, lock) => {
    const ran = await runAll(source)
    const appRole = decodeURIComponent(new URL(appUrl).username)
    const [{ owner } = { owner: '' }] = (await lock.query('SELECT current_user AS owner')) as {
      owner: string
    }[]
    if (appRole !== owner) await lock.query(privileges(appRole))
    return ran
  })

/**
 * Brings an older schema, or none, to where it was after the migration of this name, for rows of that time. `migrate` goes on
 * from there; until then nobody but the owner may use it.
 */
export const migrateThrough = (ownerUrl: string, name: string): Promise<string[]> =>
  underLock(ownerUrl, migrations.slice(0, migrationNames.indexOf(name) + 1), runAll)

/** The names of our migrations, oldest first. */
export const migrationNames: readonly string[] = migrations.map((migration) => migration.name)

async function runAll(source: DataSource): Promise<string[]> {
  const ran = (await source.runMigrations()).map((migration) => migration.name)
  return [...ran, ...(await migrateJobQueue(source))]
}

async function underLock<Result>(
  ownerUrl: string,
  known: MixedList<Function>,
  work: (source: DataSource, lock: QueryRunner) => Promise<Result>,
): Promise<Result> {
  const source = await createDataSource({
    url: ownerUrl,
    entities: [],
    migrations: known,
    poolSize: 2,
    statementTimeout: 0,
  }).initialize()
  const lock = source.createQueryRunner()
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [LOCKS.migration])
    return await work(source, lock)
  } finally {
    await lock.query('SELECT pg_advisory_unlock($1)', [LOCKS.migration]).catch(() => undefined)
    await lock.release()
    await source.destroy()
  }
}

/** The names of the migrations that this version of Portico has and the database has not, oldest first. */
export async function pendingMigrations(source: DataSource): Promise<string[]> {
  const table = await source.query<{ exists: boolean }[]>(
    "SELECT to_regclass('public.schema_migrations') IS NOT NULL AS exists",
  )
  const ran = table[0]!.exists
    ? await source.query<{ name: string }[]>('SELECT name FROM schema_migrations')
    : []
  const known = new Set(ran.map(({ name }) => name))
  const ours = source.migrations.map((migration) => migration.name ?? migration.constructor.name)
  return [...ours.filter((name) => !known.has(name)), ...(await pendingJobMigrations(source))]
}

/** For a process that has no right to migrate; none has run then. @throws Error when the database lacks a migration. */
export async function assertMigrated(source: DataSource): Promise<[]> {
  const pending = await pendingMigrations(source)
  if (pending.length === 0) return []
  throw new Error(
    `The database lacks ${pending.length} ${pending.length === 1 ? 'migration' : 'migrations'}: run \`portico migrate\`, or set DATABASE_OWNER_URL.`,
  )
}

/** What the role of requests may do: work with rows; neither change the schema nor rewrite the trail. Backups read sequences too. */
function privileges(role: string): string {
  const quoted = `"${role.replaceAll('"', '""')}"`
  return `
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    GRANT USAGE ON SCHEMA public TO ${quoted};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${quoted};
    REVOKE UPDATE, DELETE, TRUNCATE ON ${APPEND_ONLY.join(', ')} FROM ${quoted};
    REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON ${MIGRATION_TABLE} FROM ${quoted};
    GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO ${quoted};
    GRANT EXECUTE ON FUNCTION make_trail_partitions(), drop_trail_partition(text), make_activity_partitions(), drop_activity_partition(text) TO ${quoted};
    ${jobPrivileges(quoted)}
  `
}
