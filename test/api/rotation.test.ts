import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { SECOND } from '../../src/core/clock'
import { toGlobalId } from '../../src/core/id'
import { hashToken } from '../../src/crypto/token'
import { AuditEvent } from '../../src/modules/audit/audit-event.entity'
import { Session } from '../../src/modules/session/session.entity'
import type { Portico } from '../../src/server/portico'
import { ApiClient } from '../support/api-client'
import { columnsHolding } from '../support/database-bytes'
import { startSecondProcess } from '../support/second-process'
import { useWorld, type Person } from '../support/world'

let replica: Portico
afterAll(() => replica.stop())
const world = useWorld()
beforeAll(async () => {
  replica = await startSecondProcess(world)
})

const PASSWORD = 'harbour lantern at dusk'

const ROTATE = 'mutation { rotateSession { session { id expiresAt } token userErrors { code } } }'
const REAUTHENTICATE = `mutation { reauthenticate(input: { password: "${PASSWORD}" }) { token userErrors { code } } }`
const SIGN_OUT = 'mutation { signOut { userErrors { code } } }'

const as = (token: string, portico = world.portico) => new ApiClient(`${portico.url}/graphql`, token)

const isAlive = async (token: string, portico?: Portico) =>
  (await as(token, portico).data('{ viewer { id } }')).viewer !== null

const rotate = async (token: string, portico?: Portico): Promise<string> =>
  (await as(token, portico).data(ROTATE)).rotateSession.token

const reauthenticate = async (token: string): Promise<string> =>
  (await as(token).data(REAUTHENTICATE)).reauthenticate.token

const GRACE = 10 * SECOND

const sessionOf = ({ sessionId }: Person) => world.db.repo(Session).findOneByOrFail({ id: sessionId })

const trailOf = async ({ sessionId }: Person) => {
  const events = await world.db
    .repo(AuditEvent)
    .find({ where: { target: toGlobalId('session', sessionId) }, order: { occurredAt: 'ASC', id: 'ASC' } })
  return events.map(({ action }) => action)
}

describe('R42 a new token on request', () => {
  test('takes the place of the old one, which works for ten seconds more', async () => {
    const person = await world.person()
    const token = await rotate(person.token)
    expect(token).toMatch(/^ptc_[\w-]{43}$/)
    expect(token).not.toBe(person.token)
    expect([await isAlive(token), await isAlive(person.token)]).toEqual([true, true])
    expect([await isAlive(token, replica), await isAlive(person.token, replica)]).toEqual([true, true])
    world.clock.advance(GRACE / 2)
    expect(await isAlive(person.token)).toBe(true)
    expect((await sessionOf(person)).endedAt).toBeNull()
    expect(await trailOf(person)).toEqual(['session.started', 'session.rotated'])
  })

  test('leaves the session as it is: its end does not move, nor when its holder last proved who they are', async () => {
    const person = await world.person()
    const before = await sessionOf(person)
    world.clock.advance(20 * SECOND)
    const { rotateSession } = await person.api.data(ROTATE)
    expect(rotateSession.session.id).toBe(toGlobalId('session', person.sessionId))
    const { tokenHash: _, ...after } = await sessionOf(person)
    expect(before).toMatchObject(after)
  })

  test('comes in the cookie where the session lives in one', async () => {
    const person = await world.person({ password: PASSWORD })
    const signedIn = await world.anonymous.send(
      `mutation { signIn(input: { login: "${person.username}", password: "${PASSWORD}", transport: COOKIE }) { token } }`,
    )
    const cookieOf = ({ headers }: { headers: Headers }) => headers.get('set-cookie')!.split(';')[0]!
    const cookie = cookieOf(signedIn)
    const rotated = await world.anonymous.with({ cookie }).send(ROTATE)
    expect(rotated.data.rotateSession).toMatchObject({ token: null, userErrors: [] })
    expect(cookieOf(rotated)).toMatch(/^__Host-portico=ptc_/)
    expect(cookieOf(rotated)).not.toBe(cookie)
    const { viewer } = await world.anonymous
      .with({ cookie: cookieOf(rotated) })
      .data('{ viewer { username } }')
    expect(viewer).toEqual({ username: person.username })
  })

  test('R34 of neither token anything but the hash is stored', async () => {
    const person = await world.person()
    const token = await rotate(person.token)
    for (const each of [person.token, token]) {
      const secret = Buffer.from(each.slice('ptc_'.length), 'base64url')
      for (const form of [each, each.slice('ptc_'.length), secret, secret.toString('hex')])
        expect(await columnsHolding(world.db, form)).toEqual([])
    }
    expect(await columnsHolding(world.db, hashToken(person.token))).toEqual(['superseded_tokens.token_hash'])
    expect(await columnsHolding(world.db, hashToken(token))).toEqual(['sessions.token_hash'])
  })

  test('asked for with an Idempotency-Key, it is the same when it is asked for again at once', async () => {
    const person = await world.person()
    const api = person.api.with({ 'idempotency-key': randomUUID() })
    const token = (await api.data(ROTATE)).rotateSession.token
    expect((await api.data(ROTATE)).rotateSession.token).toBe(token)
    expect(await isAlive(token)).toBe(true)
  })
})

