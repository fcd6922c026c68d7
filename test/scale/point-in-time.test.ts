import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { readConfig } from '../../src/config/config'
import { authorityOf } from '../../src/core/authority'
import { newId, type Id } from '../../src/core/id'
import { createAccount } from '../../src/modules/authentication/create-account'
import { ErasureService } from '../../src/modules/erasure/erasure.service'
import { eraseDue } from '../../src/modules/erasure/erasure.task'
import { publishLedger } from '../../src/modules/erasure/ledger.task'
import { sealNewEvents } from '../../src/modules/audit/audit.task'
import { PostService } from '../../src/modules/post/post.service'
import type { Database } from '../../src/db/database'
import type { Task } from '../../src/db/task'
import { createLog } from '../../src/server/log'
import { layFoundation, type Foundation } from '../../src/server/portico'
import { PorticoProcess, ROOT } from '../cli/portico-process'
import { DebianPostgres, debianPrograms } from '../support/debian-postgres'
import { testServer } from '../support/test-server'
import { until } from '../support/until'

/*
 * docker/postgres/point-in-time-recovery.md, walked through: its commands, the settings of docker-compose.yml and the scripts that
 * it mounts, on Debian's PostgreSQL and pgBackRest.
 */

const SCRIPTS = join(ROOT, 'docker/postgres')
const RUNBOOK = readFileSync(join(SCRIPTS, 'point-in-time-recovery.md'), 'utf8')

/** What docker-compose.yml starts the primary with. */
const SETTINGS = [
  ...readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8').matchAll(/^ +- -c(\w+)=(.+)$/gm),
].map(([, name, value]) => [name!, value!] as const)
const ARCHIVE_TIMEOUT = Number(new Map(SETTINGS).get('archive_timeout'))

const say = (text: string) => void process.stderr.write(`${text}\n`)
const since = (start: number): string => `${((Date.now() - start) / 1_000).toFixed(1)} s`
const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, 1_000 * seconds))

/** What the runbook asks of PostgreSQL, in the order of its steps: to find the moment, to settle, to end what was revived. */
const [FIND = '', SETTLE = '', END = ''] = [...RUNBOOK.matchAll(/^```sql\n(.*?)^```/gms)].map(
  ([, block]) => block!,
)

/** The words of the runbook's only pgbackrest command that contains `text`. */
function commandWith(text: string): string[] {
  const found = [...RUNBOOK.matchAll(/backup pgbackrest (.*)/g)].map(([, words]) => words!)
  const [command, ...others] = found.filter((words) => words.includes(text))
  if (command === undefined || others.length > 0)
    throw new Error(`Not one command with ${text} in the runbook.`)
  return command
    .split(/ +#/)[0]!
    .match(/(?:'[^']*'|[^ '])+/g)!
    .map((word) => word.replaceAll("'", ''))
}

const programs = debianPrograms()
const hasPgBackRest = (() => {
  try {
    execFileSync('pgbackrest', ['version'])
    return true
  } catch {
    return false
  }
})()
const isHere = programs !== null && hasPgBackRest
if (!isHere)
  say('No point-in-time recovery: Debian’s packages postgresql and pgbackrest are not both installed here.')

let folder: string
let cluster: DebianPostgres
let portico: Foundation | null = null
const logLines: string[] = []

async function query<Row>(role: string, database: string, sql: string): Promise<Row[]> {
  const client = new Client(cluster.url(role, database))
  await client.connect()
  try {
    return (await client.query(sql)).rows as Row[]
  } finally {
    await client.end()
  }
}

const environment = (): Record<string, string> => ({
  DATABASE_URL: cluster.url('portico_app', 'portico'),
  DATABASE_OWNER_URL: cluster.url('portico_owner', 'portico'),
  PORTICO_KEYRING: testServer().keyring,
  DATA_DIR: folder,
  BACKUP_DIR: folder,
  DEMO_DATA: 'off',
})

