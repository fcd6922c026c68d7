import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { newId, type Id } from '../../src/core/id'
import {
  activateNewestKey,
  addKey,
  generateKeyring,
  parseKeyring,
  saveKeyring,
} from '../../src/crypto/keyring'
import { wrappingKeys } from '../../src/db/keyring-check'
import { PhoneService } from '../../src/modules/phone/phone.service'
import { COMPLETE_SIGN_UP, SIGN_IN, SIGN_UP, applicant } from '../support/account'
import { ApiClient } from '../support/api-client'
import { freePort } from '../support/free-port'
import { PRODUCTION } from '../support/production'
import { startSecondProcess } from '../support/second-process'
import { until } from '../support/until'
import { newNumber, phoneOf } from '../support/phones'
import { World, type Person } from '../support/world'
import { portico } from './in-process'
import { PorticoProcess, ROOT } from './portico-process'

const world = new World()
const before = { ...process.env }
let folder: string
let file: string
let environment: Record<string, string>

beforeAll(async () => {
  execFileSync(process.execPath, ['scripts/build.js'], { cwd: ROOT, stdio: 'ignore' })
  folder = mkdtempSync(join(tmpdir(), 'portico-keys-'))
  file = join(folder, 'keyring.json')
  await world.start({ PORTICO_KEYRING: file })
  const { databaseUrl, databaseOwnerUrl } = world.portico.config
  environment = {
    DATABASE_URL: databaseUrl!,
    DATABASE_OWNER_URL: databaseOwnerUrl!,
    PORTICO_KEYRING: file,
    DATA_DIR: folder,
    DEMO_DATA: 'off',
    BCRYPT_COST: '10',
  }
}, 60_000)

afterAll(async () => {
  await world.stop()
  rmSync(folder, { recursive: true, force: true })
})

beforeEach(() => {
  const { PATH, PORTICO_TEST_SERVER } = before
  process.env = { PATH, PORTICO_TEST_SERVER, ...environment }
})

afterEach(() => {
  process.env = { ...before }
})

const ring = () => JSON.parse(readFileSync(file, 'utf8')) as { active: string; keys: Record<string, string> }

/** How many data keys are under which key. */
async function underKeys(): Promise<Record<string, number>> {
  const rows = await world.db.query<{ id: string; count: number }>(
    'SELECT wrapping_key_id(wrapped) AS id, count(*)::int AS count FROM data_keys WHERE wrapped IS NOT NULL GROUP BY 1',
  )
  return Object.fromEntries(rows.map(({ id, count }) => [id, count]))
}

async function rotate(...options: string[]) {
  const { code, stdout, stderr } = await portico('keys', 'rotate', '--json', ...options)
  expect({ code, stderr, stdout: code === 0 ? '' : stdout }).toEqual({ code: 0, stderr: '', stdout: '' })
  return JSON.parse(stdout) as {
    to: string
    from: string[]
    count: number
    seconds: number
    perSecond: number
  }
}

const eventsOf = async (action: string) =>
  (
    await world.db.query<{ details: Record<string, unknown> }>(
      'SELECT details FROM audit_events WHERE action = $1 ORDER BY id',
      [action],
    )
  ).map(({ details }) => details)

/** Data keys of people whom nobody has met. */
async function makeKeys(count: number): Promise<Id[]> {
  const owners = Array.from({ length: count }, () => newId())
  await world.db.codec.makeKeys(owners)
  return owners
}

const emailOf = async (api: ApiClient): Promise<string> =>
  (await api.data('{ viewer { email } }')).viewer.email

