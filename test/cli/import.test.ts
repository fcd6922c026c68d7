import { hashRawSync } from '@node-rs/argon2'
import { hashSync } from 'bcrypt'
import { execFileSync } from 'node:child_process'
import { createCipheriv, pbkdf2Sync, randomBytes, scryptSync } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runImport } from '../../src/cli/import/importer'
import { Report } from '../../src/cli/import/report'
import { openSource } from '../../src/cli/import/source'
import { foreignHash } from '../../src/crypto/foreign-hash'
import { ImportService } from '../../src/modules/import/import.service'
import type { Password } from '../../src/modules/password/password.entity'
import { UserService } from '../../src/modules/user/user.service'
import { codes, passwordResetOf, SIGN_IN } from '../support/account'
import { testServer } from '../support/test-server'
import { until } from '../support/until'
import { ATTRIBUTES, unique, useWorld } from '../support/world'
import { portico } from './in-process'
import { PorticoProcess, ROOT } from './portico-process'

const world = useWorld()
const before = { ...process.env }
let folder: string
let environment: Record<string, string>

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'portico-import-'))
  const { databaseUrl, databaseOwnerUrl } = world.portico.config
  environment = {
    DATABASE_URL: databaseUrl!,
    DATABASE_OWNER_URL: databaseOwnerUrl!,
    PORTICO_KEYRING: testServer().keyring,
    DATA_DIR: folder,
    BCRYPT_COST: '10',
    ATTRIBUTES: JSON.stringify(ATTRIBUTES),
  }
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

beforeEach(() => {
  process.env = { PATH: before.PATH, ...environment }
})

afterEach(() => {
  process.env = { ...before }
  jest.restoreAllMocks()
})

const PASSWORD = 'harbour lantern at dusk'

/** A file of its own with this content. */
function fileOf(content: string | object[], ending = 'ndjson'): string {
  const file = join(folder, `${unique('people')}.${ending}`)
  const text =
    typeof content === 'string' ? content : content.map((line) => JSON.stringify(line) + '\n').join('')
  writeFileSync(file, text)
  return file
}

interface Outcome {
  code: number
  format: string
  imported: number
  refused: number
  reasons: Record<string, number>
  namesMade: number
  withoutPassword: number
  secondFactorsLeft: number
  resumedAt: number
  report: string | null
  error?: string
}

async function importing(file: string, ...options: string[]): Promise<Outcome> {
  const { code, stdout, stderr } = await portico('import', file, '--json', ...options)
  expect(stderr).toBe('')
  return { code, ...(JSON.parse(stdout) as Omit<Outcome, 'code'>) }
}

interface Reported {
  line?: number
  element?: number
  username: string | null
  email: string | null
  problems: { field: string; code: string; message: string }[]
}

const reported = (file: string): Reported[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Reported)

/** Each refused entry as its place and its reasons. */
const reasonsIn = (file: string): string[] =>
  reported(file).map(
    ({ line, element, problems }) =>
      `${line ?? element}: ${problems.map(({ field, code }) => `${field} ${code}`.trim()).join(', ')}`,
  )

const somebody = (more: object = {}) => {
  const username = unique('i')
  return { username, email: `${username}@example.com`, ...more }
}

const signIn = async (login: string, password: string) =>
  (await world.anonymous.data(SIGN_IN, { input: { login, password } })).signIn

async function personOf(username: string) {
  const admin = await world.person({ role: 'admin' })
  const { userByUsername } = await admin.api.data(
    `query ($username: String!) { userByUsername(username: $username) {
      id username displayName bio locale timeZone status createdAt
      email emails { verifiedAt } roles { name } preferences { key value }
      auditEvents { edges { node { action } } }
    } }`,
    { username },
  )
  return userByUsername
}

