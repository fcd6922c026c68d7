import { NO_AUTHORITY } from '../../src/core/authority'
import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { DAY, HOUR, later, MINUTE, SECOND } from '../../src/core/clock'
import { requireSession } from '../../src/core/viewer'
import { hashToken } from '../../src/crypto/token'
import { Database } from '../../src/db/database'
import { PubSub } from '../../src/db/pub-sub'
import { EndReason } from '../../src/modules/session/end-reason'
import { SessionService } from '../../src/modules/session/session.service'
import { RoleGrantService } from '../../src/modules/role/role-grant.service'
import { RoleService } from '../../src/modules/role/role.service'
import { UserService } from '../../src/modules/user/user.service'
import { ViewerCache } from '../../src/server/viewer-cache'
import { withDatabase } from '../support/test-server'
import { until } from '../support/until'
import { unique, useWorld, type Person } from '../support/world'

/** Two processes; they stop before the world that they stand on. */
let here: Process
let there: Process
afterAll(() => Promise.all([here.pubSub.stop(), there.pubSub.stop()]))
const world = useWorld()

/* A process as far as its memory goes: time stands still in it unless a test moves it, so nothing is forgotten by itself. */
class Process {
  readonly pubSub = new PubSub(world.portico.databaseUrl, () => undefined)
  time = 0
  asked = 0
  readonly cache = new ViewerCache(this.pubSub, world.clock, () => this.time)
  readonly db = Database.of({
    ...world.portico.db.tools,
    onNotified: (topic, message) => this.cache.hear(topic, message),
  })

  /** Whom a token stands for, as a request finds out. */
  async find({ token }: Pick<Person, 'token'>) {
    const hash = hashToken(token)
    const remembered = this.cache.recall(hash)
    if (remembered) return remembered.viewer
    this.asked++
    const found = await this.cache.learn(hash, () => new SessionService(this.db).recognise(hash))
    return found?.viewer ?? null
  }

  /** Waits until all that has been announced so far has been heard. */
  async hasHeard(): Promise<void> {
    const topic = unique('heard')
    let heard = false
    const unsubscribe = this.pubSub.subscribe(topic, () => (heard = true))
    await world.db.notify(topic, {})
    await until(() => heard)
    unsubscribe()
  }
}

beforeAll(async () => {
  ;[here, there] = [new Process(), new Process()]
  await Promise.all([here.pubSub.start(), there.pubSub.start()])
})

const isSignedIn = async (process: Process, person: Person) => (await process.find(person)) !== null

/** Somebody whom both processes have in memory. */
async function known(options?: Parameters<typeof world.person>[0]): Promise<Person> {
  const person = await world.person(options)
  await Promise.all([here.hasHeard(), there.hasHeard()])
  for (const process of [here, there]) {
    await process.find(person)
    const before = process.asked
    expect((await process.find(person))?.userId).toBe(person.id)
    expect(process.asked).toBe(before)
  }
  return person
}

const as = (person: Person) => new SessionService(here.db.as(viewerOf(person)))

const viewerOf = ({ id, sessionId, username }: Person) => ({
  viewer: {
    kind: 'signed-in' as const,
    userId: id,
    sessionId,
    username,
    authenticatedAt: world.clock.now(),
    ...NO_AUTHORITY,
  },
  requestId: null,
  address: null,
})

test('an answer is used again for a second, and no longer', async () => {
  const person = await known()
  // What no message tells of: it could have been lost.
  await world.db.query('UPDATE sessions SET ended_at = now() WHERE id = $1', [person.sessionId])
  here.time += SECOND - 1
  expect(await isSignedIn(here, person)).toBe(true)
  here.time += 1
  expect(await isSignedIn(here, person)).toBe(false)
})

test('what stands for nobody is asked for each time', async () => {
  const before = here.asked
  for (let time = 0; time < 2; time++)
    expect(await here.find({ token: `ptc_${randomBytes(32).toString('base64url')}` })).toBeNull()
  expect(here.asked).toBe(before + 2)
})