describe('R87 portico keys rotate', () => {
  test('wraps every data key anew while two processes go on reading old data and writing new, without an error', async () => {
    const port = await freePort()
    const server = new PorticoProcess({ ...environment, PORT: String(port), LOG_LEVEL: 'error' })
    await server.ready()
    const url = `http://localhost:${port}/graphql`
    const people: Person[] = []
    for (let index = 0; index < 20; index++) people.push(await world.person())
    const number = newNumber()
    await phoneOf(world, people[0]!, number)
    await makeKeys(2_000)
    let isOver = false
    let requests = 0
    const busily = async (work: (round: number) => Promise<unknown>) => {
      for (let round = 0; !isOver; round++, requests++) await work(round)
    }
    const newcomers: { email: string; api: ApiClient }[] = []
    const signUp = async () => {
      const input = applicant()
      const { challenge } = (await new ApiClient(url).data(SIGN_UP, { input })).signUp
      const mails = (await (
        await fetch(`http://localhost:${port}/dev/mailbox.json?to=${encodeURIComponent(input.email)}`)
      ).json()) as { code: string }[]
      const completion = { challengeId: challenge.id, code: mails[0]!.code, transport: 'BEARER' }
      const { token } = (await new ApiClient(url).data(COMPLETE_SIGN_UP, { input: completion }))
        .completeSignUp
      newcomers.push({ email: input.email, api: new ApiClient(url, token) })
    }
    const work = Promise.all([
      busily(signUp),
      busily(async (round) => {
        const person = people[round % people.length]!
        expect(await emailOf(new ApiClient(url, person.token))).toBe(person.email)
      }),
      busily(async (round) => {
        const person = people[round % people.length]!
        expect(await emailOf(person.api)).toBe(person.email)
        await person.api.data('mutation { updateProfile(input: { bio: "New." }) { userErrors { code } } }')
      }),
      busily(async () => {
        const person = await world.person()
        expect(await emailOf(new ApiClient(url, person.token))).toBe(person.email)
      }),
    ])
    // Not before everything is under way.
    await until(() => requests > 20 && newcomers.length > 0)
    const { from, to, count, seconds, perSecond } = await rotate()
    const atTheEnd = requests
    await until(() => requests > atTheEnd + 20)
    isOver = true
    await work

    expect({ from, to }).toEqual({ from: ['k1'], to: 'k2' })
    expect(ring()).toMatchObject({ active: 'k2', keys: { k1: expect.any(String), k2: expect.any(String) } })
    const under = await underKeys()
    expect(Object.keys(under)).toEqual(['k2'])
    expect(count).toBeGreaterThan(2_020)
    expect(under.k2).toBeGreaterThan(count)
    expect(perSecond).toBe(Math.round(perSecond))
    expect(seconds).toBeGreaterThan(0)
    for (const { email, api } of newcomers) expect(await emailOf(api)).toBe(email)
    const { viewer } = await people[0]!.api.data('{ viewer { phones { number } } }')
    expect(viewer.phones).toEqual([{ number }])
    expect(await new PhoneService(world.db).ownersOf(number)).toEqual([people[0]!.id])
    const { stdout } = await server.end('SIGTERM')
    expect(stdout).not.toContain('ERROR')
    expect(world.logLines.filter((line) => /"level":"(error|fatal)"/.test(line))).toEqual([])
    expect(await eventsOf('keys.added')).toEqual([{ key: 'k2' }])
    expect(await eventsOf('keys.rotated')).toEqual([{ from: ['k1'], to: 'k2', count }])
  }, 120_000)

  test('signs service tokens with the new key, and publishes both, without a restart', async () => {
    const { keys } = (await (await fetch(`${world.portico.url}/.well-known/jwks.json`)).json()) as {
      keys: object[]
    }
    const known = parseKeyring(readFileSync(file, 'utf8')).signingKeys
    expect(known).toHaveLength(2)
    expect(keys).toEqual(known.map(({ publicJwk }) => publicJwk))
  })

  test('run again adds another key, and says so; in words it tells figures and what to do next', async () => {
    const { code, stdout, stderr } = await portico('keys', 'rotate')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(
      /^Wrapped [\d,]+ data keys anew under "k3" in [\d.]+ s \([\d,]+ a second\)\.\nNothing is under "k2" any more; `portico keys remove`/,
    )
    expect(Object.keys(await underKeys())).toEqual(['k3'])
  })

  test('killed in the middle, is gone on with by the next run, which adds no other key', async () => {
    for (let times = 0; times < 5; times++) await makeKeys(4_000)
    const total = Object.values(await underKeys()).reduce((sum, one) => sum + one)
    const killed = new PorticoProcess(environment, [process.execPath, 'bin/portico.js', 'keys', 'rotate'])
    await until(async () => ((await underKeys()).k4 ?? 0) > 0)
    await killed.end('SIGKILL')
    const { k3: left = 0, k4: done = 0 } = await underKeys()
    expect(left).toBeGreaterThan(0)
    expect(left + done).toBe(total)
    // Old and new side by side.
    const person = await world.person()
    expect(await emailOf(person.api)).toBe(person.email)
    expect(await rotate()).toMatchObject({ to: 'k4', from: ['k3'], count: left })
    expect(Object.keys(ring().keys)).toEqual(['k1', 'k2', 'k3', 'k4'])
    expect(await rotate('--new-key')).toMatchObject({ to: 'k5', from: ['k4'] })
  }, 60_000)

  test('two at once wrap each data key once', async () => {
    await makeKeys(2_000)
    saveKeyring(file, activateNewestKey(addKey(readFileSync(file, 'utf8'))))
    const { k5: old } = await underKeys()
    const both = await Promise.all(
      [1, 2].map(() =>
        new PorticoProcess(environment, [
          process.execPath,
          'bin/portico.js',
          'keys',
          'rotate',
          '--json',
        ]).end(),
      ),
    )
    const answers = both
      .filter(({ code }) => code === 0)
      .map(({ stdout }) => JSON.parse(stdout) as { count: number })
    // The second may have come so late that there was nothing left, and a new key was its work; or so early that it was refused.
    expect(answers.length).toBeGreaterThan(0)
    expect(answers[0]!.count + (answers[1]?.count ?? 0)).toBeGreaterThanOrEqual(old!)
    expect(Object.keys(await underKeys())).toEqual([ring().active])
  }, 60_000)

  test('a data key that is destroyed meanwhile stays destroyed, and one that is held does not hold up the others', async () => {
    const [held] = await makeKeys(1)
    await makeKeys(50)
    let rotation!: ReturnType<typeof rotate>
    await world.db.transaction(async (tx) => {
      await tx.codec.destroyKey(held!)
      rotation = rotate()
      const active = ring().active
      await until(async () => {
        const under = await underKeys()
        return ring().active !== active && under[active] === 1
      })
    })
    await rotation
    expect(await world.db.query('SELECT wrapped FROM data_keys WHERE owner_id = $1', [held])).toEqual([
      { wrapped: null },
    ])
  }, 30_000)

  test('one that is damaged is told of, and left as it is', async () => {
    const [damaged] = await makeKeys(1)
    const spoil = `UPDATE data_keys SET wrapped = set_byte(wrapped, length(wrapped) - 1, get_byte(wrapped, length(wrapped) - 1) # 1) WHERE owner_id = $1`
    await world.db.query(spoil, [damaged])
    const { code, stdout } = await portico('keys', 'rotate')
    expect(code).toBe(1)
    expect(stdout).toContain('1 do not open and were left as they are')
    await world.db.query('DELETE FROM data_keys WHERE owner_id = $1', [damaged])
  })

  test('wraps nothing under a key that a running process does not know, and goes on when all do', async () => {
    const inline = { ...world.portico.config, keyring: readFileSync(file, 'utf8') }
    const stranger = await startSecondProcess({
      ...world,
      portico: { ...world.portico, config: inline },
    } as World)
    const { active } = ring()
    try {
      const { code, stderr } = await portico('keys', 'rotate')
      expect(stderr).toMatch(
        /^1 of 2 running processes do not know the key "k\d+", so nothing was wrapped under it\./,
      )
      expect(code).toBe(1)
      expect(ring().active).toBe(active)
      expect(Object.keys(await underKeys())).toEqual([active])
    } finally {
      await stranger.stop()
    }
    const pending = Object.keys(ring().keys).at(-1)
    expect(pending).not.toBe(active)
    expect(await rotate()).toMatchObject({ from: [active], to: pending })
  }, 60_000)

  test('where the environment holds the keyring itself, wraps under its active key, and prints what is to be set', async () => {
    const { active } = ring()
    process.env.PORTICO_KEYRING = readFileSync(file, 'utf8')
    expect(await portico('keys', 'rotate')).toMatchObject({
      code: 0,
      stdout: `All data keys are under "${active}".\n`,
    })
    expect(await portico('keys', 'rotate', '--new-key')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('`portico keys add` prints it with a new key'),
    })
    const { code, stdout } = await portico('keys', 'add', '--json')
    expect(code).toBe(0)
    const longer = JSON.parse(stdout) as ReturnType<typeof ring>
    expect(longer.active).toBe(active)
    expect(Object.keys(longer.keys)).toHaveLength(Object.keys(ring().keys).length + 1)
    // Everybody knows it, as if all had been restarted with it.
    saveKeyring(file, stdout)
    process.env.PORTICO_KEYRING = activateNewestKey(stdout)
    await until(
      () => parseKeyring(stdout).fingerprints.keys.size === world.db.tools.keyring.fingerprints.keys.size,
    )
    const answer = await portico('keys', 'rotate')
    expect(answer.stdout).toMatch(
      /1 of 1 running process still wrap new data keys under another key: make "k\d+" the active one/,
    )
    expect(answer.code).toBe(1)
    saveKeyring(file, process.env.PORTICO_KEYRING)
  }, 60_000)

  test('says which key it is about', async () => {
    const { stdout } = await portico('keys', 'rotate', '--help')
    for (const words of ['cut off', '--new-key', '`portico keys add` has added'])
      expect(stdout).toContain(words)
  })
})