async function startPortico(): Promise<Database> {
  const config = readConfig({ ...environment(), NODE_ENV: 'test' })
  const log = createLog(config, { write: (line: string) => void logLines.push(line) })
  portico = await layFoundation(config, log)
  return portico.db
}

async function stopPortico(): Promise<void> {
  await portico?.stop()
  portico = null
}

const work = ({ work }: Task, db: Database) =>
  work({ db, payload: {}, tell: () => undefined, stopping: new AbortController().signal })

async function command<Answer>(...words: string[]): Promise<Answer> {
  const running = new PorticoProcess(environment(), [process.execPath, 'bin/portico.js', ...words, '--json'])
  const { code, stdout, stderr } = await running.end()
  expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: '' })
  return JSON.parse(stdout) as Answer
}

async function account(db: Database, username: string): Promise<Id> {
  const id = newId(db.now)
  const address = `${username}@example.com`
  await db.transaction((tx) =>
    createAccount(
      tx,
      { id, username, displayName: username, locale: 'en', address, passwordHash: null },
      null,
    ),
  )
  return id
}

const on = (db: Database, userId: Id): Database =>
  db.as({
    viewer: {
      kind: 'signed-in',
      userId,
      sessionId: newId(),
      username: 'somebody',
      authenticatedAt: new Date(),
      ...authorityOf([]),
    },
    requestId: null,
    address: '127.0.0.1',
  })

/** Erases somebody now, and does what the workers then do. */
async function erase(db: Database, userId: Id): Promise<void> {
  await new ErasureService(on(db, userId)).request()
  await db.query('UPDATE erasures SET erases_at = requested_at WHERE user_id = $1', [userId])
  await work(eraseDue, db)
  await work(publishLedger, db)
}

/** Somebody who writes without end, and notes what PostgreSQL has acknowledged, and when. */
class Writer {
  /** The moment in milliseconds by the id of what was written. */
  readonly ledger = new Map<string, number>()
  private isStopped = false
  private readonly done: Promise<unknown>

  /** `rest` in seconds between two writes. */
  constructor(db: Database, userId: Id, rest = 0) {
    const posts = new PostService(on(db, userId))
    const write = async () => {
      for (let count = 0; !this.isStopped; count++) {
        const { id } = await posts.create({ title: `Post ${count}`, body: 'Words.', tags: [], publish: true })
        this.ledger.set(id, Date.now())
        // Nobody writes so fast, which is not what it is about.
        await db.query('DELETE FROM throttles')
        await pause(rest)
      }
    }
    this.done = Promise.allSettled([write(), write()])
  }

  async stop(): Promise<void> {
    this.isStopped = true
    await this.done
  }

  /** Whether each of the writes is in the database, oldest first. */
  async found(): Promise<{ at: number; isThere: boolean }[]> {
    const rows = await query<{ id: string }>('postgres', 'portico', 'SELECT id FROM posts')
    const there = new Set(rows.map(({ id }) => id))
    return [...this.ledger]
      .map(([id, at]) => ({ at, isThere: there.has(id) }))
      .sort((one, other) => one.at - other.at)
  }
}

/** From the first write that is missing to the end, in seconds. */
const lostBy = (end: number, [first]: { at: number }[]): number =>
  first === undefined ? 0 : Math.round((end - first.at) / 100) / 10

const now = async (): Promise<string> =>
  (await query<{ now: string }>('postgres', 'portico', 'SELECT clock_timestamp()::text AS now'))[0]!.now

/** The steps of the runbook from the empty data folder to a database that takes writes; the seconds that they took. */
async function restore(aside: string, words: string[]): Promise<number> {
  const start = performance.now()
  cluster.run('mv', cluster.data, join(cluster.folder, aside))
  cluster.run('install', '--directory', '--mode=700', cluster.data)
  cluster.run('pgbackrest', ...words)
  cluster.start()
  await until(async () => {
    const [row] = await query<{ recovers: boolean }>(
      'portico_app',
      'portico',
      'SELECT pg_is_in_recovery() AS recovers',
    )
    return !row!.recovers
  })
  return (performance.now() - start) / 1_000
}

