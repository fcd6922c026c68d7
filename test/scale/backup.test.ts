import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { generateDataKey } from '../../src/crypto/cipher'
import { parseKeyring } from '../../src/crypto/keyring'
import { joinEmbeddedPostgres, startEmbeddedPostgres } from '../../src/db/embedded/embedded-postgres'
import { migrate } from '../../src/db/migrate'
import { PorticoProcess, ROOT } from '../cli/portico-process'
import { DebianPostgres, debianPrograms } from '../support/debian-postgres'
import { testServer } from '../support/test-server'

const PEOPLE = 100_000
const EVENTS = 300_000
const MEGABYTE = 1e6

let folder: string

beforeAll(() => {
  execFileSync(process.execPath, ['scripts/build.js'], { cwd: ROOT, stdio: 'ignore' })
  folder = mkdtempSync(join(tmpdir(), 'portico-backup-'))
  // Root runs PostgreSQL as somebody else, who has to get there.
  chmodSync(folder, 0o755)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const say = (text: string) => void process.stderr.write(`${text}\n`)

async function query<Row>(url: string, sql: string, parameters: unknown[] = []): Promise<Row[]> {
  const client = new Client(url)
  await client.connect()
  try {
    return (await client.query(sql, parameters)).rows as Row[]
  } finally {
    await client.end()
  }
}

/** An id as Portico makes it: those that come later are greater. */
const id = (series: number, number = 'n') =>
  `(lpad(to_hex(${1_764_000_000_000 + series * 1e9} + ${number}), 12, '0') || '7' || substr(md5(${number}::text), 1, 3) || '8' || substr(md5(${number}::text), 4, 15))::uuid`
/** Bytes that no compression makes smaller, as ciphertexts are. */
const bytes = (parts: number, salt: string) =>
  Array.from({ length: parts }, (_, part) => `sha256(convert_to('${salt}${part}' || n, 'UTF8'))`).join(' || ')

/** People as they are after some weeks, and what they have done: a million rows. */
const FILLING = [
  `users (id, username, display_name, locale, time_zone, status, created_at, updated_at, version)
   SELECT ${id(0)}, 'person' || n, 'Person ' || n, 'en', 'Europe/Berlin', 'active', now(), now(), 1 FROM generate_series(1, ${PEOPLE}) n`,
  `emails (id, user_id, address, address_index, is_primary, created_at)
   SELECT ${id(1)}, ${id(0)}, ${bytes(2, 'address')}, ${bytes(1, 'index')}, true, now() FROM generate_series(1, ${PEOPLE}) n`,
  `passwords (user_id, hash, changed_at, is_short) SELECT ${id(0)}, '$2b$12$' || encode(${bytes(1, 'hash')}, 'base64'), now(), false
   FROM generate_series(1, ${PEOPLE}) n`,
  `sessions (id, user_id, token_hash, transport, methods, device_name, created_at, authenticated_at, last_seen_at, expires_at)
   SELECT ${id(2)}, ${id(0)}, ${bytes(1, 'token')}, 'cookie', '{password}', 'Firefox on Windows', now(), now(), now(), now() FROM generate_series(1, ${PEOPLE}) n`,
  `posts (id, author_id, slug, title, body, tags, status, created_at, updated_at, version)
   SELECT ${id(3)}, ${id(0)}, 'post-' || n, 'Post ' || n, repeat('Words that somebody wrote about ' || n || '. ', 8), ARRAY['a', 'b'], 'draft', now(), now(), 1
   FROM generate_series(1, ${PEOPLE}) n`,
  `audit_events (id, occurred_at, action, outcome, actor_id, subject_id, owner_id, address, details, is_security_event)
   SELECT ${id(4)}, now(), 'session.started', 'success', ${id(0, `(1 + n % ${PEOPLE})`)}, ${id(0, `(1 + n % ${PEOPLE})`)}, ${id(0, `(1 + n % ${PEOPLE})`)},
     ${bytes(2, 'network')}, '{"method": "PASSWORD"}', true
   FROM generate_series(1, ${EVENTS}) n`,
]

async function fill(ownerUrl: string): Promise<void> {
  for (const statement of FILLING) await query(ownerUrl, `INSERT INTO ${statement}`)
  await giveKeys(ownerUrl)
  await query(ownerUrl, 'VACUUM ANALYZE')
}

/** Data keys that the keyring of the test opens: with others nothing is backed up. */
async function giveKeys(ownerUrl: string): Promise<void> {
  const keyring = parseKeyring(testServer().keyring)
  const owners = (await query<{ id: string }>(ownerUrl, 'SELECT id FROM users')).map(({ id }) => id)
  const wrapped = owners.map((id) => keyring.wrap(generateDataKey(), id))
  await query(
    ownerUrl,
    'INSERT INTO data_keys (owner_id, wrapped, created_at) SELECT *, now() FROM unnest($1::uuid[], $2::bytea[])',
    [owners, wrapped],
  )
}

/** The digest of every table, by PostgreSQL and not by us. */
async function checksums(url: string): Promise<unknown[]> {
  const tables = await query<{ name: string }>(
    url,
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
     WHERE schemaname IN ('public', 'graphile_worker') AND tablename NOT IN ('schema_migrations', 'migrations') ORDER BY 1`,
  )
  const sums: unknown[] = []
  for (const { name } of tables) {
    sums.push([
      name,
      ...(await query(
        url,
        `SELECT count(*)::int AS rows, coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text AS sum FROM ${name} t`,
      )),
    ])
  }
  return sums
}

interface Timed<Answer> {
  answer: Answer
  /** The most memory that was seen in the first third of its time and in the rest, in bytes. */
  memory: [number, number]
}

const environmentOf = (more: Record<string, string>): Record<string, string> => ({
  PORTICO_KEYRING: testServer().keyring,
  DATA_DIR: join(folder, 'unused'),
  ...more,
})

/** Runs a command as a process of its own, and watches its memory. */
async function run<Answer>(environment: Record<string, string>, ...words: string[]): Promise<Timed<Answer>> {
  const running = new PorticoProcess(environment, [process.execPath, 'bin/portico.js', ...words, '--json'])
  const seen: number[] = []
  while (running.child.exitCode === null) {
    try {
      seen.push(
        1_024 *
          Number(execFileSync('ps', ['-o', 'rss=', '-p', String(running.child.pid)], { encoding: 'utf8' })),
      )
    } catch {
      break
    }
    // Seldom enough that looking takes no time from what is looked at.
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  const { code, stdout, stderr } = await running.end()
  expect({ code, stderr, stdout: code === 0 ? '' : stdout }).toEqual({ code: 0, stderr: '', stdout: '' })
  const third = Math.ceil(seen.length / 3)
  return {
    answer: JSON.parse(stdout) as Answer,
    memory: [Math.max(...seen.slice(0, third)), Math.max(...seen.slice(third))],
  }
}

interface Made {
  archive: string
  keys: string
  rows: number
  plainBytes: number
  size: number
  seconds: number
}

interface Restored {
  rows: number
  seconds: number
  ageSeconds: number
}

const rate = (count: number, seconds: number) => Math.round(count / seconds).toLocaleString('en')
const inMegabytes = (memory: readonly number[]) =>
  memory.map((each) => `${Math.round(each / MEGABYTE)} MB`).join(', then ')

let made: Made

test('R97 a million rows are backed up and restored into an empty cluster, the same, with flat memory', async () => {
  const dataDir = join(folder, 'live')
  const live = await startEmbeddedPostgres({ dataDir, durability: 'full' })
  let expected: unknown[]
  try {
    await migrate(live)
    await fill(live.ownerUrl)
    expected = await checksums(live.ownerUrl)
    const backup = await run<Made>(environmentOf({ DATA_DIR: dataDir }), 'backup', join(folder, 'backups'))
    made = backup.answer
    const { rows, plainBytes, size, seconds } = made
    expect(rows).toBeGreaterThanOrEqual(1_000_000)
    say(
      `Backed up ${rows.toLocaleString('en')} rows in ${seconds.toFixed(1)} s: ${rate(rows, seconds)} rows/s, ` +
        `${rate(plainBytes / MEGABYTE, seconds)} MB/s, ${(plainBytes / MEGABYTE).toFixed(0)} MB in ${(size / MEGABYTE).toFixed(0)} MB; ` +
        `memory ${inMegabytes(backup.memory)}.`,
    )
    const drill = await run<Restored & { rowsPerSecond: number; ok: boolean }>(
      environmentOf({ DATA_DIR: dataDir }),
      ...['backup', 'verify', made.archive],
    )
    expect(drill.answer).toMatchObject({ ok: true, rows })
    say(`Tried beside the live database in ${drill.answer.seconds.toFixed(1)} s.`)
    for (const { memory } of [backup, drill]) expect(memory[1] - memory[0]).toBeLessThan(100 * MEGABYTE)
  } finally {
    await live.stop()
  }

  const emptyDir = join(folder, 'empty')
  const restore = await run<Restored>(environmentOf({ DATA_DIR: emptyDir }), 'restore', made.archive)
  const { rows, seconds, ageSeconds } = restore.answer
  const restored =
    joinEmbeddedPostgres({ dataDir: emptyDir }) ??
    (await startEmbeddedPostgres({ dataDir: emptyDir, durability: 'full' }))
  try {
    expect(await checksums(restored.ownerUrl)).toEqual(expected)
  } finally {
    await restored.stop()
  }
  say(
    `Restored ${rows.toLocaleString('en')} rows in ${seconds.toFixed(1)} s (recovery time): ${rate(rows, seconds)} rows/s; ` +
      `recovery point ${ageSeconds} s; memory ${inMegabytes(restore.memory)}.`,
  )
  expect(restore.memory[1] - restore.memory[0]).toBeLessThan(100 * MEGABYTE)
})

test('R97 against pg_dump and pg_restore, on a PostgreSQL of Debian', async () => {
  const programs = debianPrograms()
  if (programs === null) {
    say('No comparison with pg_dump: Debian’s package postgresql is not installed here.')
    return
  }
  const place = join(folder, 'debian')
  const cluster = await DebianPostgres.make(programs, place)
  const url = cluster.url.bind(cluster)
  cluster.start()
  try {
    const admin = url('postgres', 'postgres')
    await query(admin, 'CREATE ROLE portico_owner LOGIN CREATEDB')
    await query(admin, 'CREATE ROLE portico_app LOGIN')
    for (const name of ['live', 'ours', 'theirs'])
      await query(admin, `CREATE DATABASE ${name} OWNER portico_owner`)
    const reach = (database: string) =>
      environmentOf({
        DATABASE_URL: url('portico_app', database),
        DATABASE_OWNER_URL: url('portico_owner', database),
      })
    // From PostgreSQL 18 to this one.
    await run<Restored>(reach('live'), 'restore', made.archive)
    const expected = await checksums(url('portico_owner', 'live'))

    const timed = (work: () => void): number => {
      const start = performance.now()
      work()
      return (performance.now() - start) / 1_000
    }
    const dump = join(place, 'dump')
    const dumping = timed(() => cluster.run('pg_dump', '-Fc', '-f', dump, url('postgres', 'live')))
    const { answer: backup } = await run<Made>(reach('live'), 'backup', join(folder, 'debian-backups'))
    const restoring = timed(() => cluster.run('pg_restore', '-d', url('postgres', 'theirs'), dump))
    const { answer: restore } = await run<Restored>(reach('ours'), 'restore', backup.archive)
    expect(await checksums(url('portico_owner', 'ours'))).toEqual(expected)
    const size = statSync(dump).size
    say(
      `portico backup ${backup.seconds.toFixed(1)} s, pg_dump -Fc ${dumping.toFixed(1)} s: ${(backup.seconds / dumping).toFixed(2)} of its time, ` +
        `${(backup.size / size).toFixed(2)} of its size (${(size / MEGABYTE).toFixed(0)} MB). ` +
        `portico restore, verified and compared, ${restore.seconds.toFixed(1)} s, pg_restore ${restoring.toFixed(1)} s: ` +
        `${(restore.seconds / restoring).toFixed(2)} of its time.`,
    )
  } finally {
    cluster.stop('immediate')
  }
})