describe('R87 portico keys add and remove', () => {
  test('a key that was added wraps nothing, until the next rotation makes it the active one', async () => {
    // What was made while the keyring changed hands above.
    await rotate()
    const { active } = ring()
    const { code, stdout } = await portico('keys', 'add', '--json')
    expect(code).toBe(0)
    const { key } = JSON.parse(stdout) as { key: string }
    expect(ring().active).toBe(active)
    expect(await eventsOf('keys.added')).toContainEqual({ key })
    await makeKeys(1)
    expect(Object.keys(await underKeys())).toEqual([active])
    expect(await rotate()).toMatchObject({ from: [active], to: key })
  })

  test('a key is removed where nothing is under it, and by nobody else', async () => {
    const { active } = ring()
    expect(await portico('keys', 'remove', active)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is the active one'),
    })
    expect(await portico('keys', 'remove', 'k999')).toMatchObject({
      code: 1,
      stderr: 'There is no key of that name on the keyring.\n',
    })
    const stuck = await makeKeys(1)
    saveKeyring(file, activateNewestKey(addKey(readFileSync(file, 'utf8'))))
    await until(() => world.db.tools.keyring.activeKeyId !== active)
    expect(await portico('keys', 'remove', active)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/is needed: it wraps [\d,]+ data keys/),
    })
    await rotate()
    expect(await portico('keys', 'remove', active)).toMatchObject({ code: 0 })
    expect(ring().keys).not.toHaveProperty(active)
    expect(await eventsOf('keys.removed')).toEqual([{ key: active }])
    const person = await world.person()
    expect(await emailOf(person.api)).toBe(person.email)
    await world.db.query('DELETE FROM data_keys WHERE owner_id = ANY ($1)', [stuck])
  })

  test('a key is kept while a backup needs it', async () => {
    const { active } = ring()
    const { archive } = JSON.parse((await portico('backup', '--json')).stdout) as { archive: string }
    await rotate()
    expect(await portico('keys', 'remove', active)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/without it 2 files in .+ cannot be restored \(portico\.keys, …\)/),
    })
    rmSync(archive)
    // Names tell seconds apart.
    await sleep(1_000)
    expect(await portico('backup')).toMatchObject({ code: 0 })
    expect(await portico('keys', 'remove', active)).toMatchObject({ code: 0 })
  }, 30_000)
})