const restoreTo = (aside: string, moment: string): Promise<number> =>
  restore(
    aside,
    commandWith('--type=time').map((word) => word.replace(/(?<=--target=).*/, moment)),
  )

/** What the runbook does in the database before anybody else may come. */
async function settle(): Promise<void> {
  for (const statement of SETTLE.split(/;\n/).filter(Boolean)) await query('postgres', 'postgres', statement)
  await query('postgres', 'portico', END)
  // A replica that is copied from here must go on following.
  const left = `SELECT name FROM pg_file_settings WHERE name LIKE 'recovery%' OR name = 'restore_command'`
  expect(await query('postgres', 'postgres', left)).toEqual([])
}

beforeAll(async () => {
  if (!isHere) return
  execFileSync(process.execPath, ['scripts/build.js'], { cwd: ROOT, stdio: 'ignore' })
  folder = mkdtempSync(join(tmpdir(), 'portico-point-in-time-'))
  // Root runs PostgreSQL as somebody else, who has to get there.
  chmodSync(folder, 0o755)
  for (const name of ['pgbackrest.conf', 'back-up.sh', 'initialise.sh'])
    copyFileSync(join(SCRIPTS, name), join(folder, name))
  const place = join(folder, 'postgres')
  cluster = await DebianPostgres.make(programs, place, {
    PGBACKREST_CONFIG: join(folder, 'pgbackrest.conf'),
    PGBACKREST_PG1_PATH: join(place, 'data'),
    PGBACKREST_PG1_SOCKET_PATH: place,
    PGBACKREST_REPO1_PATH: join(place, 'archive'),
    PGBACKREST_REPO1_CIPHER_PASS: 'only for this test',
    PGBACKREST_LOCK_PATH: join(place, 'lock'),
    PGBACKREST_SPOOL_PATH: join(place, 'spool'),
    PORTICO_OWNER_PASSWORD: 'one',
    PORTICO_APP_PASSWORD: 'two',
    REPLICATION_PASSWORD: 'three',
  })
  cluster.environment['PGBACKREST_PG1_PORT'] = String(cluster.port)
})

afterAll(async () => {
  await stopPortico()
  if (!isHere) return
  try {
    cluster.stop('immediate')
  } catch {
    // It was not running.
  }
  rmSync(folder, { recursive: true, force: true })
})