const ENDS: [string, (person: Person) => Promise<unknown>][] = [
  ['the person signs out', (person) => as(person).signOut()],
  ['the session is revoked', (person) => as(person).revoke(person.sessionId)],
  [
    'all sessions end',
    (person) => new SessionService(here.db).endAll(person.id, EndReason.PASSWORD_RESET, null),
  ],
  ['the person proves again who they are', (person) => as(person).renew([])],
  [
    'the person is suspended',
    (person) => new UserService(here.db).suspend(person.id, { reason: 'Made for a test.' }),
  ],
]

describe.each(ENDS)('when %s', (_when, end) => {
  test('R36 R38 its process knows before whoever did it is answered, every other one when it hears', async () => {
    const [person, bystander] = [await known(), await known()]
    await end(person)
    expect(await isSignedIn(here, person)).toBe(false)
    await there.hasHeard()
    expect(await isSignedIn(there, person)).toBe(false)
    // Nobody else is forgotten.
    const before = there.asked
    expect(await isSignedIn(there, bystander)).toBe(true)
    expect(there.asked).toBe(before)
  })
})

test('a rotation is seen: the new token at once, and the end of the old one in its time', async () => {
  const person = await known()
  const { authenticatedAt } = requireSession((await here.find(person))!)
  const caller = viewerOf(person)
  const db = here.db.as({ ...caller, viewer: { ...caller.viewer, authenticatedAt } })
  const { token } = await new SessionService(db).rotate()
  for (const each of [person.token, token]) expect(await here.find({ token: each })).not.toBeNull()
  world.clock.advance(10 * SECOND)
  expect(await here.find({ token: person.token })).toBeNull()
  expect(await here.find({ token })).toBeNull()
})

test('R44 a change of roles is seen by all who hold it', async () => {
  const person = await known()
  const role = async (work: (tx: Database) => Promise<unknown>) => {
    await here.db.transaction(work)
    await there.hasHeard()
    return Promise.all([here, there].map(async (each) => (await each.find(person))!.permissions.size > 0))
  }
  expect(await role((tx) => new RoleGrantService(tx).grantBuiltIn(person.id, 'manager'))).toEqual([
    true,
    true,
  ])
  // Another version of Portico, beside this one, means something else by it.
  await world.db.query(`UPDATE roles SET permissions = '{}' WHERE name = 'manager'`)
  expect(await role((tx) => new RoleService(tx).syncBuiltIn())).toEqual([true, true])
})

test('another username is seen, and so is a suspension that is over', async () => {
  const person = await known()
  const username = unique('renamed')
  await new UserService(here.db).change(person.id, { username }, undefined)
  await there.hasHeard()
  for (const each of [here, there]) expect((await each.find(person))!.username).toBe(username)

  const until = later(world.clock.now(), 5 * SECOND)
  await new UserService(here.db).suspend(person.id, { reason: 'Made for a test.', until })
  await there.hasHeard()
  for (const each of [here, there]) expect(await isSignedIn(each, person)).toBe(false)
  world.clock.advance(5 * SECOND)
  // Nobody is remembered as a stranger, so time alone lets them in again.
  for (const each of [here, there]) expect(await isSignedIn(each, person)).toBe(true)
})

test('work that was taken back has changed nothing', async () => {
  const person = await known()
  const asked = here.asked
  const failure = here.db.transaction(async (tx) => {
    await new SessionService(tx).endAll(person.id, EndReason.REVOKED, null)
    throw new Error('On second thoughts.')
  })
  await expect(failure).rejects.toThrow('On second thoughts.')
  expect(await isSignedIn(here, person)).toBe(true)
  expect(here.asked).toBe(asked)
})

