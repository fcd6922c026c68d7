import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { Client } from 'pg'
import { generateKeyring, parseKeyring } from '../../src/crypto/keyring'
import { cloneDatabase, testServer } from '../support/test-server'
import { portico } from './in-process'

let database: Awaited<ReturnType<typeof cloneDatabase>>
let folder: string
const before = { ...process.env }

beforeAll(async () => {
  database = await cloneDatabase()
  folder = mkdtempSync(join(tmpdir(), 'portico-commands-'))
})

afterAll(async () => {
  await database.drop()
  rmSync(folder, { recursive: true, force: true })
})

beforeEach(() => {
  process.env = {
    PATH: before.PATH,
    DATABASE_URL: database.appUrl,
    DATABASE_OWNER_URL: database.ownerUrl,
    PORTICO_KEYRING: testServer().keyring,
    DATA_DIR: folder,
    BCRYPT_COST: '10',
  }
})

afterEach(() => {
  process.env = { ...before }
  jest.restoreAllMocks()
})

/** Puts a text where a command reads its standard input. */
function typing(text: string): void {
  Object.defineProperty(process, 'stdin', { value: Readable.from([text]), configurable: true })
}

const COMMANDS = [
  'start',
  'migrate',
  'demo',
  'user create',
  'import',
  'backup',
  'backup verify',
  'restore',
  'audit export',
  'audit verify',
  'keys generate',
  'data-map',
  'who-read',
  'subject',
  'retention',
  'insight check',
  'insight rebuild',
  'preferences types',
  'attributes types',
  'schema',
  'doctor',
]