describe('point-in-time recovery', () => {
  const walk = isHere ? test : test.skip
  let ada: Id
  let writing: Id
  let head: string
  /** Before anybody was erased, and before the accident. */
  let earlier: string
  let moment: string
  let ledgerOfErasures: string

  walk('archives from the beginning, and backs up once a day', async () => {
    const settings = SETTINGS.map(([name, value]) => `${name} = '${value}'`)
    expect(settings.filter((line) => line.startsWith('archive'))).toHaveLength(3)
    cluster.run('bash', '-c', 'printf "%s\\n" "$@" >>"$PGDATA/postgresql.conf"', 'settings', ...settings)
    cluster.start()
    cluster.run('bash', join(folder, 'initialise.sh'))
    const db = await startPortico()
    ada = await account(db, 'ada')
    writing = await account(db, 'writer')
    await work(sealNewEvents, db)
    head = (await command<{ head: string }>('audit', 'verify')).head

    const start = Date.now()
    cluster.run('bash', join(folder, 'back-up.sh'))
    say(`Stanza, check and first full backup in ${since(start)}.`)
    cluster.run('bash', join(folder, 'back-up.sh'))
    const [{ backup, cipher }] = JSON.parse(
      cluster.run('pgbackrest', '--stanza=portico', '--log-level-console=off', 'info', '--output=json'),
    ) as [{ backup: { type: string }[]; cipher: string }]
    expect({ types: backup.map(({ type }) => type), cipher }).toEqual({
      types: ['full'],
      cipher: 'aes-256-cbc',
    })
    for (const look of [' check', ' info', ' verify']) cluster.run('pgbackrest', ...commandWith(look))
  })

  walk('goes back to just before an accident: nothing that was committed before it is missing', async () => {
    const { db } = portico!
    const writer = new Writer(db, writing)
    await pause(2)
    earlier = await now()
    await erase(db, ada)
    ledgerOfErasures = readFileSync(join(folder, 'portico.erasures'), 'utf8')
    await pause(3)
    expect(await query('postgres', 'portico', FIND)).toContainEqual(
      expect.objectContaining({ action: 'account.erased' }),
    )
    moment = await now()
    const accident = Date.now()
    await query('portico_owner', 'portico', 'DELETE FROM posts')
    // Until somebody notices.
    await pause(2)
    await writer.stop()
    await stopPortico()
    cluster.stop('fast')

    const seconds = await restoreTo('accident', moment)
    const found = await writer.found()
    const before = found.filter(({ at }) => at <= Date.parse(moment))
    const missing = before.filter(({ isThere }) => !isThere)
    const after = found.filter(({ at, isThere }) => at > accident && !isThere)
    say(
      `Before the accident ${before.length} writes were acknowledged: ${missing.length} are missing, recovery point ${lostBy(accident, missing)} s; ` +
        `the ${after.length} of the ${((found.at(-1)!.at - accident) / 1_000).toFixed(1)} s after it are gone. Recovery time ${seconds.toFixed(1)} s.`,
    )
    expect(before.length).toBeGreaterThan(20)
    expect(missing).toEqual([])
    expect(after.length).toBeGreaterThan(5)

    await settle()
    await startPortico()
    expect(await command('audit', 'verify', '--since', head)).toMatchObject({ ok: true })
    const { findings } = await command<{ findings: { state: string }[] }>('doctor')
    expect(findings.filter(({ state }) => state === 'bad')).toEqual([])
  })

  walk('goes back to before an erasure: at its start Portico erases them again', async () => {
    const person = `SELECT username, status, (SELECT count(wrapped)::int FROM data_keys WHERE owner_id = users.id) AS keys
      FROM users WHERE id = '${ada}'`
    await stopPortico()
    cluster.stop('fast')
    await restoreTo('erasure', earlier)
    expect(await query('postgres', 'portico', person)).toEqual([
      { username: 'ada', status: 'active', keys: 1 },
    ])
    await settle()
    logLines.length = 0
    await startPortico()
    expect(logLines.join('')).toContain('whoever it lists was erased again')
    expect(await query('postgres', 'portico', person)).toEqual([
      { username: expect.stringMatching(/^erased_/), status: 'erased', keys: 0 },
    ])
    expect(readFileSync(join(folder, 'portico.erasures'), 'utf8')).toBe(ledgerOfErasures)
    cluster.run('pgbackrest', ...commandWith('--type=full'))
  })

  walk('loses no more than was not archived yet where the primary’s disk is gone', async () => {
    // Slow enough that it is the time which ends a segment, and not its size.
    const writer = new Writer(portico!.db, writing, 0.1)
    await pause(ARCHIVE_TIMEOUT * 1.5)
    cluster.stop('immediate')
    const end = Date.now()
    await writer.stop()
    await stopPortico()

    const seconds = await restore('disk', commandWith('--type=default'))
    const found = await writer.found()
    const missing = found.filter(({ isThere }) => !isThere)
    const lost = lostBy(end, missing)
    say(
      `Of ${found.length} acknowledged writes ${missing.length} are missing: recovery point ${lost} s ` +
        `(archive_timeout ${ARCHIVE_TIMEOUT} s). Recovery time ${seconds.toFixed(1)} s.`,
    )
    expect(missing.length).toBeLessThan(found.length)
    // The checkpointer looks when it wakes, and the segment has to get there.
    expect(lost).toBeLessThan(ARCHIVE_TIMEOUT + 15)
    await settle()
    await startPortico()
    expect(await command('audit', 'verify', '--since', head)).toMatchObject({ ok: true })
  })
})
