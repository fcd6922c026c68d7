import { randomBytes } from 'node:crypto'
import { basename } from 'node:path'
import type { ClientBase } from 'pg'
import { DAY, SECOND } from '../../core/clock'
import { newId } from '../../core/id'
import { BackupRefused } from './archive'
import type { BackupDrill } from './backup-drill.entity'
import { connected } from '../../db/connection'
import { restoreBackup, type RestoreOptions, type Restored } from './restore-backup'

export interface DrillOutcome {
  drill: BackupDrill
  /** What was restored; null where it could not be. */
  restored: Restored | null
  /** Why it could not be, as it was thrown; null where it could. */
  error: Error | null
}

const SCRATCH = 'portico_drill_'
const INSUFFICIENT_PRIVILEGE = '42501'

/**
 * Restores a backup into a database of its own on the same server, compares, and drops it again: whether it can be restored,
 * and how long that takes. `target` names the live database, which is not touched.
 * @throws BackupRefused where no such database can be made. A backup that cannot be restored is an answer.
 */
export async function tryBackup({ target, ...options }: RestoreOptions): Promise<DrillOutcome> {
  const start = performance.now()
  const { name, startedAt } = await connected(target.ownerUrl, async (client) => {
    // The clock by which backups are dated.
    const { rows } = await client.query<{ now: Date }>('SELECT now() AS now')
    await dropForgotten(client, rows[0]!.now)
    return { name: await create(client, rows[0]!.now), startedAt: rows[0]!.now }
  })
  const of = (restored: Restored | null, error: Error | null): DrillOutcome => ({
    drill: {
      id: newId(startedAt),
      archive: basename(options.archive),
      takenAt: restored?.takenAt ?? null,
      startedAt,
      seconds: (performance.now() - start) / SECOND,
      rows: String(restored?.rows ?? 0),
      problem: error === null ? null : describe(error),
    },
    restored,
    error,
  })
  try {
    const scratch = { ownerUrl: inDatabase(target.ownerUrl, name), appUrl: inDatabase(target.appUrl, name) }
    return of(await restoreBackup({ ...options, target: scratch }), null)
  } catch (error) {
    // Whoever stops a drill has learnt nothing about the backup.
    options.signal?.throwIfAborted()
    return of(null, error as Error)
  } finally {
    await connected(target.ownerUrl, (client) => drop(client, name))
  }
}

/** Makes an empty database, whose name tells when. */
async function create(client: ClientBase, now: Date): Promise<string> {
  const name = `${SCRATCH}${Math.floor(now.getTime() / SECOND)}_${randomBytes(4).toString('hex')}`
  try {
    await client.query(`CREATE DATABASE ${name} TEMPLATE template0`)
  } catch (error) {
    if ((error as { code?: string }).code !== INSUFFICIENT_PRIVILEGE) throw error
    throw new BackupRefused(
      'The role of DATABASE_OWNER_URL may not make the database that backups are tried in: ALTER ROLE … CREATEDB.',
    )
  }
  await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`)
  await client.query(`GRANT CONNECT ON DATABASE ${name} TO CURRENT_USER`)
  return name
}

const drop = (client: ClientBase, name: string) =>
  client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`).catch(() =>
    // PostgreSQL's own vacuum may not be ended by force, but makes way for one who waits.
    client.query(`DROP DATABASE IF EXISTS ${name}`),
  )

/** Drops what drills left behind whose process was killed, a day later. */
async function dropForgotten(client: ClientBase, now: Date): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT datname AS name FROM pg_database WHERE starts_with(datname, $1) AND pg_has_role(datdba, 'USAGE')`,
    [SCRATCH],
  )
  for (const { name } of rows) {
    const madeAt = Number(/^portico_drill_(\d+)_[0-9a-f]{8}$/.exec(name)?.[1] ?? Infinity) * SECOND
    if (madeAt < now.getTime() - DAY) await drop(client, name)
  }
}

function inDatabase(url: string, database: string): string {
  const changed = new URL(url)
  changed.pathname = `/${database}`
  return changed.toString()
}

/** What is kept of it: PostgreSQL's own words may quote rows. */
function describe(error: Error): string {
  if (error instanceof BackupRefused) return error.message
  const { code, name } = error as Error & { code?: string }
  return `It failed (${code ?? name}).`
}
