import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Client, type ClientBase } from 'pg'
import type { MigrationInterface, QueryRunner } from 'typeorm'
import { migrations } from '../../migrations/migrations'
import { generateKeyring } from '../../src/crypto/keyring'
import { newId } from '../../src/core/id'
import { DAY, later } from '../../src/core/clock'
import { migrate } from '../../src/db/migrate'
import { archiveName } from '../../src/modules/backup/backup-folder'
import { makeDailyBackup, tryNewestBackup } from '../../src/modules/backup/backup.task'
import { restoreBackup } from '../../src/modules/backup/restore-backup'
import { SIGN_IN } from '../support/account'
import { ApiClient } from '../support/api-client'
import { describeSchema, query } from '../support/describe-schema'
import { PRODUCTION } from '../support/production'
import { emptyDatabase, testServer, withDatabase } from '../support/test-server'
import { unique, useWorld, World } from '../support/world'
import { portico } from './in-process'
import { PorticoProcess, ROOT } from './portico-process'

const world = useWorld()
const before = { ...process.env }
const PASSWORD = 'harbour lantern at dusk'
let folder: string
let environment: Record<string, string>
const drops: (() => Promise<void>)[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portico-backup-'))
  const { databaseUrl, databaseOwnerUrl } = world.portico.config
  environment = {
    DATABASE_URL: databaseUrl!,
    DATABASE_OWNER_URL: databaseOwnerUrl!,
    PORTICO_KEYRING: testServer().keyring,
    DATA_DIR: folder,
    BCRYPT_COST: '10',
  }
  // Everything that COPY writes in a way of its own.
  const author = await world.person({ password: PASSWORD })
  for (const title of ['\\N', '\\.', 'tab\there', 'line\nbreak\r\n', 'Ünïcödé 🏮', '""', "it's"]) {
    await world.post({ author, title })
  }
  await world.db.query(`UPDATE posts SET tags = ARRAY['{a,b}', '\\', 'NULL', ''] WHERE author_id = $1`, [
    author.id,
  ])
  await world.db.query(`SELECT graphile_worker.add_job('nobody:knows', '{"x": 1}')`)
})

afterAll(async () => {
  for (const drop of drops) await drop()
  rmSync(folder, { recursive: true, force: true })
})

beforeEach(() => {
  const { PATH, PORTICO_TEST_SERVER } = before
  process.env = { PATH, PORTICO_TEST_SERVER, ...environment }
})

afterEach(() => {
  process.env = { ...before }
  jest.restoreAllMocks()
})

/** A folder of its own for backups. */
const place = () => join(folder, unique('backups'))