const count = async (table: string): Promise<number> =>
  (await world.db.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`))[0]!.count

/** The password, hashed as each system does it, cheaply. */
function hashes(): Record<string, string> {
  const salt = randomBytes(16)
  const key = (length: number) => scryptSync(PASSWORD, salt, length, { N: 16, r: 1, p: 1 })
  const cost = { ln: 4, r: 1, p: 1 }
  const signerKey = randomBytes(64)
  const cipher = createCipheriv('aes-256-ctr', key(32), Buffer.alloc(16))
  const firebase = cipher.update(signerKey)
  const argon2 = (algorithm: number) =>
    hashRawSync(PASSWORD, { algorithm, salt, memoryCost: 64, timeCost: 1, parallelism: 1 })
  const pbkdf2 = (digest: string, length: number) => pbkdf2Sync(PASSWORD, salt, 10, length, digest)
  const cheap = { memory: 64, passes: 1, lanes: 1 }
  return {
    bcrypt: hashSync(PASSWORD, 4),
    'bcrypt of PHP': hashSync(PASSWORD, 4).replace('$2b$', '$2y$'),
    argon2id: foreignHash.argon2('id', 19, cheap, salt, argon2(2)),
    argon2i: foreignHash.argon2('i', 19, cheap, salt, argon2(1)),
    scrypt: foreignHash.scrypt(cost, salt, key(64)),
    'firebase scrypt': foreignHash.firebase(
      cost,
      { saltSeparator: Buffer.alloc(0), signerKey },
      salt,
      firebase,
    ),
    'firebase scrypt as Supabase writes it': `$fbscrypt$v=1,n=4,r=1,p=1,ss=,sk=${signerKey.toString('base64')}$${salt.toString('base64')}$${firebase.toString('base64')}`,
    'pbkdf2-sha1': foreignHash.pbkdf2('sha1', 10, salt, pbkdf2('sha1', 20)),
    'pbkdf2-sha256': foreignHash.pbkdf2('sha256', 10, salt, pbkdf2('sha256', 32)),
    'pbkdf2-sha512': foreignHash.pbkdf2('sha512', 10, salt, pbkdf2('sha512', 64)),
    'pbkdf2 of Django': `pbkdf2_sha256$10$abcdefgh$${pbkdf2Sync(PASSWORD, 'abcdefgh', 10, 32, 'sha256').toString('base64')}`,
    'scrypt of Django': `scrypt$16$abcdefgh$1$1$${scryptSync(PASSWORD, 'abcdefgh', 64, { N: 16, r: 1, p: 1 }).toString('base64')}`,
  }
}

describe('imported passwords', () => {
  test.each(Object.entries(hashes()))(
    'R10 %s: the password works, and from then on the hash is ours',
    async (_kind, passwordHash) => {
      const person = somebody({ passwordHash })
      expect(await importing(fileOf([person]))).toMatchObject({ code: 0, imported: 1, refused: 0 })
      expect(codes(await signIn(person.username, 'not the password'))).toEqual(['INVALID_CREDENTIALS'])
      const signedIn = await signIn(person.email.toUpperCase(), PASSWORD)
      expect(signedIn.userErrors).toEqual([])
      const [row] = await world.db.query<Password>(
        'SELECT hash FROM passwords JOIN users ON id = user_id WHERE username = $1',
        [person.username],
      )
      expect(row!.hash).toMatch(/^\$bcrypt-hmac-sha384\$v=1\$2b\$/)
      expect(codes(await signIn(person.username, PASSWORD))).toEqual([])
    },
  )

  test('a hash of no kind, in pieces or too costly is refused with its reason', async () => {
    const file = fileOf([
      somebody({ passwordHash: '5f4dcc3b5aa765d61d8327deb882cf99' }),
      somebody({ passwordHash: '$2b$10$short' }),
      somebody({ passwordHash: '$2b$31$' + '.'.repeat(53) }),
      somebody({ passwordHash: await world.portico.db.tools.hasher.hash(PASSWORD) }),
    ])
    const { code, report } = await importing(file)
    expect(code).toBe(1)
    expect(reasonsIn(report!)).toEqual([
      '1: passwordHash UNSUPPORTED',
      '2: passwordHash MALFORMED',
      '3: passwordHash TOO_COSTLY',
      '4: passwordHash UNSUPPORTED',
    ])
    expect(readFileSync(report!, 'utf8')).not.toContain('5f4dcc3b')
  })
})

describe('Portico’s own format', () => {
  test('brings everything along', async () => {
    const role = unique('readers ')
    await world.db.query(
      `INSERT INTO roles (id, name, description, permissions, is_built_in, version, created_at)
       VALUES (gen_random_uuid(), $1, '', '{}', false, 1, now())`,
      [role],
    )
    const person = somebody({
      emailVerified: true,
      displayName: 'Ada Lovelace',
      bio: 'Counts.\nAnd computes.',
      locale: 'pt-BR',
      timeZone: 'America/Recife',
      createdAt: '2015-12-10T08:00:00Z',
      roles: [role.toUpperCase(), 'user'],
      preferences: { theme: 'dark', pageSize: 50 },
      attributes: { pronouns: 'she/her', rank: 7, diary: ['Wrote a program.'], city: null },
      status: 'active',
    })
    expect(await importing(fileOf([person]))).toMatchObject({ code: 0, imported: 1, withoutPassword: 1 })
    const found = await personOf(person.username)
    expect(found).toMatchObject({
      displayName: 'Ada Lovelace',
      bio: 'Counts.\nAnd computes.',
      locale: 'pt-BR',
      timeZone: 'America/Recife',
      createdAt: '2015-12-10T08:00:00.000Z',
      email: person.email,
      emails: [{ verifiedAt: expect.any(String) }],
    })
    expect(found.roles.map(({ name }: { name: string }) => name).sort()).toEqual([role, 'user'].sort())
    expect(found.preferences).toEqual(
      expect.arrayContaining([
        { key: 'theme', value: 'dark' },
        { key: 'pageSize', value: 50 },
      ]),
    )
    const { user } = await (
      await world.person({ role: 'admin' })
    ).api.data(`{ user(id: "${found.id}") { attributes { key value } } }`)
    expect(user.attributes).toEqual([
      { key: 'pronouns', value: 'she/her' },
      { key: 'rank', value: 7 },
    ])
    const actions = found.auditEvents.edges.map(({ node }: { node: { action: string } }) => node.action)
    expect(actions.sort()).toEqual(['account.imported', 'role.granted'])
  })

  test('is understood as CSV, with quotes, line ends and empty fields', async () => {
    const [one, other] = [somebody(), somebody()]
    const file = fileOf(
      '\ufeffusername,email,emailVerified,displayName,bio,preferences,roles\r\n' +
        `${one.username},${one.email},true,"Lovelace, ""Ada""","two\nlines","{""theme"":""dark""}",user\r\n` +
        `${other.username},${other.email},,,,,\r\n`,
      'csv',
    )
    expect(await importing(file)).toMatchObject({ code: 0, format: 'portico', imported: 2 })
    expect(await personOf(one.username)).toMatchObject({ displayName: 'Lovelace, "Ada"', bio: 'two\nlines' })
    expect(await personOf(other.username)).toMatchObject({
      displayName: other.username,
      bio: null,
      emails: [{ verifiedAt: null }],
    })
  })

  test('each refused line is reported with its place, whom it names and why; the rest are imported', async () => {
    const taken = await world.person()
    const good = somebody()
    const file = fileOf(
      [
        JSON.stringify(good),
        '{"username": "broken"',
        '["no object"]',
        '',
        JSON.stringify({ username: 'a!', email: 'nowhere' }),
        JSON.stringify({ ...somebody(), username: taken.username.toUpperCase() }),
        JSON.stringify({ ...somebody(), email: taken.email.toUpperCase() }),
        JSON.stringify({ ...somebody(), username: good.username }),
        JSON.stringify({ ...somebody(), email: good.email }),
        JSON.stringify(somebody({ roles: ['king'] })),
        JSON.stringify(somebody({ preferences: { theme: 'plaid', colour: 'red' } })),
        JSON.stringify(somebody({ attributes: { rank: 'high', size: 'XL' } })),
        JSON.stringify(somebody({ locale: 'xx_broken', timeZone: 'Moon/Base' })),
        JSON.stringify(somebody({ createdAt: 'yesterday' })),
        JSON.stringify(somebody({ displayName: 'a\u0000b' })),
        JSON.stringify(somebody({ bio: 'half \ud83d' })),
        JSON.stringify(somebody({ emailverified: true })),
        JSON.stringify({ username: unique('i') }),
        JSON.stringify(somebody({ status: 'erased' })),
        'x'.repeat(2 ** 20 + 1),
        JSON.stringify(somebody()),
      ].join('\n'),
    )
    const outcome = await importing(file)
    expect(outcome).toMatchObject({ code: 1, imported: 2, refused: 18 })
    expect(reasonsIn(outcome.report!)).toEqual([
      '2: MALFORMED',
      '3: MALFORMED',
      '5: username TOO_SHORT, email INVALID',
      '6: username TAKEN',
      '7: email TAKEN',
      '8: username TAKEN',
      '9: email TAKEN',
      '10: roles NOT_FOUND',
      '11: preferences.theme INVALID, preferences.colour NOT_FOUND',
      '12: attributes.rank INVALID, attributes.size NOT_FOUND',
      '13: locale INVALID, timeZone INVALID',
      '14: createdAt INVALID',
      '15: displayName INVALID',
      '16: bio INVALID',
      '17: UNKNOWN_FIELD',
      '18: email REQUIRED',
      '19: status INVALID',
      '20: MALFORMED',
    ])
    expect(reported(outcome.report!)[3]).toMatchObject({ username: taken.username.toUpperCase() })
    if (process.platform !== 'win32') expect(statSync(outcome.report!).mode & 0o777).toBe(0o600)
    expect(outcome.reasons).toMatchObject({ 'username TAKEN': 2, 'email TAKEN': 2, MALFORMED: 3 })
  })

  test('a record of CSV with wrong quotes takes no others with it', async () => {
    const people = [somebody(), somebody(), somebody()]
    const lines = people.map(({ username, email }) => `${username},${email}`)
    const file = fileOf(
      ['username,email', lines[0], 'x"y,"a"b', lines[1], 'one', lines[2], ''].join('\n'),
      'csv',
    )
    const { imported, report } = await importing(file)
    expect(imported).toBe(3)
    expect(reasonsIn(report!)).toEqual(['3: MALFORMED', '5: MALFORMED'])
  })

  test('roles that carry permissions are granted only where that is asked for', async () => {
    const person = somebody({ roles: ['manager'] })
    const file = fileOf([person])
    const { code, report } = await importing(file)
    expect(code).toBe(1)
    expect(reasonsIn(report!)).toEqual(['1: roles NOT_PERMITTED'])
    expect(await importing(file, '--restart', '--allow-staff')).toMatchObject({ code: 0, imported: 1 })
    expect((await personOf(person.username)).roles.map(({ name }: { name: string }) => name)).toContain(
      'manager',
    )
  })

  test('an address that was not verified signs in and is reset by mail, as everybody’s is', async () => {
    const person = somebody({ emailVerified: false })
    await importing(fileOf([person]))
    expect(codes(await signIn(person.email, PASSWORD))).toEqual(['INVALID_CREDENTIALS'])
    const { token } = await passwordResetOf(world, person)
    const reset = `mutation ($token: String!) {
      resetPassword(input: { token: $token, newPassword: "an entirely new one" }) { userErrors { code } }
    }`
    expect(codes((await world.anonymous.data(reset, { token })).resetPassword)).toEqual([])
    expect(codes(await signIn(person.email, 'an entirely new one'))).toEqual([])
  })

  test('suspended people cannot sign in', async () => {
    const person = somebody({ status: 'suspended', passwordHash: hashSync(PASSWORD, 4) })
    expect(await importing(fileOf([person]))).toMatchObject({ imported: 1 })
    expect(codes(await signIn(person.username, PASSWORD))).toEqual(['INVALID_CREDENTIALS'])
  })
})

describe('other systems', () => {
  const oid = () => randomBytes(12).toString('hex')

  test('Auth0: its export of users with its separate export of hashes', async () => {
    const [one, other, google] = [oid(), oid(), oid()]
    const email = (id: string) => `${id}@example.com`
    const users = fileOf([
      {
        user_id: `auth0|${one}`,
        email: email(one),
        email_verified: true,
        name: email(one),
        nickname: 'Ada.L',
        created_at: '2020-02-03T04:05:06.000Z',
      },
      {
        user_id: `auth0|${other}`,
        email: email(other),
        email_verified: false,
        given_name: 'Žofie',
        blocked: true,
      },
      { user_id: `google-oauth2|${google}`, email: email(google), email_verified: true, name: '李' },
    ])
    const passwords = fileOf([
      { _id: { $oid: one }, email: email(one), passwordHash: hashSync(PASSWORD, 4), tenant: 'x' },
      { _id: { $oid: google }, email: email(google), passwordHash: hashSync(PASSWORD, 4) },
    ])
    const outcome = await importing(users, '--passwords', passwords)
    expect(outcome).toMatchObject({ code: 0, format: 'auth0', imported: 3, withoutPassword: 2 })
    expect(codes(await signIn(email(one), PASSWORD))).toEqual([])
    expect(codes(await signIn(email(google), PASSWORD))).toEqual(['INVALID_CREDENTIALS'])
    // The address is shown to nobody as a name.
    expect(await personOf('ada_l')).toMatchObject({ displayName: 'Ada.L', email: email(one) })
    expect(await personOf('zofie')).toMatchObject({ displayName: 'Žofie', status: 'SUSPENDED' })
  })

  test('Auth0: the hashes alone, and the files of its own import', async () => {
    const id = oid()
    const alone = fileOf([
      {
        _id: { $oid: id },
        email: `${id}@example.com`,
        email_verified: true,
        passwordHash: hashSync(PASSWORD, 4),
      },
    ])
    expect(await importing(alone, '--format', 'auth0')).toMatchObject({ imported: 1, withoutPassword: 0 })
    expect(codes(await signIn(`${id}@example.com`, PASSWORD))).toEqual([])

    const salt = randomBytes(8)
    const people = Object.entries({
      bcrypt: { algorithm: 'bcrypt', hash: { value: hashSync(PASSWORD, 4) } },
      argon2: { algorithm: 'argon2', hash: { value: hashes().argon2id } },
      pbkdf2: {
        algorithm: 'pbkdf2',
        hash: {
          value: `$pbkdf2-sha512$i=10,l=64$${salt.toString('base64').replace(/=/g, '')}$${pbkdf2Sync(PASSWORD, salt, 10, 64, 'sha512').toString('base64').replace(/=/g, '')}`,
        },
      },
      scrypt: {
        algorithm: 'scrypt',
        hash: { value: scryptSync(PASSWORD, salt, 64, { N: 16, r: 1 }).toString('hex'), encoding: 'hex' },
        salt: { value: salt.toString('base64'), encoding: 'base64' },
        cost: 16,
        blockSize: 1,
        parallelization: 1,
        keylen: 64,
      },
      md5: { algorithm: 'md5', hash: { value: 'x', encoding: 'hex' } },
    }).map(([kind, custom_password_hash]) => {
      const { email } = somebody()
      return {
        kind,
        email,
        email_verified: true,
        custom_password_hash,
        mfa_factors: [{ totp: { secret: 'x' } }],
      }
    })
    const outcome = await importing(fileOf(JSON.stringify(people, null, 2), 'json'))
    expect(outcome).toMatchObject({ code: 1, format: 'auth0', imported: 4, secondFactorsLeft: 4 })
    expect(reasonsIn(outcome.report!)).toEqual(['5: passwordHash UNSUPPORTED'])
    for (const { email } of people.slice(0, 4)) expect(codes(await signIn(email, PASSWORD))).toEqual([])
  })

  test.each([null, 2])('Keycloak: the export of a realm, indented by %p', async (indent) => {
    const salt = randomBytes(16)
    const credential = (
      algorithm: string,
      value: Buffer,
      hashIterations: number,
      additional: object = {},
    ) => ({
      type: 'password',
      createdDate: 1_600_000_000_000,
      secretData: JSON.stringify({
        value: value.toString('base64'),
        salt: salt.toString('base64'),
        additionalParameters: {},
      }),
      credentialData: JSON.stringify({ hashIterations, algorithm, additionalParameters: additional }),
    })
    const argon2 = hashRawSync(PASSWORD, { algorithm: 2, salt, memoryCost: 64, timeCost: 2, parallelism: 1 })
    const user = (username: string, more: object) => ({
      username,
      email: `${username}@example.com`,
      emailVerified: true,
      enabled: true,
      createdTimestamp: 1_577_836_800_000,
      firstName: 'Ada "the }]" [{ first',
      lastName: 'Lovelace \\',
      attributes: { locale: ['pt_BR'] },
      realmRoles: ['default-roles-demo', 'offline_access'],
      ...more,
    })
    const names = [1, 2, 3, 4].map(() => unique('k'))
    const dotted = `${unique('k')}.${unique('x')}`.slice(0, 20)
    const realm = {
      realm: 'demo',
      clients: [{ name: 'users', users: [{ username: 'nobody' }] }],
      defaultRole: { name: 'users' },
      users: [
        user(names[0]!, {
          credentials: [credential('pbkdf2', pbkdf2Sync(PASSWORD, salt, 10, 64, 'sha1'), 10)],
        }),
        user(names[1]!, {
          credentials: [credential('pbkdf2-sha256', pbkdf2Sync(PASSWORD, salt, 10, 64, 'sha256'), 10)],
        }),
        user(names[2]!, {
          credentials: [
            { type: 'otp', secretData: '{"value":"x"}', credentialData: '{}' },
            credential('pbkdf2-sha512', pbkdf2Sync(PASSWORD, salt, 10, 64, 'sha512'), 10),
          ],
        }),
        user(names[3]!, {
          credentials: [
            credential('argon2', argon2, 2, {
              hashLength: ['32'],
              memory: ['64'],
              type: ['id'],
              version: ['1.3'],
              parallelism: ['1'],
            }),
          ],
        }),
        user(dotted, { credentials: [], enabled: false }),
        user(unique('k'), { realmRoles: ['king'] }),
        { username: 'service-account-x', enabled: true, serviceAccountClientId: 'x' },
      ],
      groups: [],
      scopes: [{ users: 'x' }],
    }
    const outcome = await importing(fileOf(JSON.stringify(realm, null, indent!), 'json'))
    expect(outcome).toMatchObject({
      format: 'keycloak',
      imported: 5,
      namesMade: 1,
      withoutPassword: 1,
      secondFactorsLeft: 1,
    })
    expect(reasonsIn(outcome.report!)).toEqual(['6: roles NOT_FOUND', '7: NO_PERSON'])
    for (const name of names) expect(codes(await signIn(name, PASSWORD))).toEqual([])
    expect(await personOf(names[0]!)).toMatchObject({
      displayName: 'Ada "the }]" [{ first Lovelace \\',
      locale: 'pt-BR',
      createdAt: '2020-01-01T00:00:00.000Z',
    })
    expect(await personOf(dotted.replace('.', '_'))).toMatchObject({ status: 'SUSPENDED' })
  })

  test('Supabase: auth.users as CSV and as NDJSON', async () => {
    const [one, other, third] = [unique('s'), unique('s'), unique('s')]
    const csv = fileOf(
      [
        'id,email,encrypted_password,email_confirmed_at,raw_user_meta_data,created_at,banned_until,deleted_at',
        `1,${one}@example.com,${hashSync(PASSWORD, 4)},2023-01-01 00:00:00.123456+00,"{""full_name"": ""Ada, L""}",2022-05-06 07:08:09.1+02,,`,
        `2,${other}@example.com,"${hashes()['firebase scrypt as Supabase writes it']}",,{},2022-05-06 07:08:09+00,2999-01-01 00:00:00+00,`,
        `3,${unique('s')}@example.com,,,,2022-05-06,,2023-01-01 00:00:00+00`,
      ].join('\n'),
      'csv',
    )
    const outcome = await importing(csv)
    expect(outcome).toMatchObject({ format: 'supabase', imported: 2, namesMade: 2 })
    expect(reasonsIn(outcome.report!)).toEqual(['4: DELETED'])
    expect(codes(await signIn(`${one}@example.com`, PASSWORD))).toEqual([])
    expect(codes(await signIn(`${other}@example.com`, PASSWORD))).toEqual(['INVALID_CREDENTIALS'])

    const line = {
      email: `${third}@example.com`,
      encrypted_password: hashSync(PASSWORD, 4),
      email_confirmed_at: null,
      raw_user_meta_data: { user_name: third },
      created_at: '2022-05-06T07:08:09+00:00',
      banned_until: null,
    }
    expect(await importing(fileOf([line]))).toMatchObject({ format: 'supabase', imported: 1, namesMade: 0 })
    expect(await personOf(third)).toMatchObject({ status: 'ACTIVE', emails: [{ verifiedAt: null }] })
    expect(codes(await signIn(third, PASSWORD))).toEqual([])
  })

  test('a username is made unique where several people would have the same', async () => {
    const name = unique('twin')
    const people = [1, 2, 3].map((number) => ({
      email: `${unique(`t${number}`)}@example.com`,
      displayName: name,
    }))
    expect(await importing(fileOf(people))).toMatchObject({ code: 0, imported: 3, namesMade: 2 })
    const rows = await world.db.query<{ username: string }>(
      'SELECT username FROM users WHERE display_name = $1 ORDER BY length(username)',
      [name],
    )
    expect(rows[0]!.username).toBe(name)
    for (const { username } of rows.slice(1)) expect(username).toMatch(new RegExp(`^${name}_[0-9a-z]{4}$`))
  })
})

describe('a run', () => {
  test('that is dry checks everything, within the file and against the database, and writes nothing', async () => {
    const taken = await world.person()
    const twin = somebody()
    const people = [
      ...Array.from({ length: 600 }, () => somebody()),
      // The next batch, which is under way beside the one with the first of the two.
      { ...somebody(), email: twin.email },
      ...Array.from({ length: 600 }, () => somebody()),
      somebody({ email: taken.email }),
      somebody({ roles: ['king'] }),
    ]
    const file = fileOf([twin, ...people, { ...somebody(), username: twin.username }])
    const tables = ['users', 'emails', 'data_keys', 'audit_events', 'imports']
    const counted = () => Promise.all(tables.map(count))
    const beforehand = await counted()
    const outcome = await importing(file, '--dry-run')
    expect(outcome).toMatchObject({ code: 1, imported: 1_201, refused: 4 })
    expect(reasonsIn(outcome.report!)).toEqual([
      '602: email TAKEN',
      '1203: email TAKEN',
      '1204: roles NOT_FOUND',
      '1205: username TAKEN',
    ])
    expect(await counted()).toEqual(beforehand)
    const real = await importing(file)
    expect(real).toMatchObject({ imported: 1_201, refused: 4, resumedAt: 0 })
    expect(reasonsIn(real.report!)).toContain('602: email TAKEN')
  })

  test('of a file that was imported already does nothing, and says so', async () => {
    const file = fileOf([somebody(), { username: 'x' }])
    const first = await importing(file)
    const users = await count('users')
    expect(await importing(file)).toMatchObject({ code: 1, imported: 1, refused: 1, reasons: first.reasons })
    expect(await count('users')).toBe(users)
    const { stdout } = await portico('import', file)
    expect(stdout).toMatch(
      /^Imported 1 accounts from portico .* this file was imported already, on .*--restart/,
    )
  })

  test('that is killed goes on where the last batch ended: nobody is lost, nobody comes twice', async () => {
    execFileSync(process.execPath, ['scripts/build.js'], { cwd: ROOT, stdio: 'ignore' })
    const mark = unique('r')
    const people = Array.from({ length: 12_000 }, (_, index) => ({
      username: `${mark}${index}`,
      // Every tenth is refused.
      email: index % 10 === 3 ? 'nowhere' : `${mark}${index}@example.com`,
    }))
    const file = fileOf(people)
    const progress = async () =>
      (
        await world.db.query<{ position: number; imported: number; finished_at: Date | null }>(
          `SELECT position, (tally->>'imported')::int AS imported, finished_at FROM imports ORDER BY started_at DESC LIMIT 1`,
        )
      )[0]
    const made = () => count(`users WHERE username LIKE '${mark}%'`)
    const beforehand = await count('imports')
    const killed = new PorticoProcess(environment, [process.execPath, 'bin/portico.js', 'import', file])
    await until(async () => (await count('imports')) > beforehand && (await progress())!.position > 0)
    expect((await killed.end('SIGKILL')).code).toBeNull()
    // The server may have been told to commit before the process died.
    await until(async () => (await made()) === (await progress())!.imported)
    const reached = (await progress())!
    expect(reached.finished_at).toBeNull()
    expect(reached.position).toBeLessThan(people.length)

    const outcome = await importing(file)
    expect(outcome).toMatchObject({ code: 1, imported: 10_800, refused: 1_200, resumedAt: reached.position })
    expect(await made()).toBe(10_800)
    expect(await count(`emails JOIN users ON users.id = user_id WHERE username LIKE '${mark}%'`)).toBe(10_800)
    expect(reported(outcome.report!).map(({ line }) => line)).toEqual(
      people.flatMap(({ email }, index) => (email === 'nowhere' ? index + 1 : [])),
    )
  }, 120_000)

  test('takes no notice of somebody who signs up meanwhile, but for the one line that comes too late', async () => {
    const people = Array.from({ length: 40 }, () => somebody())
    const late = people[17]!
    jest.spyOn(UserService.prototype, 'takenUsernames').mockResolvedValue([])
    await world.db.query(
      `INSERT INTO users (id, username, display_name, locale, time_zone, status, created_at, updated_at, version)
       VALUES (gen_random_uuid(), $1, 'x', 'en', 'UTC', 'active', now(), now(), 1)`,
      [late.username],
    )
    const source = await openSource(fileOf(people), {})
    const begun = new ImportService(world.db).plan(source.fingerprint)
    await new ImportService(world.db).begin(begun)
    const report = new Report(`${source.file}.refused`, 0)
    const signal = new AbortController().signal
    const options = { isDryRun: false, allowStaff: false, report, onProgress: () => undefined, signal }
    const { tally } = await runImport(world.db, source, begun, options)
    report.close()
    expect(tally).toMatchObject({ imported: 39, refused: 1 })
    expect(reasonsIn(report.file)).toEqual(['18: username TAKEN'])
  })

  test('says in one line what came of it', async () => {
    const { stdout, stderr, code } = await portico(
      'import',
      fileOf([somebody(), somebody({ roles: ['king'] })]),
    )
    expect(stdout).toMatch(
      /^Imported 1 accounts from portico in \d+ s, refused 1 \(roles NOT_FOUND 1×; see .*\.refused\.ndjson\); 1 have no password yet\.\n$/,
    )
    expect({ stderr, code }).toEqual({ stderr: '', code: 1 })
  })

  test.each([
    ['a file that is not there', () => join(folder, 'nowhere'), [], /^There is no file/],
    ['a file of no known kind', () => fileOf('hello\n', 'txt'), [], /^It cannot be seen what/],
    [
      'an unknown format',
      () => fileOf([somebody()]),
      ['--format', 'xml'],
      /Allowed choices are portico, ndjson/,
    ],
    ['--passwords without Auth0', () => fileOf([somebody()]), ['--passwords', 'x'], /goes with Auth0/],
  ])('%s: exit code 2', async (_what, make, options, complaint) => {
    const { code, stdout, stderr } = await portico('import', make(), ...options)
    expect(stderr.replace(/^error: /, '')).toMatch(complaint)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })

  test('never writes its report over what it reads, nor where others can read it', async () => {
    const file = fileOf([somebody(), { username: 'x' }])
    const text = readFileSync(file, 'utf8')
    expect(await portico('import', file, '--report', file)).toMatchObject({ code: 2 })
    expect(readFileSync(file, 'utf8')).toBe(text)
    const report = fileOf('old\n')
    chmodSync(report, 0o666)
    await importing(file, '--report', report)
    expect(reasonsIn(report)).toEqual(['2: username TOO_SHORT, email REQUIRED'])
    if (process.platform !== 'win32') expect(statSync(report).mode & 0o777).toBe(0o600)
    expect(existsSync(`${file}.refused.ndjson`)).toBe(false)
  })

  test('cannot run without its database: exit code 2', async () => {
    process.env.DATABASE_URL = 'postgres://somebody:x@127.0.0.1:1/portico'
    expect(await portico('import', fileOf([somebody()]))).toMatchObject({ code: 2, stdout: '' })
  })
})
