import { createDataSource } from './data-source'

/** Tables that the role of requests may add to and read, but never change: the trail. */
const APPEND_ONLY = ['audit_events']

/** Any number that no other user of the database's advisory locks takes. */
const MIGRATION_LOCK = 7_404_253_001

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
export async function migrate({ ownerUrl, appUrl }: MigrateOptions): Promise<string[]> {
  const source = await createDataSource({
    url: ownerUrl,
    entities: [],
    poolSize: 2,
    statementTimeout: 0,
  }).initialize()
  const lock = source.createQueryRunner()
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK])
    const ran = await source.runMigrations()
    const appRole = decodeURIComponent(new URL(appUrl).username)
    const [{ owner } = { owner: '' }] = (await lock.query('SELECT current_user AS owner')) as {
      owner: string
    }[]
    if (appRole !== owner) await lock.query(privileges(appRole))
    return ran.map((migration) => migration.name)
  } finally {
    await lock.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined)
    await lock.release()
    await source.destroy()
  }
}

/** What the role of requests may do: work with rows; neither change the schema nor rewrite the trail. */
function privileges(role: string): string {
  const quoted = `"${role.replaceAll('"', '""')}"`
  return `
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    GRANT USAGE ON SCHEMA public TO ${quoted};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${quoted};
    REVOKE UPDATE, DELETE, TRUNCATE ON ${APPEND_ONLY.join(', ')} FROM ${quoted};
    REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON schema_migrations FROM ${quoted};
  `
}