async function backUp(
  to = place(),
): Promise<{ archive: string; keys: string; rows: number; tables: number }> {
  const { code, stdout, stderr } = await portico('backup', to, '--json')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

/** Turns the commands to an empty database. */
async function toEmptyDatabase(): Promise<string> {
  const { ownerUrl, appUrl, drop } = await emptyDatabase()
  drops.push(drop)
  Object.assign(process.env, { DATABASE_URL: appUrl, DATABASE_OWNER_URL: ownerUrl })
  return ownerUrl
}

/** Every row of every table and the state of every sequence, but for the books of the migrations. */
async function contentOf(url: string): Promise<Record<string, unknown[]>> {
  const names = await query(
    url,
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
     WHERE schemaname IN ('public', 'graphile_worker') AND tablename NOT IN ('schema_migrations', 'migrations') ORDER BY 1`,
  )
  const content: Record<string, unknown[]> = {}
  for (const { name } of names as { name: string }[]) {
    content[name] = await query(url, `SELECT t::text AS row FROM ${name} t ORDER BY 1`)
  }
  content['sequences'] = await query(
    url,
    `SELECT sequencename, last_value FROM pg_sequences WHERE sequencename <> 'schema_migrations_id_seq' ORDER BY 1`,
  )
  return content
}

const isUntouched = async (url: string): Promise<boolean> =>
  (await query(url, `SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace`)).length === 0

const scratchDatabases = () =>
  query(
    withDatabase(testServer().ownerUrl, 'postgres'),
    `SELECT datname FROM pg_database WHERE datname LIKE 'portico\\_drill\\_%'`,
  )

const ownerUrl = () => world.portico.config.databaseOwnerUrl!

describe('R97 portico backup and restore', () => {
  test('bring every row of every table back into an empty database, and the schema as it was', async () => {
    const made = await backUp()
    const expected = await contentOf(ownerUrl())
    const schema = await describeSchema(ownerUrl())
    const url = await toEmptyDatabase()
    const { code, stdout, stderr } = await portico('restore', made.archive)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(
      /^Restored [\d,]+ rows of \d+ tables in [\d.]+ s \([\d.]+ MB\); each table is what it was at \S+Z, [\d.]+ s ago\.\n$/,
    )
    expect(await contentOf(url)).toEqual(expected)
    expect(await describeSchema(url)).toEqual(schema)
    expect(Object.values(expected).filter((rows) => rows.length > 0).length).toBeGreaterThan(10)
    const held = Object.entries(expected).filter(([name]) => name !== 'sequences')
    expect(made).toMatchObject({
      tables: held.length,
      rows: held.reduce((sum, [, rows]) => sum + rows.length, 0),
    })
  })

  test('let people go on where they stood: sessions, passwords, encrypted addresses and searches', async () => {
    const person = await world.person({ password: PASSWORD })
    const { archive } = await backUp()
    await toEmptyDatabase()
    expect(await portico('restore', archive)).toMatchObject({ code: 0 })
    const other = new World()
    const { DATABASE_URL, DATABASE_OWNER_URL } = process.env
    await other.start({ DATABASE_URL: DATABASE_URL!, DATABASE_OWNER_URL: DATABASE_OWNER_URL! })
    try {
      const restored = new ApiClient(other.url, person.token)
      expect(await restored.data('{ viewer { username email } }')).toEqual({
        viewer: { username: person.username, email: person.email },
      })
      const { signIn } = await other.anonymous.data(SIGN_IN, {
        input: { login: person.email, password: PASSWORD },
      })
      expect(signIn.userErrors).toEqual([])
      const [found] = await other.db.query<{ count: number }>(
        'SELECT count(*)::int FROM user_search WHERE username = $1',
        [person.username],
      )
      expect(found).toEqual({ count: 1 })
      // Triggers are at work again.
      await other.person()
    } finally {
      await other.stop()
    }
  })

  test('write two files that only their owner can read, under the time of the snapshot, and nothing else', async () => {
    const to = place()
    const { archive, keys } = await backUp(to)
    expect(readdirSync(to).sort()).toEqual([basename(archive), 'portico.keys'].sort())
    expect(archive).toMatch(/portico-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.backup$/)
    expect(keys).toBe(join(to, 'portico.keys'))
    if (process.platform === 'win32') return
    for (const file of [archive, keys]) expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  test('say what they did to a person too', async () => {
    const to = place()
    const { code, stdout } = await portico('backup', to)
    expect(stdout).toMatch(
      /^Backed up [\d,]+ rows of \d+ tables in [\d.]+ s \([\d.]+ MB in [\d.]+ MB, [\d.]+ MB\/s\)\.\n {2}\S+\.backup\n {2}\S+portico\.keys {2}\(the data keys/,
    )
    expect(code).toBe(0)
  })

  test('back up into BACKUP_DIR, or DATA_DIR/backups, where no folder is named', async () => {
    process.env.BACKUP_DIR = place()
    expect(await portico('backup')).toMatchObject({ code: 0 })
    expect(readdirSync(process.env.BACKUP_DIR)).toContain('portico.keys')
    delete process.env.BACKUP_DIR
    expect(await portico('backup')).toMatchObject({ code: 0 })
    expect(existsSync(join(folder, 'backups', 'portico.keys'))).toBe(true)
  })

  test('work through a pipe, with the keys in a file of their own', async () => {
    execFileSync(process.execPath, ['scripts/build.js'], { cwd: ROOT, stdio: 'ignore' })
    const keys = join(place(), 'some.keys')
    const archive = join(folder, unique('piped'))
    const command = `"${process.execPath}" bin/portico.js backup - --keys "${keys}" > "${archive}"`
    const { code, stderr, stdout } = await new PorticoProcess(environment, ['sh', '-c', command]).end()
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toMatch(/^Backed up /)
    const url = await toEmptyDatabase()
    expect(await portico('restore', archive, '--keys', keys)).toMatchObject({ code: 0, stderr: '' })
    expect(await contentOf(url)).toEqual(await contentOf(ownerUrl()))
  })

  test('need no more than the role of requests to make one', async () => {
    process.env.DATABASE_OWNER_URL = environment['DATABASE_URL']
    const { archive } = await backUp()
    const url = await toEmptyDatabase()
    expect(await portico('restore', archive)).toMatchObject({ code: 0, stderr: '' })
    expect(await contentOf(url)).toEqual(await contentOf(ownerUrl()))
  })

  test('hold what was committed at one moment, whatever is written meanwhile', async () => {
    const { archive } = await backUp()
    const late = await world.person()
    const url = await toEmptyDatabase()
    expect(await portico('restore', archive)).toMatchObject({ code: 0 })
    expect(await query(url, `SELECT FROM users WHERE username = '${late.username}'`)).toEqual([])
  })

  test('take in a table that no code knows of, as soon as migrations make it', async () => {
    const create = `CREATE TABLE public."Odd one" (id int GENERATED ALWAYS AS IDENTITY, "a ""b""" text, double int GENERATED ALWAYS AS (2 * id) STORED)`
    await query(ownerUrl(), `${create}; INSERT INTO public."Odd one" ("a ""b""") VALUES ('x'), (NULL)`)
    try {
      const { archive } = await backUp()
      const url = await toEmptyDatabase()
      expect(await portico('restore', archive)).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(
          /The schema that the migrations make is not the archive's \(public\."Odd one"/,
        ),
      })
      await query(url, create)
      expect(await portico('restore', archive)).toMatchObject({ code: 0, stderr: '' })
      expect(await query(url, 'SELECT * FROM public."Odd one" ORDER BY id')).toEqual([
        { id: 1, 'a "b"': 'x', double: 2 },
        { id: 2, 'a "b"': null, double: 4 },
      ])
      expect(await query(url, 'INSERT INTO public."Odd one" DEFAULT VALUES RETURNING id')).toEqual([
        { id: 3 },
      ])
    } finally {
      await query(ownerUrl(), 'DROP TABLE public."Odd one"')
    }
  })

  test('call what has to be done before anybody sees the rows, in the same transaction', async () => {
    const { archive, keys } = await backUp()
    const url = await toEmptyDatabase()
    const target = { ownerUrl: url, appUrl: process.env.DATABASE_URL! }
    const options = { archive, keys, keyring: world.db.tools.keyring, target }
    const title = unique('Replayed ')
    const replayed = async (tx: ClientBase) => {
      const { rowCount } = await tx.query('UPDATE posts SET title = $1', [title])
      expect(rowCount).toBeGreaterThan(0)
    }
    const failing = async (tx: ClientBase) => {
      await replayed(tx)
      throw new Error('The ledger cannot be read.')
    }
    await expect(restoreBackup({ ...options, afterRows: failing })).rejects.toThrow('cannot be read')
    expect(await query(url, 'SELECT FROM posts')).toEqual([])
    await restoreBackup({ ...options, afterRows: replayed })
    expect(await query(url, 'SELECT DISTINCT title FROM posts')).toEqual([{ title }])
  })
})

describe('R93 the file of keys', () => {
  test('is the only one that holds data keys, and each backup replaces it, so that old archives lose the erased', async () => {
    const person = await world.person()
    const to = place()
    const { archive } = await backUp(to)
    const first = readFileSync(join(to, 'portico.keys'))
    await query(ownerUrl(), `DELETE FROM data_keys WHERE owner_id = '${person.id}'`)
    // Names tell seconds apart.
    copyFileSync(archive, join(to, 'older.backup'))
    await backUp(to)
    expect(readFileSync(join(to, 'portico.keys')).equals(first)).toBe(false)
    const url = await toEmptyDatabase()
    expect(await portico('restore', join(to, 'older.backup'))).toMatchObject({ code: 0, stderr: '' })
    expect(await query(url, `SELECT username FROM users WHERE id = '${person.id}'`)).toEqual([
      { username: person.username },
    ])
    expect(await query(url, `SELECT FROM data_keys WHERE owner_id = '${person.id}'`)).toEqual([])
  })

  test('is refused where it is older than the archive, and would lose who came in between', async () => {
    const earlier = await backUp()
    await world.person()
    const { archive } = await backUp()
    const url = await toEmptyDatabase()
    expect(await portico('restore', archive, '--keys', earlier.keys)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^The file of keys is of .+, older than the archive/),
    })
    expect(await isUntouched(url)).toBe(true)
  })

  test('is refused where it belongs to another database, and never written over', async () => {
    const { archive } = await backUp()
    const to = place()
    const own = (await query(ownerUrl(), 'SELECT id FROM installation'))[0]!['id'] as string
    await query(ownerUrl(), `UPDATE installation SET id = '${newId()}'`)
    try {
      const foreign = await backUp(to)
      await query(ownerUrl(), `UPDATE installation SET id = '${own}'`)
      expect(await portico('backup', to)).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/portico\.keys belongs to the backups of another database/),
      })
      expect(readdirSync(to)).toHaveLength(2)
      const url = await toEmptyDatabase()
      expect(await portico('restore', archive, '--keys', foreign.keys)).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/^The file of keys belongs to the backups of another database/),
      })
      expect(await isUntouched(url)).toBe(true)
    } finally {
      await query(ownerUrl(), `UPDATE installation SET id = '${own}'`)
    }
  })
})

describe('R99 a restore writes nothing', () => {
  const refusals: [
    string,
    RegExp,
    (made: { archive: string; keys: string }) => Promise<string[]> | string[],
  ][] = [
    [
      'of an archive with one wrong bit',
      /^The backup is damaged/,
      ({ archive }) => {
        const bytes = readFileSync(archive)
        bytes[bytes.length - 100]! ^= 1
        writeFileSync(archive, bytes)
        return [archive]
      },
    ],
    [
      'of an archive that was cut off',
      /^The backup is damaged/,
      ({ archive }) => {
        writeFileSync(archive, readFileSync(archive).subarray(0, -1))
        return [archive]
      },
    ],
    [
      'where the keys are damaged',
      /^The backup is damaged/,
      ({ archive, keys }) => {
        writeFileSync(keys, readFileSync(keys).subarray(0, -1))
        return [archive]
      },
    ],
    [
      'without its keys',
      /^There is no file .+portico\.keys/,
      ({ archive, keys }) => {
        rmSync(keys)
        return [archive]
      },
    ],
    ['of a file that is not there', /^There is no file/, ({ archive }) => [`${archive}.nowhere`]],
    ['of the keys alone', /^This is the file of keys/, ({ keys }) => [keys]],
    [
      'under another keyring',
      /^This keyring does not open the backup/,
      ({ archive }) => {
        process.env.PORTICO_KEYRING = generateKeyring()
        return [archive]
      },
    ],
  ]

  test.each(refusals)('%s', async (_how, complaint, prepare) => {
    const made = await backUp()
    const url = await toEmptyDatabase()
    const words = await prepare(made)
    expect(await portico('restore', ...words)).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(complaint),
    })
    expect(await isUntouched(url)).toBe(true)
  })

  test('into a database that is not empty', async () => {
    const { archive } = await backUp()
    const content = await contentOf(ownerUrl())
    expect(await portico('restore', archive)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^The database is not empty \(rows in .+\): nothing was written\. Make a new one/,
      ),
    })
    expect(await contentOf(ownerUrl())).toEqual(content)
  })

  test('of a schema that is newer than the code', async () => {
    await query(ownerUrl(), `INSERT INTO schema_migrations (timestamp, name) VALUES (9, 'OfTomorrow9')`)
    const { archive } = await backUp().finally(() =>
      query(ownerUrl(), `DELETE FROM schema_migrations WHERE name = 'OfTomorrow9'`),
    )
    const url = await toEmptyDatabase()
    expect(await portico('restore', archive)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^The archive's schema is newer than this Portico/),
    })
    expect(await isUntouched(url)).toBe(true)
  })

  test('as a role that does not own the schema', async () => {
    const { archive } = await backUp()
    delete process.env.DATABASE_OWNER_URL
    Object.assign(process.env, PRODUCTION)
    expect(await portico('restore', archive)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/DATABASE_OWNER_URL is missing/),
    })
  })
})

describe('R99 a backup that is cut off', () => {
  test('leaves what was there as it was, and the next one clears up', async () => {
    const to = place()
    const { archive, keys } = await backUp(to)
    const bytes = [archive, keys].map((file) => readFileSync(file))
    writeFileSync(`${keys}.unfinished`, 'half')
    const blocker = new Client(ownerUrl())
    await blocker.connect()
    await blocker.query('SELECT pg_advisory_lock(7404253002)')
    expect(await portico('backup', to)).toMatchObject({
      code: 1,
      stderr: 'Another backup of this database is being made. Wait until it has ended.\n',
    })
    await blocker.end()
    expect([archive, keys].map((file) => readFileSync(file))).toEqual(bytes)
    await backUp(to)
    expect(readdirSync(to).filter((name) => name.endsWith('.unfinished'))).toEqual([])
  })

  test.each([
    [['-'], /with --keys/],
    [['--stdout'], /with --keys/],
    [['somewhere', '--keys', 'x'], /--keys goes with --stdout/],
    [['-', '--keys', 'x', '--json'], /--json would mix/],
    [['somewhere', '--stdout', '--keys', 'x'], /not both/],
  ])('%j is not understood: exit code 2', async (words, complaint) => {
    expect(await portico('backup', ...words)).toMatchObject({ code: 2 })
    const { stderr, stdout } = await portico('backup', ...words)
    expect(stderr + stdout).toMatch(complaint)
  })
})

describe('R97 portico backup verify', () => {
  const doctor = async () =>
    (await portico('doctor')).stdout.split('\n').find((line) => line.includes('backups:'))

  test('restores into a database of its own, measures, and leaves nothing behind', async () => {
    expect(await doctor()).toMatch(/^! backups: none has been tried yet/)
    process.env.BACKUP_DIR = place()
    const made = await backUp(process.env.BACKUP_DIR)
    const content = await contentOf(ownerUrl())
    const { code, stdout, stderr } = await portico('backup', 'verify')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(
      /^portico-\S+\.backup can be restored: [\d,]+ rows of \d+ tables are what they were\.\n {2}recovery time {3}[\d.]+ s \([\d,]+ rows\/s\)\n {2}recovery point {2}[\d.]+ s before now \(\S+Z\)\n$/,
    )
    expect(await scratchDatabases()).toEqual([])
    const [drill, ...others] = await query(ownerUrl(), 'SELECT * FROM backup_drills')
    expect(others).toEqual([])
    expect(drill).toMatchObject({ archive: basename(made.archive), rows: String(made.rows), problem: null })
    expect(await contentOf(ownerUrl())).toEqual({
      ...content,
      'public.backup_drills': [expect.anything()],
    })
    expect(await doctor()).toMatch(
      /^✓ backups: portico-\S+\.backup was restored on \S+ in [\d.]+ s, [\d.]+ s old$/,
    )
    const asJson = JSON.parse((await portico('backup', 'verify', made.archive, '--json')).stdout)
    expect(asJson).toMatchObject({ ok: true, problem: null, rows: made.rows, tables: made.tables })
    expect([asJson.seconds, asJson.rowsPerSecond, asJson.ageSeconds]).toEqual([
      expect.any(Number),
      expect.any(Number),
      expect.any(Number),
    ])
  })

  test('tells of a backup that cannot be restored: exit code 1, and doctor is alarmed', async () => {
    const { archive } = await backUp()
    writeFileSync(archive, readFileSync(archive).subarray(0, -1))
    expect(await portico('backup', 'verify', archive)).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/cannot be restored: The backup is damaged/),
    })
    expect(await doctor()).toMatch(/^✗ backups: \S+ could not be restored on \S+: The backup is damaged/)
    expect(await scratchDatabases()).toEqual([])
  })

  test('finds what only PostgreSQL can find, and keeps none of its words, which could quote rows', async () => {
    await query(ownerUrl(), 'ALTER TABLE posts DROP CONSTRAINT posts_status_check')
    await world.post({ title: 'Odd' })
    await query(ownerUrl(), `UPDATE posts SET status = 'odd' WHERE title = 'Odd'`)
    const { archive } = await backUp()
    await query(ownerUrl(), `DELETE FROM posts WHERE title = 'Odd'`)
    expect(await portico('backup', 'verify', archive)).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/cannot be restored: .+posts_status_check/),
    })
    const [drill] = await query(
      ownerUrl(),
      'SELECT problem FROM backup_drills ORDER BY started_at DESC LIMIT 1',
    )
    expect(drill).toEqual({ problem: 'It failed (23514).' })
    expect(await scratchDatabases()).toEqual([])
  })

  test('says that there is nothing to try: exit code 2', async () => {
    process.env.BACKUP_DIR = place()
    expect(await portico('backup', 'verify')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^There is no backup in /),
    })
  })
})

describe('the timetable', () => {
  const scheduled = () => ({ ...world.db.tools.backups, folder: place(), isScheduled: true })

  test('makes a backup, keeps those that retention wants, and tries the newest', async () => {
    const backups = scheduled()
    mkdirSync(backups.folder)
    const old = [1, 2, 3, 400, 2_000].map((days) => archiveName(later(new Date(), -days * DAY)))
    for (const name of old) writeFileSync(join(backups.folder, name), '')
    writeFileSync(join(backups.folder, 'note.txt'), '')
    const spy = jest.replaceProperty(world.db.tools, 'backups', {
      ...backups,
      keep: { daily: 3, weekly: 0, monthly: 0 },
    })
    try {
      await world.do(makeDailyBackup, {})
      const names = readdirSync(backups.folder)
      expect(names).toHaveLength(5)
      expect(names).toEqual(expect.arrayContaining([old[0], old[1], 'note.txt', 'portico.keys']))
      await world.do(tryNewestBackup, {})
      const [drill] = await query(
        ownerUrl(),
        'SELECT archive, problem FROM backup_drills ORDER BY started_at DESC LIMIT 1',
      )
      expect(drill).toEqual({
        archive: names.find((name) => name.endsWith('.backup') && !old.includes(name)),
        problem: null,
      })
    } finally {
      spy.restore()
    }
  })

  test('does nothing where nobody has asked for it', async () => {
    const spy = jest.replaceProperty(world.db.tools, 'backups', { ...scheduled(), isScheduled: false })
    try {
      await world.do(makeDailyBackup, {})
      await world.do(tryNewestBackup, {})
      expect(existsSync(world.db.tools.backups.folder)).toBe(false)
    } finally {
      spy.restore()
    }
  })
})

test('R97 an archive of an older version comes back as that, and newer migrations follow', async () => {
  const { archive } = await backUp()
  const url = await toEmptyDatabase()
  /** What the next version brings. */
  class Later9000000000000 implements MigrationInterface {
    up = (runner: QueryRunner) => runner.query('CREATE TABLE later AS SELECT count(*)::int FROM posts')
    down = (runner: QueryRunner) => runner.query('DROP TABLE later')
  }
  const known: unknown[] = migrations
  known.push(Later9000000000000)
  try {
    const { code, stdout } = await portico('restore', archive)
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/1 newer migrations followed/),
    })
  } finally {
    known.pop()
  }
  expect(await query(url, 'SELECT * FROM later')).toEqual(
    await query(ownerUrl(), 'SELECT count(*)::int FROM posts'),
  )
})

test('R97 a database with the schema and no rows, as a restore leaves it that was cut off, counts as empty', async () => {
  const { archive } = await backUp()
  const url = await toEmptyDatabase()
  await migrate({ ownerUrl: url, appUrl: process.env.DATABASE_URL! })
  expect(await portico('restore', archive)).toMatchObject({ code: 0, stderr: '' })
  expect(await contentOf(url)).toEqual(await contentOf(ownerUrl()))
})
