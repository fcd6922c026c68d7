import type { DataSource } from 'typeorm'

const OLDEST_SUPPORTED = 15

/** @throws Error when PostgreSQL is older than 15. */
export async function assertSupportedVersion(source: DataSource): Promise<void> {
  const [row] = await source.query<{ version: string }[]>("SELECT current_setting('server_version_num') AS version")
  const major = Math.floor(Number(row!.version) / 10_000)
  if (major < OLDEST_SUPPORTED) throw new Error(`Portico needs PostgreSQL ${OLDEST_SUPPORTED} or newer; this one is ${major}.`)
}

/**
 * Refuses a role for requests that could do harm beyond rows: own tables, rewrite the trail, or be a superuser.
 * @throws Error
 */
export async function assertLeastPrivilege(source: DataSource): Promise<void> {
  const [role] = await source.query<{ owns: boolean; rewrites: boolean; superuser: boolean }[]>(`
    SELECT
      EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user) AS owns,
      has_table_privilege('audit_events', 'UPDATE') OR has_table_privilege('audit_events', 'DELETE')
        OR has_table_privilege('audit_events', 'TRUNCATE') AS rewrites,
      (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser`)
  if (role?.superuser) throw new Error('The role of DATABASE_URL is a superuser. Give Portico a role of its own that is not.')
  if (role?.owns) throw new Error('The role of DATABASE_URL owns tables. Run migrations as another role, given in DATABASE_OWNER_URL.')
  if (role?.rewrites) throw new Error('The role of DATABASE_URL may change the audit trail. Revoke UPDATE, DELETE and TRUNCATE on audit_events.')
}