describe('portico', () => {
  test('lists its commands and its version', async () => {
    const { code, stdout } = await portico('--help')
    expect(code).toBe(0)
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command.split(' ')[0]}\\b`, 'm'))
    expect(await portico('--version')).toEqual({ code: 0, stdout: '1.2.3\n', stderr: '' })
  })

  test.each(COMMANDS)('%s explains itself, --json included', async (command) => {
    const { code, stdout } = await portico(...command.split(' '), '--help')
    expect(stdout).toContain(`Usage: portico ${command} [options]`)
    expect(stdout).toMatch(/--json +print the answer as JSON/)
    expect(code).toBe(0)
  })

  test.each([
    [[], 'Usage: portico'],
    [['nonsense'], "error: unknown command 'nonsense'"],
    [['doctor', '--nonsense'], "error: unknown option '--nonsense'"],
    [['doctor', 'superfluous'], 'error: too many arguments'],
    [['user', 'create', 'somebody'], "error: missing required argument 'email'"],
    [
      ['user', 'create', 'somebody', 's@example.com', '--role', 'king'],
      'Allowed choices are admin, manager, user.',
    ],
    [
      ['user', 'create', 'somebody', 's@example.com', '--password', 'secret'],
      "error: unknown option '--password'",
    ],
  ])('%j is answered with what is wrong and exit code 2', async (words, complaint) => {
    const { code, stdout, stderr } = await portico(...words)
    expect(stderr).toContain(complaint)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })

  test('work that fails is told on stderr, or as JSON, with exit code 1', async () => {
    process.env.PORT = 'http'
    const message = 'The configuration cannot be used:\n  - PORT must be a number'
    expect(await portico('doctor')).toMatchObject({
      code: 1,
      stdout: '✗ configuration: PORT must be a number\n',
    })
    expect(await portico('demo')).toEqual({ code: 1, stdout: '', stderr: `${message}\n` })
    expect(await portico('demo', '--json')).toEqual({
      code: 1,
      stdout: `${JSON.stringify({ error: message })}\n`,
      stderr: '',
    })
  })

  test('a database that is not there is told by its address, without the password', async () => {
    process.env.DATABASE_URL = 'postgres://somebody:hunter2@127.0.0.1:1/portico'
    expect(await portico('migrate')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Nothing answers at 127.0.0.1:1. Start PostgreSQL there, or correct DATABASE_URL.\n',
    })
    process.env.DATABASE_URL = database.appUrl.replace(/:[^:@]+@/, ':hunter2@')
    const { code, stderr } = await portico('migrate')
    expect(stderr).toMatch(
      /^PostgreSQL refuses the connection: password authentication failed .* Check DATABASE_URL/,
    )
    expect(stderr).not.toContain('hunter2')
    expect(code).toBe(1)
  })
})

describe('portico migrate', () => {
  test('says that there is nothing to do, for a person and for a program', async () => {
    expect(await portico('migrate')).toEqual({ code: 0, stdout: 'The schema is up to date.\n', stderr: '' })
    expect(await portico('migrate', '--json')).toEqual({ code: 0, stdout: '{"ran":[]}\n', stderr: '' })
  })
})

describe('portico user create', () => {
  const create = (...words: string[]) => portico('user', 'create', ...words)

  test('makes an account whose password comes from the standard input, and refuses a second one', async () => {
    typing('three unrelated nouns\nignored\n')
    const made = await create('Grace', 'Grace@Example.com', '--role', 'admin', '--password-stdin', '--json')
    expect(made.stderr).toBe('')
    expect(JSON.parse(made.stdout)).toEqual({
      user: { id: expect.stringMatching(/^user_[0-9a-z]{26}$/), username: 'grace', role: 'admin' },
    })
    typing('three unrelated nouns')
    expect(await create('grace', 'other@example.com', '--password-stdin')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'username: This username is taken. Choose another.\n',
    })
    typing('three unrelated nouns')
    expect(await create('other', 'grace@EXAMPLE.com', '--password-stdin')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'email: There is an account with this address already. Sign in instead.\n',
    })
  })

  test('R90 production refuses to work as the role that owns the schema', async () => {
    process.env = {
      ...process.env,
      NODE_ENV: 'production',
      DATABASE_URL: database.ownerUrl,
      DATABASE_OWNER_URL: '',
      PUBLIC_URL: 'https://api.example.com',
      TRUSTED_PROXIES: '10.0.0.7',
      SMTP_URL: 'smtp://127.0.0.1:1',
    }
    typing('three unrelated nouns')
    const { code, stderr } = await create('somebody', 's@example.com', '--password-stdin')
    expect(stderr).toMatch(
      /^The role of DATABASE_URL may do too much[^]*owns tables[^]*may change the audit trail/,
    )
    expect(code).toBe(1)
  })

  test.each([
    ['a', 'a@example.com', 'three unrelated nouns', /^username: /],
    ['somebody', 'nowhere', 'three unrelated nouns', /^email: This is not an e-mail address/],
    ['somebody', 's@example.com', 'short', /^password: Use at least 15 characters/],
    ['somebody', 's@example.com', 'i am somebody, really', /^password: Leave out your name/],
  ])('holds %s, %s and %s to the rules of the API', async (username, email, password, complaint) => {
    typing(password)
    const { code, stderr } = await create(username, email, '--password-stdin')
    expect(stderr).toMatch(complaint)
    expect(code).toBe(1)
  })

  test('asks for a password only where there is a terminal, and takes no empty one', async () => {
    typing('')
    expect(await create('somebody', 's@example.com')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--password-stdin'),
    })
    expect(await create('somebody', 's@example.com', '--password-stdin')).toMatchObject({
      code: 2,
      stderr: 'The standard input holds no password.\n',
    })
  })
})

describe('portico keys generate', () => {
  test('R86 prints a new keyring each time, on one line as JSON', async () => {
    const rings = [await portico('keys', 'generate'), await portico('keys', 'generate', '--json')]
    for (const { code, stdout } of rings) {
      expect(parseKeyring(stdout).activeKeyId).toBe('k1')
      expect(code).toBe(0)
    }
    expect(rings[1]!.stdout.trim()).not.toContain('\n')
    expect(JSON.parse(rings[0]!.stdout)).not.toEqual(JSON.parse(rings[1]!.stdout))
  })

  test('writes it to a new file that only its owner reads, and never over another', async () => {
    const file = join(folder, 'keyring for production.json')
    expect((await portico('keys', 'generate', '--out', file)).code).toBe(0)
    const text = readFileSync(file, 'utf8')
    expect(parseKeyring(text).activeKeyId).toBe('k1')
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(await portico('keys', 'generate', '--out', file)).toMatchObject({
      code: 1,
      stderr: `${file} is there already, and is left as it is.\n`,
    })
    expect(readFileSync(file, 'utf8')).toBe(text)
  })
})

describe('portico data-map', () => {
  test('R96 tells of every column that holds personal data why, for whom and how long it is kept', async () => {
    const { code, stdout } = await portico('data-map', '--json')
    const { personal, notPersonal } = JSON.parse(stdout) as {
      personal: Record<string, unknown>[]
      notPersonal: string[]
    }
    expect(code).toBe(0)
    expect(personal.find(({ column }) => column === 'emails.address')).toEqual({
      column: 'emails.address',
      category: 'contact',
      purpose: 'Signing in, and reaching the person about their account.',
      readers: ['self', 'users:read-contact'],
      retention: 'while the account exists',
      onErase: 'shred',
      exported: true,
      encrypted: true,
    })
    expect(notPersonal).toContain('users.id')
    const { client, columns } = await columnsOfDatabase()
    await client.end()
    expect([...personal.map(({ column }) => column as string), ...notPersonal].sort()).toEqual(columns)
  })

  test('prints tables by category for people', async () => {
    const { stdout } = await portico('data-map')
    const lines = stdout.split('\n')
    expect(lines.filter((line) => /^[A-Z]+$/.test(line))).toEqual(
      [...lines.filter((line) => /^[A-Z]+$/.test(line))].sort(),
    )
    const contact = lines.indexOf('CONTACT')
    expect(lines[contact + 1]).toMatch(/^Column +Purpose +Readers +Kept +On erasure +Encrypted +Exported$/)
    expect(lines.slice(contact).find((line) => line.startsWith('emails.address '))).toMatch(
      /^emails\.address +Signing in, .* self, users:read-contact +while the account exists +shred +yes +yes$/,
    )
    expect(lines.at(-2)).toMatch(/^\d+ columns hold personal data; \d+ do not\.$/)
  })
})

async function columnsOfDatabase() {
  const { Client } = await import('pg')
  const client = new Client(database.ownerUrl)
  await client.connect()
  const { rows } = await client.query<{ column: string }>(
    `SELECT format('%s.%s', table_name, column_name) AS column FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name <> 'schema_migrations' ORDER BY 1`,
  )
  return { client, columns: rows.map(({ column }) => column).sort() }
}

test('portico attributes types prints what the application defines, or what is wrong with it', async () => {
  const SIZE = {
    ...{ key: 'shirtSize', readers: 'staff', category: 'identity', purpose: 'Sending the right shirt.' },
    schema: { type: 'string', enum: ['S', 'M', 'L'] },
    texts: { en: { label: 'Shirt size', description: 'Of the shirt that we send.' } },
  }
  process.env = { PATH: process.env.PATH, NODE_ENV: 'production', ATTRIBUTES: JSON.stringify([SIZE]) }
  const { code, stdout } = await portico('attributes', 'types')
  expect(code).toBe(0)
  expect(stdout).toBe(
    [
      '/* Written by `portico attributes types`. */',
      "import 'portico-sdk'",
      '',
      "declare module 'portico-sdk' {",
      '  interface AttributeValues {',
      '    /** Shirt size: Of the shirt that we send. */',
      "    shirtSize: 'S' | 'M' | 'L'",
      '  }',
      '}',
      '',
    ].join('\n'),
  )
  process.env.ATTRIBUTES = JSON.stringify([{ ...SIZE, readers: 'everybody' }])
  expect(await portico('attributes', 'types')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/ATTRIBUTES shirtSize: readers/),
  })
})

describe('portico preferences types', () => {
  const SIZE = {
    key: 'editor.fontSize',
    description: 'How large the text is.',
    schema: { type: 'integer', minimum: 8, maximum: 40 },
    default: 14,
  }

  test('prints what the application adds, from a file or from PREFERENCES, without a configuration', async () => {
    process.env = { PATH: process.env.PATH, NODE_ENV: 'production' }
    const folder = mkdtempSync(join(tmpdir(), 'portico-preferences-'))
    const file = join(folder, 'preferences.json')
    writeFileSync(file, JSON.stringify([SIZE, { key: 'theme', default: 'dark' }]))
    const { code, stdout } = await portico('preferences', 'types', file)
    rmSync(folder, { recursive: true })
    expect(code).toBe(0)
    expect(stdout).toBe(
      [
        '/* Written by `portico preferences types`. */',
        "import 'portico-sdk'",
        '',
        "declare module 'portico-sdk' {",
        '  interface PreferenceValues {',
        '    /** How large the text is. */',
        "    'editor.fontSize': number",
        '  }',
        '}',
        '',
      ].join('\n'),
    )
    process.env.PREFERENCES = JSON.stringify([SIZE])
    const { keys } = JSON.parse((await portico('preferences', 'types', '--json')).stdout) as {
      keys: string[]
    }
    expect(keys).toEqual(['editor.fontSize'])
  })

  test('names all that is wrong with a list, as the start does', async () => {
    process.env.PREFERENCES = JSON.stringify([
      { ...SIZE, default: 4 },
      { key: 'tehme', default: 'dark' },
      { ...SIZE, key: 'a', schema: { $ref: '#' } },
    ])
    const stderr = [
      'The configuration cannot be used:',
      '  - PREFERENCES editor.fontSize: default is refused by its schema: Use a whole number from 8 to 40.',
      '  - PREFERENCES tehme: is not built in, so it must have a description and a schema. Did you mean "theme"?',
      '  - PREFERENCES a: schema must have a type, an enum, a const or an anyOf',
      '  - PREFERENCES a: schema.$ref cannot be used: write out what it refers to',
      '',
    ].join('\n')
    expect(await portico('preferences', 'types')).toEqual({ code: 1, stdout: '', stderr })
    expect(await portico('start')).toEqual({ code: 1, stdout: '', stderr })
  })
})

describe('portico schema', () => {
  test('prints the contract that is under review', async () => {
    const { code, stdout } = await portico('schema')
    expect(stdout).toContain('type Query {')
    expect(code).toBe(0)
    const { sdl } = JSON.parse((await portico('schema', '--json')).stdout) as { sdl: string }
    expect(sdl.trimEnd()).toBe(stdout.trimEnd())
  })
})

describe('portico doctor', () => {
  const query = async (sql: string) => {
    const owner = new Client(database.ownerUrl)
    await owner.connect()
    await owner.query(sql).finally(() => owner.end())
  }

  const findings = async () => {
    const { code, stdout } = await portico('doctor', '--json')
    const found = JSON.parse(stdout) as { findings: { check: string; state: string; says: string }[] }
    return { code, findings: found.findings }
  }

  test('finds everything in order', async () => {
    typing('three unrelated nouns')
    await portico('user', 'create', 'patient', 'patient@example.com', '--password-stdin')
    await query(`INSERT INTO job_workers (id, seen_at) VALUES ('pool-of-a-process', now())`)
    const { code, findings: found } = await findings()
    expect(found.map(({ check, state }) => [check, state])).toEqual([
      ['configuration', 'ok'],
      ['database', 'ok'],
      ['clock', 'ok'],
      ['migrations', 'ok'],
      ['privileges', 'ok'],
      ['keyring', 'ok'],
      ['workers', 'ok'],
      ['jobs', 'ok'],
      ['trail', 'advice'],
      ['privacy requests', 'ok'],
      ['avatars', 'ok'],
      ['backups', 'advice'],
    ])
    expect(code).toBe(0)
  })

  test('misses a place for avatars', async () => {
    process.env.AVATARS_DIR = join(__filename, 'avatars')
    const { code, findings: found } = await findings().finally(() => delete process.env.AVATARS_DIR)
    expect(found.find(({ check }) => check === 'avatars')).toEqual({
      check: 'avatars',
      state: 'bad',
      says: expect.stringContaining('ENOTDIR'),
    })
    expect(code).toBe(1)
  })

  test('misses a process that does background jobs', async () => {
    await query(`UPDATE job_workers SET seen_at = now() - interval '1 hour'`)
    const { code, findings: found } = await findings()
    expect(found.find(({ check }) => check === 'workers')).toMatchObject({
      state: 'advice',
      says: expect.stringMatching(/^no process does background jobs/),
    })
    expect(code).toBe(0)
  })

  test('tells of jobs that have failed for good, and of those that wait for nobody', async () => {
    const jobs = async () => {
      const { code, findings: found } = await findings()
      return { code, ...found.find(({ check }) => check === 'jobs')! }
    }
    await query(`SELECT graphile_worker.add_job('test:failed', max_attempts => 1)`)
    await query(`UPDATE graphile_worker._private_jobs SET attempts = max_attempts`)
    await query(
      `SELECT graphile_worker.add_job('test:soon'), graphile_worker.add_job('test:later', run_at => now() + '1 hour')`,
    )
    expect(await jobs()).toMatchObject({
      code: 0,
      state: 'advice',
      says: expect.stringMatching(/^failed for good: 1 × test:failed;/),
    })
    await query(
      `SELECT graphile_worker.add_job('test:late', run_at => now() - interval '6 minutes') FROM generate_series(1, 2)`,
    )
    expect(await jobs()).toMatchObject({
      code: 1,
      state: 'bad',
      says: expect.stringMatching(
        /^due for more than 5 minutes and not begun: 2 × test:late\. failed for good: 1 × test:failed;/,
      ),
    })
  })

  test('notices a keyring that is not the one that the data was encrypted under', async () => {
    process.env.PORTICO_KEYRING = generateKeyring()
    const { code, findings: found } = await findings()
    expect(found.find(({ check }) => check === 'keyring')).toMatchObject({ state: 'bad' })
    expect(code).toBe(1)
  })

  test('advises against serving with the role that owns the schema', async () => {
    process.env.DATABASE_URL = database.ownerUrl
    const { findings: found } = await findings()
    expect(found.find(({ check }) => check === 'privileges')).toMatchObject({
      state: 'advice',
      says: expect.stringMatching(/^the role of DATABASE_URL owns tables/),
    })
  })

  test('R86 names a weak keyring together with all else that production refuses', async () => {
    process.env = {
      PATH: before.PATH,
      NODE_ENV: 'production',
      PORTICO_KEYRING: JSON.stringify({ active: 'k1', keys: { k1: 'secret' }, lookup: 'a', pepper: 'b' }),
    }
    const { code, findings: found } = await findings()
    expect(found.map(({ says }) => says.split(' ')[0])).toEqual([
      'DATABASE_URL',
      'PUBLIC_URL',
      'TRUSTED_PROXIES',
      'SMTP_URL',
      'PORTICO_KEYRING:',
    ])
    expect(found.at(-1)!.says).toContain('keys.k1 must hold at least 256 bits (32 bytes)')
    expect(code).toBe(1)
  })
})