describe('an answer that is under way when its session ends is not remembered', () => {
  /** Has the answer read from the database before `change`, and handed over after it. */
  async function slowly(process: Process, person: Person, change: () => Promise<unknown>) {
    const hash = hashToken(person.token)
    const found = await process.cache.learn(hash, async () => {
      const answer = await new SessionService(process.db).recognise(hash)
      await change()
      return answer
    })
    // Whoever asked before the end is answered as of then.
    expect(found).not.toBeNull()
    return process.cache.recall(hash)
  }

  test('in the process that ends it', async () => {
    const person = await world.person()
    expect(await slowly(here, person, () => as(person).signOut())).toBeNull()
    expect(await isSignedIn(here, person)).toBe(false)
  })

  test('in every other one, once it has heard', async () => {
    const person = await world.person()
    const ending = () => as(person).signOut()
    expect(await slowly(there, person, () => ending().then(() => there.hasHeard()))).toBeNull()
    // And where it hears only afterwards, it forgets what it has remembered.
    const late = await world.person()
    await slowly(there, late, () => as(late).signOut())
    await there.hasHeard()
    expect(await isSignedIn(there, late)).toBe(false)
  })

  test('when nothing of the kind happens, it is', async () => {
    const person = await world.person()
    await there.hasHeard()
    expect(await slowly(there, person, () => Promise.resolve())).not.toBeNull()
  })
})

describe('what time changes is not remembered beyond it', () => {
  test.each([
    ['a session that nobody uses', {}, 14 * DAY],
    ['a session of staff', { role: 'manager' as const }, HOUR],
  ])('%s ends in its time', async (_what, options, lifetime) => {
    const person = await known(options)
    world.clock.advance(lifetime - MINUTE)
    expect(await isSignedIn(here, person)).toBe(true)
    world.clock.advance(MINUTE)
    expect(await isSignedIn(here, person)).toBe(false)
  })

  test('a grant ends in its time', async () => {
    const person = await world.person({ permissions: ['posts:moderate'] })
    const end = later(world.clock.now(), 5 * MINUTE)
    await world.db.query('UPDATE role_grants SET expires_at = $2 WHERE user_id = $1', [person.id, end])
    await here.hasHeard()
    const permissions = async () => [...(await here.find(person))!.permissions]
    expect(await permissions()).toEqual(['posts:moderate'])
    world.clock.advance(5 * MINUTE)
    expect(await permissions()).toEqual([])
  })

  test('nor is it used before it, should the clock be put back', async () => {
    const person = await known()
    const before = here.asked
    world.clock.advance(-HOUR)
    await here.find(person)
    expect(here.asked).toBe(before + 1)
    world.clock.advance(HOUR)
  })
})

test('while nothing can be heard, nothing is remembered, and nothing from before is used', async () => {
  const person = await known()
  const owner = new Client({
    connectionString: withDatabase(world.portico.config.databaseOwnerUrl!, 'postgres'),
  })
  await owner.connect()
  const allowConnections = (allowed: boolean) =>
    owner.query(
      `ALTER DATABASE "${new URL(world.portico.databaseUrl).pathname.slice(1)}" ALLOW_CONNECTIONS ${allowed}`,
    )
  let lost = false
  here.pubSub.onLoss(() => (lost = true))
  const reconnected = new Promise<void>((resolve) => here.pubSub.onReconnect(resolve))
  // Whoever listens is cut off, and nobody can come back for a while.
  await allowConnections(false)
  await world.db.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'portico-listen'`)
  await until(() => lost)
  const before = here.asked
  expect(here.cache.size).toBe(0)
  for (let time = 0; time < 2; time++) expect(await isSignedIn(here, person)).toBe(true)
  expect(here.asked).toBe(before + 2)
  await as(person).signOut()
  expect(await isSignedIn(here, person)).toBe(false)
  await allowConnections(true)
  await reconnected
  await owner.end()
  expect(await isSignedIn(here, person)).toBe(false)
  await until(() => there.pubSub.isListening)
  await known()
})

test('no more than ten thousand are remembered, the oldest make room', async () => {
  const { cache } = here
  const recognised = (await here.find(await known()))!
  const answer = {
    viewer: recognised,
    withReason: null,
    lastSeenAt: new Date(),
    until: later(world.clock.now(), DAY),
  }
  const hashes = Array.from({ length: 10_050 }, () => randomBytes(32))
  for (const hash of hashes) await cache.learn(hash, () => Promise.resolve(answer))
  expect(cache.size).toBe(10_000)
  expect([cache.recall(hashes[0]!), cache.recall(hashes.at(-1)!)]).toEqual([null, answer])
})
