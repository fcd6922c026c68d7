import type { Command } from 'commander'
import { ConfigError, type Config } from '../config/config'
import { DAY, MINUTE } from '../core/clock'
import { createDataSource } from '../db/data-source'
import { JOB_SCHEMA } from '../db/job-queue'
import { pendingMigrations } from '../db/migrate'
import { openPostgres } from '../db/postgres'
import { assertSupportedVersion, excessivePrivileges } from '../db/privileges'
import { RHYTHM } from '../jobs/pulse'
import { BackupDrillRepository } from '../modules/backup/backup-drill.repository'
import { keyringOf } from '../server/portico'
import { answering } from './command'
import { explain } from './explain'
import { span } from './progress-bar'
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

const CHECKS: Record<string, Check> = {
  database: async (source) => {
    await assertSupportedVersion(source)
    const [row] = await source.query<{ version: string }[]>(
      "SELECT current_setting('server_version') AS version",
    )
    return `PostgreSQL ${row!.version}`
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
    const keyring = keyringOf(config)
    // One of each kind: the bytes before the ciphertext name the key that wraps it.
    const samples = await source.query<{ owner_id: string; wrapped: Buffer; count: number }[]>(`
      SELECT DISTINCT ON (substring(wrapped FROM 1 FOR 2 + get_byte(wrapped, 1))) owner_id, wrapped,
        (count(*) OVER ())::int AS count
      FROM data_keys`)
    for (const { owner_id, wrapped } of samples) keyring.unwrap(wrapped, owner_id)
    return samples.length === 0
      ? 'ready; nothing is encrypted yet'
      : `opens the ${samples[0]!.count} stored data keys`
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

  backups: async (source) => {
    const query = <Row>(sql: string, parameters?: unknown[]) => source.query<Row[]>(sql, parameters)
    const drill = await new BackupDrillRepository({ query }).last()
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
