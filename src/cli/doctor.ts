import type { Command } from 'commander'
import { randomBytes } from 'node:crypto'
import { ConfigError, type Config } from '../config/config'
import { DAY, MINUTE } from '../core/clock'
import { createDataSource } from '../db/data-source'
import { JOB_SCHEMA } from '../db/job-queue'
import { pendingMigrations } from '../db/migrate'
import { assertKeyring, hasKeyring, wrappingKeys } from '../db/keyring-check'
import { openPostgres } from '../db/postgres'
import { assertSupportedVersion, excessivePrivileges } from '../db/privileges'
import { queryableSource } from '../db/queryable'
import { RHYTHM } from '../jobs/pulse'
import { openAvatarStore } from '../modules/avatar/avatar-store'
import { BackupDrillRepository } from '../modules/backup/backup-drill.repository'
import { keyringOf } from '../server/portico'
import { answering } from './command'
import { explain } from './explain'
import { count, span } from './progress-bar'
import { readSettings } from './settings'
import type { DataSource } from 'typeorm'

interface Finding {
  check: string
  state: 'ok' | 'advice' | 'bad'
  /** What was found and, where it is not good, what to do. */
  says: string
}

/** What one check finds: good news as text, or how to mend it. */
type Check = (source: DataSource, config: Config) => Promise<string | Omit<Finding, 'check'>>

export const define = (command: Command): Command =>
  command.action(
    answering(async () => {
      const findings = await examine()
      const marks = { ok: '✓', advice: '!', bad: '✗' }
      const text = findings.map(({ check, state, says }) => `${marks[state]} ${check}: ${says}`).join('\n')
      return { json: { findings }, text, isBad: findings.some(({ state }) => state === 'bad') }
    }),
  )

async function examine(): Promise<Finding[]> {
  let config: Config
  try {
    config = readSettings()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems.map((says) => ({ check: 'configuration', state: 'bad', says }))
  }
  const findings: Finding[] = [
    { check: 'configuration', state: 'ok', says: `complete for ${config.environment}` },
  ]
  try {
    const postgres = await openPostgres(config, { join: true, log: () => undefined })
    const source = createDataSource({ url: postgres.appUrl, entities: [], poolSize: 1 })
    try {
      await source.initialize()
      for (const [check, work] of Object.entries(CHECKS)) {
        findings.push(await examineOne(check, () => work(source, config)))
      }
    } finally {
      if (source.isInitialized) await source.destroy()
      await postgres.stop()
    }
  } catch (error) {
    findings.push({ check: 'database', state: 'bad', says: explain(error) })
  }
  return findings
}

async function examineOne(check: string, work: () => ReturnType<Check>): Promise<Finding> {
  try {
    const found = await work()
    return { check, ...(typeof found === 'string' ? { state: 'ok', says: found } : found) }
  } catch (error) {
    return { check, state: 'bad', says: explain(error) }
  }
}

/** A difference beyond this, in milliseconds, makes sessions and codes expire at the wrong time. */
const TOLERATED_SKEW = 1_000

/** A job that is due and not begun for longer, in milliseconds, is waiting for somebody who does not come. */
const TOLERATED_WAIT = 5 * MINUTE

/** A backup that was last tried so many milliseconds ago proves little about those that came after. */
const TOLERATED_SILENCE = 30 * DAY

/** The trail is compared with its seals each night; in milliseconds. */
const TOLERATED_PAUSE = 3 * DAY

