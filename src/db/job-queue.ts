import { migrations } from 'graphile-worker/dist/generated/sql'
import type { DataSource } from 'typeorm'
import type { Database } from './database'
import { connectionsOf } from './data-source'

/** Where the job queue stands: tables and functions of graphile-worker, whose public view is `jobs`. */
export const JOB_SCHEMA = 'graphile_worker'

/** The schema of the queue that the installed graphile-worker needs, as one migration that follows all of ours. */
export const JOB_REVISION = Math.max(...Object.keys(migrations).map((file) => parseInt(file, 10)))
export const JOB_MIGRATION = `${JOB_SCHEMA}_${JOB_REVISION}`

/** The queue's migration where the database lacks it or this role may not look, else nothing. */
export async function pendingJobMigrations(source: DataSource): Promise<string[]> {
  const [found] = await source.query<{ isThere: boolean }[]>(
    `SELECT EXISTS (
       SELECT FROM pg_class JOIN pg_namespace namespace ON namespace.oid = relnamespace
       WHERE nspname = $1 AND relname = 'migrations'
         AND has_schema_privilege(namespace.oid, 'USAGE') AND has_table_privilege(pg_class.oid, 'SELECT')
     ) AS "isThere"`,
    [JOB_SCHEMA],
  )
  if (!found!.isThere) return [JOB_MIGRATION]
  const [{ revision } = { revision: 0 }] = await source.query<{ revision: number }[]>(
    `SELECT id AS revision FROM ${JOB_SCHEMA}.migrations ORDER BY id DESC LIMIT 1`,
  )
  return JOB_REVISION > revision ? [JOB_MIGRATION] : []
}

/** Brings the queue's schema up to date, as its owner. Each step is a transaction, so that it goes on where it was cut off. */
export async function migrateJobQueue(source: DataSource): Promise<string[]> {
  const pending = await pendingJobMigrations(source)
  if (pending.length === 0) return []
  const { Logger, runMigrations } = await import('graphile-worker')
  const logger = new Logger(() => () => undefined)
  // It complains of a pool on which nobody listens; our connections do so themselves.
  const pgPool = connectionsOf(source).on('connect', () => undefined)
  await runMigrations({ pgPool, schema: JOB_SCHEMA, logger })
  // Without a policy, row level security shows the rows to their owner alone. Who may see them is what is granted.
  await source.query(`DO $$ DECLARE name regclass; BEGIN
    FOR name IN SELECT oid FROM pg_class WHERE relnamespace = '${JOB_SCHEMA}'::regnamespace AND relrowsecurity LOOP
      EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', name);
    END LOOP;
  END $$`)
  return pending
}

/** What the role of requests may do with the queue, as SQL; `role` is quoted already. */
export const jobPrivileges = (role: string): string => `
  GRANT USAGE ON SCHEMA ${JOB_SCHEMA} TO ${role};
  GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${JOB_SCHEMA} TO ${role};
  REVOKE INSERT, UPDATE, DELETE ON ${JOB_SCHEMA}.migrations FROM ${role};
  GRANT SELECT ON ALL SEQUENCES IN SCHEMA ${JOB_SCHEMA} TO ${role};
`

/**
 * How many jobs there are in each state: due and not begun, due later (another try, too), being done, and given up after their
 * last try.
 */
export interface JobCounts {
  waiting: number
  later: number
  running: number
  failed: number
}

export async function countJobs(db: Database): Promise<JobCounts> {
  const count = (condition: string) => `(count(*) FILTER (WHERE ${condition}))::int`
  const [counts] = await db.query<JobCounts>(
    `SELECT ${count('is_free AND run_at <= now()')} AS waiting, ${count('is_free AND run_at > now()')} AS later,
       ${count('locked_at IS NOT NULL')} AS running, ${count('locked_at IS NULL AND NOT is_free')} AS failed
     FROM (SELECT *, locked_at IS NULL AND attempts < max_attempts AS is_free FROM ${JOB_SCHEMA}.jobs) job`,
  )
  return counts!
}
