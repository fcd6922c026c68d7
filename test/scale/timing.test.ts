import { randomInt } from 'node:crypto'
import { Agent, request } from 'node:http'
import { EmailService } from '../../src/modules/email/email.service'
import { newId, type Id } from '../../src/core/id'
import { PasswordService } from '../../src/modules/password/password.service'
import { UserService } from '../../src/modules/user/user.service'
import { SIGN_IN } from '../support/account'
import { mannWhitney, median } from '../support/mann-whitney'
import { unique, useWorld } from '../support/world'

const world = useWorld({ BCRYPT_COST: '10', TRUSTED_PROXIES: '127.0.0.1', LOG_LEVEL: 'silent' })

const PASSWORD = 'vexing quartz harbour'
const ROUNDS = 250

interface Attempt {
  login: string
  password: string
}

let hash: string
beforeAll(async () => (hash = await new PasswordService(world.db).hash(PASSWORD)))

/** Somebody with a password; all have the same hash, for making one takes longer than the rest. */
async function somebody(): Promise<{ id: Id; username: string; email: string }> {
  const username = unique('u')
  const [id, email] = [newId(), `${username}@example.com`]
  await new UserService(world.db).create({ id, username, displayName: 'Name', locale: 'en' })
  await new EmailService(world.db).addPrimary(id, email)
  await new PasswordService(world.db).store(id, hash)
  return { id, username, email }
}

const wrong = (login: string): Attempt => ({ login, password: `${PASSWORD}.` })

/** Who may try to sign in without success. Each attempt is another person's, so that no throttle stands in the way. */
const KINDS: Record<string, () => Promise<Attempt>> = {
  'somebody with a wrong password': async () => wrong((await somebody()).username),
  nobody: async () => wrong(unique('u')),
  'somebody suspended with the right password': async () => {
    const { id, username } = await somebody()
    await world.db.query(`UPDATE users SET status = 'suspended' WHERE id = $1`, [id])
    return { login: username, password: PASSWORD }
  },
  'somebody whose password has to be reset, with the right one': async () => {
    const { id, username } = await somebody()
    await new PasswordService(world.db).requireReset(id)
    return { login: username, password: PASSWORD }
  },
  'somebody by address': async () => wrong((await somebody()).email),
  'nobody by address': async () => wrong(`${unique('u')}@example.com`),
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 })
afterAll(() => agent.destroy())

/** How long an attempt from a new address takes, in milliseconds, and the answer. */
function take(input: Attempt): Promise<{ time: number; answer: string }> {
  const body = JSON.stringify({ query: SIGN_IN, variables: { input } })
  const address = `10.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}`
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-forwarded-for': address,
  }
  return new Promise((resolve, reject) => {
    const started = performance.now()
    const sent = request(world.url, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({ time: performance.now() - started, answer: Buffer.concat(chunks).toString() }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** The times of so many attempts of each kind, taken in turns whose order is chance. */
async function interleaved(
  kinds: Record<string, () => Promise<Attempt>>,
  expected: RegExp,
): Promise<Record<string, number[]>> {
  const names = Object.keys(kinds)
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]]))
  for (let round = -10; round < ROUNDS; round++) {
    const order = names.map((name) => ({ name, place: randomInt(2 ** 32) })).sort((a, b) => a.place - b.place)
    const attempts = []
    for (const { name } of order) attempts.push({ name, attempt: await kinds[name]!() })
    for (const { name, attempt } of attempts) {
      const { time, answer } = await take(attempt)
      expect(answer).toMatch(expected)
      // The first warm up what is compiled and cached.
      if (round >= 0) times[name]!.push(time)
    }
  }
  return times
}

const compare = (one: readonly number[], other: readonly number[]) => ({
  difference: Math.abs(median(one) / median(other) - 1),
  p: mannWhitney(one, other),
})

/**
 * Fails where two kinds differ. One comparison in a hundred does by chance; it is made once more, which a difference that
 * is there does not survive.
 */
async function expectAlike(
  kinds: Record<string, () => Promise<Attempt>>,
  pairs: readonly [string, string][],
  expected: RegExp,
): Promise<void> {
  for (let open = pairs, attempt = 1; ; attempt++) {
    const involved = Object.fromEntries(open.flat().map((name) => [name, kinds[name]!]))
    const times = await interleaved(involved, expected)
    const compared = open.map(([one, other]) => ({ one, other, ...compare(times[one]!, times[other]!) }))
    const differing = compared.filter(({ difference, p }) => difference >= 0.05 || p <= 0.01)
    if (differing.length === 0) return
    if (attempt === 2) return expect(differing).toEqual([])
    open = differing.map(({ one, other }) => [one, other])
  }
}

test('the instrument: a right password of an active person, which does more, is told from a wrong one', async () => {
  const kinds = {
    right: async () => ({ login: (await somebody()).username, password: PASSWORD }),
    wrong: KINDS['somebody with a wrong password']!,
  }
  const times = await interleaved(kinds, /"signIn"/)
  expect(compare(times.right!, times.wrong!).p).toBeLessThan(0.01)
})

test('R27 R28 R29 how long a sign-in takes does not tell who has an account, and in which state', () =>
  expectAlike(
    KINDS,
    [
      ['somebody with a wrong password', 'nobody'],
      ['somebody suspended with the right password', 'nobody'],
      ['somebody whose password has to be reset, with the right one', 'nobody'],
      ['somebody by address', 'nobody by address'],
    ],
    /INVALID_CREDENTIALS/,
  ))

test('R28 R29 nor does it when the account is locked', async () => {
  const [known, unknown] = [(await somebody()).username, unique('u')]
  for (const login of [known, unknown]) for (let tries = 0; tries < 5; tries++) await take(wrong(login))
  await expectAlike(
    { known: async () => wrong(known), unknown: async () => wrong(unknown) },
    [['known', 'unknown']],
    /RATE_LIMITED/,
  )
})
