import { execFileSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
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
import { Client } from 'pg'
import type { MigrationInterface, QueryRunner } from 'typeorm'
import { migrations } from '../../migrations/migrations'
import { generateKeyring, parseKeyring } from '../../src/crypto/keyring'
import { newId, type Id } from '../../src/core/id'
import { DAY, later } from '../../src/core/clock'
import { DeliveryFailure } from '../../src/core/delivery-failure'
import { createDataSource } from '../../src/db/data-source'
import { migrate } from '../../src/db/migrate'
import { Email } from '../../src/modules/email/email.entity'
import { MailService } from '../../src/modules/mail/mail.service'
import { archiveName } from '../../src/modules/backup/backup-folder'
import { makeBackup } from '../../src/modules/backup/make-backup'
import { restoreBackup } from '../../src/modules/backup/restore-backup'
import { sealNewEvents } from '../../src/modules/audit/audit.task'
import { sealTrail } from '../../src/modules/audit/seal-trail'
import { Snapshot } from '../../src/modules/backup/snapshot'
import { verifyArchive } from '../../src/modules/backup/verify-archive'
import { addToLedger, ledgerBeside, readLedger } from '../../src/modules/erasure/ledger'
import { makeDailyBackup, tryNewestBackup } from '../../src/modules/backup/backup.task'
import { SIGN_IN } from '../support/account'
import { ApiClient } from '../support/api-client'
import { describeSchema, query } from '../support/describe-schema'
import { PRODUCTION } from '../support/production'
import { emptyDatabase, testServer, withDatabase } from '../support/test-server'
import { unique, useWorld, World, type Person } from '../support/world'
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
): Promise<{ archive: string; keys: string; rows: number; tables: number; trailHead: string | null }> {
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
      /^Restored [\d,]+ rows of \d+ tables in [\d.]+ s \([\d.]+ MB\); each table is what it was at \S+Z, [\d.]+ s ago\.\nThe ledger names nobody as erased\.\nWhat was ended since is alive again: .+\.\n$/,
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

  test('R82 bring the trail back in its partitions and under its seals, which hold', async () => {
    await world.do(sealNewEvents, {})
    await world.post()
    const partitions = `SELECT relid::regclass::text AS name, pg_get_expr(relpartbound, relid) AS bound, relacl::text AS granted
      FROM pg_partition_tree('public.audit_events') JOIN pg_class ON pg_class.oid = relid WHERE isleaf ORDER BY 1`
    // As after a month: other partitions than those that a migration makes.
    await query(
      ownerUrl(),
      'DROP TABLE partitions.access_records_default; CREATE TABLE partitions.older PARTITION OF access_records DEFAULT',
    )
    const { archive, trailHead } = await backUp()
    const url = await toEmptyDatabase()
    expect(await portico('restore', archive)).toMatchObject({ code: 0, stderr: '' })
    expect(await query(url, partitions)).toEqual(await query(ownerUrl(), partitions))
    expect(await query(url, `SELECT to_regclass('partitions.older')::text AS name`)).toEqual([
      { name: 'partitions.older' },
    ])
    const verified = await portico('audit', 'verify', '--json')
    expect(verified.code).toBe(0)
    const { seals, rows, head, unsealed } = JSON.parse(verified.stdout)
    expect(seals).toBeGreaterThan(0)
    expect(trailHead).toBe(head)
    expect(unsealed.count).toBeGreaterThan(0)
    expect(rows).toBeGreaterThan(10)
    await expect(
      query(process.env.DATABASE_URL!, 'SELECT FROM partitions.audit_events_past'),
    ).rejects.toMatchObject({ code: '42501' })
    // And sealing goes on from there.
    const options = { url: process.env.DATABASE_URL!, keyring: world.db.tools.keyring, now: new Date() }
    expect(await sealTrail(options)).toBe(unsealed.count)
    expect(await portico('audit', 'verify', '--since', head)).toMatchObject({ code: 0, stderr: '' })
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

  test('end what lets somebody in without a password, where one asks for it', async () => {
    const person = await world.person()
    const { archive } = await backUp()
    const url = await toEmptyDatabase()
    const { code, stdout } = await portico('restore', archive, '--end-sessions')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^All sessions and access tokens have ended\. Suspensions, revoked roles/m)
    const OPEN = `SELECT
      (SELECT count(*)::int FROM sessions WHERE ended_at IS NULL) AS sessions,
      (SELECT count(*)::int FROM access_tokens WHERE revoked_at IS NULL) AS tokens`
    expect(await query(url, OPEN)).toEqual([{ sessions: 0, tokens: 0 }])
    const [live] = (await query(ownerUrl(), OPEN)) as { sessions: number }[]
    expect(live!.sessions).toBeGreaterThan(0)
    expect(await person.api.data('{ viewer { id } }')).toEqual({ viewer: { id: person.globalId } })
  })

  test('send nothing that the backup had to send: since then it has been sent, or is of no use', async () => {
    const person = await world.person()
    const mailbox = world.portico.mailbox!
    mailbox.send = () => Promise.reject(new DeliveryFailure('temporary', '451'))
    await world.db.transaction((tx) => new MailService(tx).send(person.id, 'accountReinstated'))
    delete (mailbox as { send?: unknown }).send
    const { archive } = await backUp()
    const url = await toEmptyDatabase()
    expect((await portico('restore', archive)).code).toBe(0)
    const STATES = `SELECT status, response, letter IS NOT NULL AS "hasLetter" FROM deliveries WHERE user_id = '${person.id}'`
    expect(await query(world.portico.config.databaseOwnerUrl!, STATES)).toEqual([
      { status: 'pending', response: '451', hasLetter: true },
    ])
    expect(await query(url, STATES)).toEqual([{ status: 'failed', response: 'restored', hasLetter: true }])
    await world.db.query('DELETE FROM deliveries WHERE user_id = $1', [person.id])
  })

  test('say how far they are, from the first byte to the last', async () => {
    const keyring = parseKeyring(testServer().keyring)
    const heard: Record<string, [number, number][]> = {}
    const hear = (phase: string, done: number, total: number) =>
      void (heard[phase] ??= []).push([done, total])
    const { archive, keys } = await makeBackup({
      url: ownerUrl(),
      keyring,
      to: { folder: place() },
      onProgress: hear.bind(null, 'backup'),
    })
    const { ownerUrl: empty, appUrl, drop } = await emptyDatabase()
    drops.push(drop)
    await restoreBackup({
      ...{ archive: archive!, keys, keyring, ledgers: [ledgerBeside(keys)], onProgress: hear },
      target: { ownerUrl: empty, appUrl },
    })
    expect(Object.keys(heard)).toEqual(['backup', 'verifying', 'restoring', 'indexing', 'comparing'])
    for (const [phase, steps] of Object.entries(heard)) {
      const [done, total] = steps.at(-1)!
      expect([phase, done > 0 && done <= total && done >= 0.9 * total]).toEqual([phase, true])
      // Of the file of keys, and then of the archive.
      const falls = steps.filter(([now], index) => index > 0 && now < steps[index - 1]![0]).length
      expect(falls).toBeLessThanOrEqual(['backup', 'indexing'].includes(phase) ? 0 : 1)
    }
  })

  test('write two files that only their owner can read, under the time of the snapshot, and nothing else', async () => {
    const to = place()
    const { archive, keys } = await backUp(to)
    expect(readdirSync(to).sort()).toEqual([basename(archive), 'portico.erasures', 'portico.keys'].sort())
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
    let late: Person | undefined
    const take = Snapshot.take.bind(Snapshot)
    jest.spyOn(Snapshot, 'take').mockImplementation(async (...given) => {
      const snapshot = await take(...given)
      late = await world.person()
      return snapshot
    })
    const { archive } = await backUp()
    const url = await toEmptyDatabase()
    expect(await portico('restore', archive)).toMatchObject({ code: 0 })
    expect(await query(url, `SELECT FROM users WHERE username = '${late!.username}'`)).toEqual([])
    expect(await query(ownerUrl(), `SELECT FROM users WHERE username = '${late!.username}'`)).toHaveLength(1)
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
})

/** Leaves of somebody what erasure does, but for the line in the ledger. */
const eraseKeyOf = ({ id }: { id: Id }) =>
  world.db.transaction(async (tx) => {
    await tx.query(`UPDATE users SET status = 'erased' WHERE id = $1`, [id])
    await tx.codec.destroyKey(id)
  })

describe('R93 the file of keys', () => {
  test('is the only one that holds data keys, and each backup replaces it, so that old archives lose the erased', async () => {
    const person = await world.person()
    const to = place()
    const { archive } = await backUp(to)
    const first = readFileSync(join(to, 'portico.keys'))
    await eraseKeyOf(person)
    // Names tell seconds apart.
    copyFileSync(archive, join(to, 'older.backup'))
    await backUp(to)
    expect(readFileSync(join(to, 'portico.keys')).equals(first)).toBe(false)
    const url = await toEmptyDatabase()
    expect(await portico('restore', join(to, 'older.backup'))).toMatchObject({ code: 0, stderr: '' })
    // Whose key was destroyed has been erased, though the ledger does not say so here.
    expect(await query(url, `SELECT username FROM users WHERE id = '${person.id}'`)).toEqual([
      { username: expect.stringMatching(/^erased_/) },
    ])
    expect(
      await query(
        url,
        `SELECT wrapped, destroyed_at IS NOT NULL AS gone FROM data_keys WHERE owner_id = '${person.id}'`,
      ),
    ).toEqual([{ wrapped: null, gone: true }])
  })

  test('keeps the erased destroyed in a restored database too, where nothing of them reads and no key is made anew', async () => {
    const person = await world.person()
    const to = place()
    const { archive } = await backUp(to)
    copyFileSync(archive, join(to, 'older.backup'))
    await eraseKeyOf(person)
    await backUp(to)
    await toEmptyDatabase()
    expect(await portico('restore', join(to, 'older.backup'))).toMatchObject({ code: 0, stderr: '' })
    const other = new World()
    const { DATABASE_URL, DATABASE_OWNER_URL } = process.env
    await other.start({ DATABASE_URL: DATABASE_URL!, DATABASE_OWNER_URL: DATABASE_OWNER_URL! })
    try {
      const restored = new ApiClient(other.url, person.token)
      expect(await restored.data('{ viewer { username email } }')).toEqual({ viewer: null })
      const sealing = other.db.codec.seal(Email, 'address', { id: newId(), ownerId: person.id }, 'x')
      await expect(sealing).rejects.toThrow('was destroyed')
    } finally {
      await other.stop()
    }
  })

  test('of a schema with destroyed keys goes with an archive of one that had none', async () => {
    const person = await world.person()
    const to = place()
    const known = [...migrations]
    const first = known.findIndex(({ name }) => name.startsWith('DestroyedDataKeys'))
    // A database as the version before has left it, backed up by that.
    const { archive } = await backUp(place())
    const old = await toEmptyDatabase()
    expect(await portico('restore', archive)).toMatchObject({ code: 0 })
    const source = await createDataSource({ url: old, entities: [] }).initialize()
    for (const _ of known.slice(first)) await source.undoLastMigration()
    await source.destroy()
    const older = join(to, 'older.backup')
    copyFileSync((await backUp(to)).archive, older)
    // Then it is brought up to date, and somebody is erased.
    await migrate({ ownerUrl: old, appUrl: process.env.DATABASE_URL! })
    const erase = `UPDATE data_keys SET wrapped = NULL, destroyed_at = now() WHERE owner_id = '${person.id}'`
    await query(old, erase)
    await backUp(to)
    const expected = await contentOf(old)
    const url = await toEmptyDatabase()
    expect(await portico('restore', older)).toMatchObject({ code: 0, stderr: '' })
    expect((await contentOf(url))['public.data_keys']).toEqual(expected['public.data_keys'])
    expect(await describeSchema(url)).toEqual(await describeSchema(old))
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
      expect(readdirSync(to)).toHaveLength(3)
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

  test('whichever of 1,000 bits of the three files is wrong', async () => {
    await world.db.transaction((tx) => addToLedger(tx, tx.tools.keyring, newId(), tx.now))
    const { archive, keys } = await backUp()
    const ledger = ledgerBeside(archive)
    const keyring = parseKeyring(testServer().keyring)
    const files = [
      { file: archive, read: () => verifyArchive(archive, 'archive', keyring) },
      { file: keys, read: () => verifyArchive(keys, 'keys', keyring) },
      { file: ledger, read: () => readLedger(keyring, ledger) },
    ]
    const missed: string[] = []
    for (const [index, { file, read }] of files.entries()) {
      await read()
      const bytes = readFileSync(file)
      // Bits of each file from its first to its last, and some of wherever they fall.
      const bits = Array.from({ length: index === 0 ? 400 : 300 }, (_, time) =>
        time < 100 ? Math.round((time / 99) * (8 * bytes.length - 1)) : randomInt(8 * bytes.length),
      )
      for (const bit of bits) {
        const changed = Buffer.from(bytes)
        changed[bit >> 3]! ^= 1 << (bit & 7)
        writeFileSync(file, changed)
        const isRefused = await read().then(
          () => false,
          (error: Error) => ['BackupRefused', 'LedgerRefused'].includes(error.name),
        )
        if (!isRefused) missed.push(`${basename(file)} ${bit} of ${8 * bytes.length}`)
      }
      writeFileSync(file, bytes)
      await read()
    }
    expect(missed).toEqual([])
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

  test('stays where it is to try each week, and tries again when one has passed', async () => {
    const BACKUP_DIR = place()
    await backUp(BACKUP_DIR)
    const drills = async () =>
      Number((await query(ownerUrl(), 'SELECT count(*) FROM backup_drills'))[0]!['count'])
    const stays = async (): Promise<number> => {
      const before = await drills()
      const words = ['backup', 'verify', '--every', '7']
      const running = new PorticoProcess({ ...environment, BACKUP_DIR }, [
        process.execPath,
        ...['bin/portico.js', ...words],
      ])
      await running.says(/recovery point/)
      const { code, stderr } = await running.end('SIGTERM')
      // A checkout is built first, where it has changed.
      expect({ code, stderr: stderr.replace(/^Built .+\n/, '') }).toEqual({ code: 0, stderr: '' })
      return (await drills()) - before
    }
    await query(ownerUrl(), `UPDATE backup_drills SET started_at = started_at - interval '8 days'`)
    expect(await stays()).toBe(1)
    await query(ownerUrl(), `UPDATE backup_drills SET started_at = started_at - interval '7 days'`)
    expect(await stays()).toBe(1)
  })

  test.each([
    [['--every', '0'], /a number of days from 1 to 366/],
    [['--every', 'often'], /a number of days from 1 to 366/],
    [['somewhere', '--every', '7'], /name no archive/],
  ])('does not understand %j: exit code 2', async (words, complaint) => {
    expect(await portico('backup', 'verify', ...words)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(complaint),
    })
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
      expect(names).toHaveLength(6)
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

  test('tells where it cannot try one, for want of the role that may make a database', async () => {
    const spies = [
      jest.replaceProperty(world.db.tools, 'backups', scheduled()),
      jest.replaceProperty(world.db.tools, 'database', { ...world.db.tools.database, ownerUrl: null }),
    ]
    try {
      await world.do(tryNewestBackup, {})
      expect(world.logLines.at(-1)).toMatch(/no backup was tried.+DATABASE_OWNER_URL/)
    } finally {
      for (const spy of spies) spy.restore()
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