describe('R42 a superseded token that is used after its time', () => {
  test('ends the session with every token that it has', async () => {
    const person = await world.person()
    const bystander = await world.person()
    const token = await rotate(person.token)
    world.clock.advance(GRACE)
    expect([await isAlive(token), await isAlive(token, replica)]).toEqual([true, true])
    expect(await isAlive(person.token)).toBe(false)
    expect([await isAlive(token), await isAlive(bystander.token)]).toEqual([false, true])
    expect(await as(token).errorCode(ROTATE)).toBe('UNAUTHENTICATED')
    expect(await sessionOf(person)).toMatchObject({ endReason: 'token-reused' })
  })

  test('is on the trail, from where it was used, and told by mail, once', async () => {
    const person = await world.person()
    await rotate(person.token)
    world.clock.advance(GRACE)
    await Promise.all(Array.from({ length: 10 }, () => as(person.token).send(ROTATE)))
    expect(await trailOf(person)).toEqual([
      'session.started',
      'session.rotated',
      'session.ended',
      'session.token-reused',
    ])
    const [event] = await world.db
      .repo(AuditEvent)
      .findBy({ action: 'session.token-reused', subjectId: person.id })
    expect(event).toMatchObject({
      actorId: null,
      outcome: 'refused',
      requestId: expect.stringMatching(/^req_/),
      address: expect.any(Buffer),
    })
    const mails = world.portico.mailbox!.read(person.email)
    expect(mails.map(({ subject }) => subject)).toEqual(['We have ended one of your sessions'])
    expect(mails[0]!.text).toContain('Test device')
  })

  test('is known however many came after it', async () => {
    const person = await world.person()
    const tokens = [person.token]
    for (let turn = 0; turn < 12; turn++) {
      world.clock.advance(GRACE)
      tokens.push(await rotate(tokens.at(-1)!))
    }
    expect(await isAlive(tokens.at(-1)!)).toBe(true)
    expect(await isAlive(tokens[3]!)).toBe(false)
    expect(await isAlive(tokens.at(-1)!)).toBe(false)
  })

  test('is noticed also while its holder is suspended', async () => {
    const person = await world.person()
    await rotate(person.token)
    world.clock.advance(GRACE)
    await world.suspend(person)
    expect(await isAlive(person.token)).toBe(false)
    expect(await sessionOf(person)).toMatchObject({ endReason: 'token-reused' })
  })

  test('does nothing to a session that has ended', async () => {
    const person = await world.person()
    const token = await rotate(person.token)
    await as(token).data(SIGN_OUT)
    world.clock.advance(GRACE)
    expect(await isAlive(person.token)).toBe(false)
    expect(await sessionOf(person)).toMatchObject({ endReason: 'signed-out' })
    expect(world.portico.mailbox!.read(person.email)).toEqual([])
  })
})

describe('R42 tabs that ask for a new token at the same time', () => {
  test('leave one that lasts', async () => {
    const person = await world.person()
    const tokens = await Promise.all(
      Array.from({ length: 8 }, (_, index) => rotate(person.token, index % 2 ? replica : world.portico)),
    )
    expect(new Set(tokens).size).toBe(8)
    const { tokenHash } = await sessionOf(person)
    const lasting = tokens.filter((token) => hashToken(token).equals(tokenHash))
    expect(lasting).toHaveLength(1)
    for (const token of [person.token, ...tokens]) expect(await isAlive(token)).toBe(true)
    world.clock.advance(GRACE)
    expect(await isAlive(lasting[0]!)).toBe(true)
    expect(await isAlive(tokens.find((token) => token !== lasting[0])!)).toBe(false)
    expect(await isAlive(lasting[0]!)).toBe(false)
  })

  test('one after the other: whoever comes late goes on from there, and no two live on side by side', async () => {
    const person = await world.person()
    const first = await rotate(person.token)
    const second = await rotate(person.token)
    world.clock.advance(GRACE)
    const third = await rotate(second)
    world.clock.advance(GRACE)
    expect(await isAlive(third)).toBe(true)
    expect(await isAlive(first)).toBe(false)
    expect(await isAlive(third)).toBe(false)
  })
})

describe('R35 proving again who one is', () => {
  test('kills all earlier tokens at once, those that had some seconds left as well', async () => {
    const person = await world.person({ password: PASSWORD })
    const second = await rotate(person.token)
    const third = await reauthenticate(second)
    expect([await isAlive(person.token), await isAlive(second), await isAlive(third)]).toEqual([
      false,
      false,
      true,
    ])
    expect([await isAlive(second, replica), await isAlive(third, replica)]).toEqual([false, true])
    expect(await as(second).errorCode(ROTATE)).toBe('UNAUTHENTICATED')
    expect((await sessionOf(person)).endedAt).toBeNull()
  })

  test('R42 to use the old one is refused for ten seconds, and ends the session after that', async () => {
    const person = await world.person({ password: PASSWORD })
    const token = await reauthenticate(person.token)
    world.clock.advance(GRACE - SECOND)
    expect([await isAlive(person.token), await isAlive(token)]).toEqual([false, true])
    world.clock.advance(SECOND)
    expect([await isAlive(person.token), await isAlive(token)]).toEqual([false, false])
    expect(await sessionOf(person)).toMatchObject({ endReason: 'token-reused' })
  })

  test('leaves nothing to a rotation that was under way with the old token', async () => {
    const person = await world.person({ password: PASSWORD })
    const holding = new Client({ connectionString: world.portico.databaseUrl })
    await holding.connect()
    await holding.query('BEGIN')
    await holding.query('SELECT FROM sessions WHERE id = $1 FOR UPDATE', [person.sessionId])
    // Both have found who asks, and wait for the row; the proof comes first.
    const proven = person.api.send(REAUTHENTICATE)
    await waiting(1)
    const rotated = person.api.send(ROTATE)
    await waiting(2)
    await holding.query('COMMIT')
    await holding.end()
    const { token } = (await proven).data.reauthenticate
    expect((await rotated).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
    expect(await isAlive(token)).toBe(true)
  })
})

/** Waits until so many connections wait for a row. */
async function waiting(count: number): Promise<void> {
  const sql = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
  while ((await world.db.query(sql)).length < count) await new Promise(setImmediate)
}