const CHECKS: Record<string, Check> = {
  database: async (source) => {
    await assertSupportedVersion(source)
    const [row] = await source.query<{ version: string; isEncrypted: boolean; isLocal: boolean }[]>(
      `SELECT current_setting('server_version') AS version,
         coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS "isEncrypted",
         inet_client_addr() IS NULL OR inet_client_addr() <<= '127.0.0.0/8' OR inet_client_addr() = '::1' AS "isLocal"`,
    )
    const { version, isEncrypted, isLocal } = row!
    if (isEncrypted || isLocal) return `PostgreSQL ${version}${isEncrypted ? ', over TLS' : ''}`
    return {
      state: 'advice',
      says: `PostgreSQL ${version}, reached in clear: add ?sslmode=verify-full&sslrootcert=… to DATABASE_URL and DATABASE_OWNER_URL`,
    }
  },

  clock: async (source) => {
    const before = Date.now()
    const [row] = await source.query<{ now: Date }[]>('SELECT clock_timestamp() AS now')
    const difference = Math.round(row!.now.getTime() - (before + Date.now()) / 2)
    if (Math.abs(difference) <= TOLERATED_SKEW) return 'agrees with the database'
    return { state: 'bad', says: `${difference} ms behind the database's: synchronise both machines (NTP)` }
  },

  migrations: async (source) => {
    const pending = await pendingMigrations(source)
    if (pending.length === 0) return 'none pending'
    return { state: 'bad', says: `${pending.join(', ')} pending: run \`portico migrate\`` }
  },

  privileges: async (source, { environment }) => {
    const excesses = await excessivePrivileges(source)
    if (excesses.length === 0) return 'the role of requests works with rows, and can do nothing else'
    return {
      state: environment === 'production' ? 'bad' : 'advice',
      says: `the role of DATABASE_URL ${excesses.join('; it ')}: give requests a role of their own before production`,
    }
  },

  keyring: async (source, config) => {
    const db = queryableSource(source)
    if (!(await hasKeyring(db)) && config.environment !== 'production') {
      return 'nothing is encrypted yet; the first start makes a keyring where there is none'
    }
    const keyring = keyringOf(config)
    await assertKeyring(db, keyring)
    const inUse = await wrappingKeys(db)
    const old = inUse.filter((id) => id !== keyring.activeKeyId)
    if (old.length === 0) return `is the database's; all data keys are under "${keyring.activeKeyId}"`
    return {
      state: 'advice',
      says: `is the database's; data keys are still under ${old.map((id) => `"${id}"`).join(', ')}: run \`portico keys rotate\``,
    }
  },

  workers: async (source) => {
    const [row] = await source.query<{ count: number }[]>(
      `SELECT count(*)::int AS count FROM job_workers WHERE seen_at >= now() - $1 * interval '1 millisecond'`,
      [RHYTHM.silence],
    )
    if (row!.count > 0) return `background jobs are done by ${row!.count}`
    return {
      state: 'advice',
      says: 'no process does background jobs at the moment: start Portico, in one process at least with a JOB_CONCURRENCY above 0',
    }
  },

  jobs: async (source) => {
    const found = await source.query<{ task: string; failed: number; late: number }[]>(
      `SELECT task_identifier AS task, (count(*) FILTER (WHERE attempts >= max_attempts))::int AS failed,
         (count(*) FILTER (WHERE attempts < max_attempts))::int AS late
       FROM ${JOB_SCHEMA}.jobs
       WHERE locked_at IS NULL AND (attempts >= max_attempts OR run_at < now() - $1 * interval '1 millisecond')
       GROUP BY task_identifier ORDER BY task_identifier`,
      [TOLERATED_WAIT],
    )
    const told = (state: 'failed' | 'late') =>
      found.flatMap(({ task, [state]: count }) => (count > 0 ? [`${count} × ${task}`] : [])).join(', ')
    const [late, failed] = [told('late'), told('failed')]
    if (late === '' && failed === '') return 'none has failed for good, and none waits for long'
    const says = [
      late && `due for more than ${TOLERATED_WAIT / MINUTE} minutes and not begun: ${late}`,
      failed &&
        `failed for good: ${failed}; the reasons are in the log, and in last_error of ${JOB_SCHEMA}.jobs`,
    ]
    return { state: late === '' ? 'advice' : 'bad', says: says.filter(Boolean).join('. ') }
  },

  trail: async (source) => {
    const [last] = await source.query<
      { day: string; age: number; action: string; details: { rows: number } }[]
    >(
      `SELECT to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, action, details,
         (extract(epoch FROM now() - occurred_at) * 1000)::float8 AS age
       FROM audit_events WHERE action IN ('audit.verified', 'audit.tampered') ORDER BY occurred_at DESC, id DESC LIMIT 1`,
    )
    if (!last)
      return { state: 'advice', says: 'not compared with its seals yet: `portico audit verify` does so' }
    if (last.action === 'audit.tampered')
      return {
        state: 'bad',
        says: `not what was sealed, as of ${last.day}: \`portico audit verify\` tells what`,
      }
    const says = `what was sealed, as of ${last.day}: ${count(last.details.rows)} rows`
    if (last.age <= TOLERATED_PAUSE) return says
    return { state: 'advice', says: `${says}; compare it again with \`portico audit verify\`` }
  },

  'privacy requests': async (source) => {
    const [row] = await source.query<{ open: number; overdue: number }[]>(
      `SELECT count(*)::int AS open, (count(*) FILTER (WHERE due_at < now()))::int AS overdue
       FROM privacy_requests WHERE status IN ('received', 'in-progress')`,
    )
    const { open, overdue } = row!
    if (overdue === 0) return open === 0 ? 'none is open' : `${open} open, none overdue`
    return {
      state: 'bad',
      says: `${overdue} of ${open} should have been answered by now (GDPR art. 12(3)): see Query.privacyRequests with overdue: true`,
    }
  },

  avatars: async (_source, { avatars }) => {
    const where = 'bucket' in avatars ? avatars.bucket.url : avatars.folder
    const store = openAvatarStore({ avatars })
    const [name, bytes] = [`probe-${randomBytes(8).toString('hex')}`, randomBytes(16)]
    try {
      await store.put(name, bytes, 'application/octet-stream')
      if ((await store.read(name))?.equals(bytes) !== true)
        return { state: 'bad', says: `${where} does not give back what is put there` }
    } finally {
      await store.remove(name)
    }
    return `${where} takes files, gives them back and removes them`
  },

  backups: async (source) => {
    const drill = await new BackupDrillRepository(queryableSource(source)).last()
    if (drill === null) {
      return {
        state: 'advice',
        says: 'none has been tried yet: `portico backup`, then `portico backup verify`',
      }
    }
    const { archive, startedAt, takenAt, seconds, problem } = drill
    const day = startedAt.toISOString().slice(0, 10)
    if (problem !== null)
      return { state: 'bad', says: `${archive} could not be restored on ${day}: ${problem}` }
    const says = `${archive} was restored on ${day} in ${span(seconds)}, ${span((startedAt.getTime() - takenAt!.getTime()) / 1_000)} old`
    if (Date.now() - startedAt.getTime() <= TOLERATED_SILENCE) return says
    return { state: 'advice', says: `${says}; try one again with \`portico backup verify\`` }
  },
}
