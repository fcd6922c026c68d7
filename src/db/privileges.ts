import type { DataSource } from 'typeorm'
import { JOB_SCHEMA } from './job-queue'
import { APPEND_ONLY, PARTITION_SCHEMA } from './migrate'

const OLDEST_SUPPORTED = 15

/** @throws Error when PostgreSQL is older than 15. */
export async function assertSupportedVersion(source: DataSource): Promise<void> {
  const [row] = await source.query<{ version: string }[]>(
    "SELECT current_setting('server_version_num') AS version",
  )
  const major = Math.floor(Number(row!.version) / 10_000)
  if (major < OLDEST_SUPPORTED) {
    throw new Error(`Portico needs PostgreSQL ${OLDEST_SUPPORTED} or newer; this one is ${major}.`)
  }
}

const SCHEMAS = `('public', '${PARTITION_SCHEMA}', '${JOB_SCHEMA}')`

/** What the role of requests could do beyond working with rows, as PostgreSQL sees it, inherited powers included. */
const EXCESSES: Record<string, string> = {
  'is a superuser': '(SELECT rolsuper FROM pg_roles WHERE rolname = current_user)',
  'may make roles': '(SELECT rolcreaterole FROM pg_roles WHERE rolname = current_user)',
  'owns tables, or is a member of the role that does': `EXISTS (SELECT FROM pg_tables WHERE schemaname IN ${SCHEMAS} AND pg_has_role(tableowner, 'MEMBER'))`,
  'may change the schema': `EXISTS (SELECT FROM pg_namespace WHERE nspname IN ${SCHEMAS} AND has_schema_privilege(oid, 'CREATE'))`,
  [`may change the audit trail (UPDATE, DELETE or TRUNCATE on ${APPEND_ONLY.join(', ')})`]: `EXISTS (
    SELECT FROM unnest(ARRAY[${APPEND_ONLY.map((table) => `'${table}'`).join(', ')}]) name,
      LATERAL (SELECT to_regclass('public.' || name) AS oid UNION SELECT relid FROM pg_partition_tree(to_regclass('public.' || name))) one
    WHERE has_table_privilege(one.oid, 'UPDATE, DELETE, TRUNCATE'))`,
}

/** Everything that the role of this connection may do and the role of requests must not; empty when it is fit. */
export async function excessivePrivileges(source: DataSource): Promise<string[]> {
  const columns = Object.values(EXCESSES).map((condition, index) => `${condition} AS "${index}"`)
  const [row] = await source.query<Record<string, boolean>[]>(`SELECT ${columns.join(', ')}`)
  return Object.keys(EXCESSES).filter((_, index) => row![index])
}

/**
 * Refuses a role for requests that could do harm beyond rows: change the schema, rewrite the trail, be a superuser.
 * @throws Error naming all that it could do.
 */
export async function assertLeastPrivilege(source: DataSource): Promise<void> {
  const excesses = await excessivePrivileges(source)
  if (excesses.length === 0) return
  throw new Error(
    [
      'The role of DATABASE_URL may do too much. Give requests a role of their own; it',
      ...excesses.map((excess) => `  - ${excess}`),
      'Migrations run as another role, given in DATABASE_OWNER_URL.',
    ].join('\n'),
  )
}