describe('R86 a keyring that is not the database’s is refused, and nothing is changed', () => {
  /** Turns the commands to a keyring that differs from the right one. */
  function use(change: (right: Record<string, unknown>) => Record<string, unknown>): string {
    const other = join(folder, 'other.json')
    writeFileSync(
      other,
      JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>)),
    )
    process.env.PORTICO_KEYRING = other
    return other
  }

  const stateOf = () =>
    world.db.query(
      `SELECT (SELECT json_agg(installation) FROM installation) AS installation, (SELECT count(*) FROM data_keys) AS keys,
         (SELECT max(id::text) FROM audit_events) AS event, (SELECT count(*) FROM roles) AS roles`,
    )

  const secret = () => (JSON.parse(generateKeyring()) as { lookup: string }).lookup

  const cases: [string, () => string, RegExp][] = [
    [
      'a new one',
      () => use(() => JSON.parse(generateKeyring()) as Record<string, unknown>),
      /data keys are wrapped under "k\d+", which is not on it/,
    ],
    [
      'one that lacks the key',
      () => use((right) => ({ ...right, active: 'other', keys: { other: secret() } })),
      /data keys are wrapped under "k\d+", which is not on it\. Nothing was changed\. Put the right one in its place/,
    ],
    [
      'one whose key is another of the same name',
      () => use((right) => ({ ...right, keys: { [String(right.active)]: secret() } })),
      /its key "k\d+" is not the one of that name/,
    ],
    [
      'one with another lookup secret',
      () => use((right) => ({ ...right, lookup: secret() })),
      /its lookup secret is another one, nobody would be found/,
    ],
    [
      'one with another pepper',
      () => use((right) => ({ ...right, pepper: secret() })),
      /its pepper is another one, no password would be right/,
    ],
    [
      'none, where it was lost',
      () => (process.env.PORTICO_KEYRING = join(folder, 'lost.json')),
      /There is no keyring at .+lost\.json\. Put it there; without it, nothing encrypted can be read/,
    ],
  ]

  test.each(cases)(
    '%s',
    async (_, change, complaint) => {
      const used = change()
      const content = existsSync(used) ? readFileSync(used, 'utf8') : null
      const state = await stateOf()
      const port = await freePort()
      const start = new PorticoProcess({
        ...(process.env as Record<string, string>),
        PORT: String(port),
      }).end()
      const outcomes = [
        await portico('migrate'),
        await portico('keys', 'rotate'),
        await portico('backup'),
        await start,
      ]
      for (const { code, stdout, stderr } of outcomes) {
        expect(stderr).toMatch(complaint)
        expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      }
      const { code, stdout } = await portico('doctor')
      expect(stdout).toMatch(new RegExp(`✗ keyring: .*${complaint.source}`))
      expect(code).toBe(1)
      expect(await stateOf()).toEqual(state)
      expect(existsSync(used) ? readFileSync(used, 'utf8') : null).toBe(content)
    },
    60_000,
  )

  test('in production too', async () => {
    use((right) => ({ ...right, lookup: secret() }))
    const { DATABASE_OWNER_URL: _, ...rest } = process.env as Record<string, string>
    const environment = { ...rest, ...PRODUCTION, PORT: String(await freePort()), BCRYPT_COST: '12' }
    const { code, stdout, stderr } = await new PorticoProcess(environment).end()
    expect(stderr).toContain('its lookup secret is another one')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    const lost = { ...environment, PORTICO_KEYRING: join(folder, 'lost.json') }
    expect((await new PorticoProcess(lost).end()).stderr).toContain('There is no keyring at')
    expect(existsSync(lost.PORTICO_KEYRING)).toBe(false)
  }, 30_000)

  test('one data key that is damaged says nothing about the keyring', async () => {
    const [damaged] = await makeKeys(1)
    await world.db.query(
      `UPDATE data_keys SET wrapped = overlay(wrapped PLACING '\\x0000' FROM 30) WHERE owner_id = $1`,
      [damaged],
    )
    expect(await portico('migrate')).toMatchObject({ code: 0 })
    await world.db.query('DELETE FROM data_keys WHERE owner_id = $1', [damaged])
  })

  test('it takes one step along an index for each key, however many people there are', async () => {
    const used = Object.keys(await underKeys())
    expect(await wrappingKeys(world.db)).toEqual(used)
    await world.db.transaction(async (tx) => {
      await tx.query('SET LOCAL enable_seqscan = off')
      const plan = await tx.query<{ 'QUERY PLAN': string }>(
        `EXPLAIN SELECT public.wrapping_key_id(wrapped) FROM public.data_keys WHERE wrapped IS NOT NULL AND public.wrapping_key_id(wrapped) > 'k'
         ORDER BY public.wrapping_key_id(wrapped) LIMIT 1`,
      )
      expect(plan.map((line) => line['QUERY PLAN']).join('\n')).toMatch(
        /Index (Only )?Scan using data_keys_wrapping_key_index/,
      )
    })
  })

  test('the embedded database, whose keyring was deleted: none is made beside it', async () => {
    const DATA_DIR = mkdtempSync(join(tmpdir(), 'portico-lost-'))
    execFileSync('chmod', ['755', DATA_DIR])
    try {
      const embedded = { DATA_DIR, PORT: String(await freePort()), BCRYPT_COST: '10' }
      const first = new PorticoProcess(embedded)
      await first.ready()
      await first.end('SIGTERM')
      const keyring = join(DATA_DIR, 'keyring.json')
      copyFileSync(keyring, `${keyring}.copy`)
      rmSync(keyring)
      const { code, stdout, stderr } = await new PorticoProcess(embedded).end()
      expect(stderr).toContain(`There is no keyring at ${keyring}. Put it there`)
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(readdirSync(DATA_DIR)).not.toContain('keyring.json')
      copyFileSync(`${keyring}.copy`, keyring)
      const again = new PorticoProcess(embedded)
      await again.ready()
      await again.end('SIGTERM')
    } finally {
      rmSync(DATA_DIR, { recursive: true, force: true })
    }
  }, 120_000)

  test('the right one opens everything, sign-in included', async () => {
    const person = await world.person({ password: 'harbour lantern at dusk' })
    const { signIn } = await world.anonymous.data(SIGN_IN, {
      input: { login: person.email, password: 'harbour lantern at dusk' },
    })
    expect(signIn.userErrors).toEqual([])
  })
})
