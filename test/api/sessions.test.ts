import { randomUUID } from 'node:crypto'
import { DAY, HOUR, MINUTE } from '../../src/core/clock'
import { AuditEvent } from '../../src/modules/audit/audit-event.entity'
import { Role } from '../../src/modules/role/role.entity'
import { RoleGrantService } from '../../src/modules/role/role-grant.service'
import type { BuiltInRoleName } from '../../src/modules/role/built-in-role'
import { SessionService } from '../../src/modules/session/session.service'
import { forgetOldSessions } from '../../src/modules/session/session.task'
import { Transport } from '../../src/modules/session/transport'
import { toGlobalId, type Id } from '../../src/core/id'
import type { Portico } from '../../src/server/portico'
import { ApiClient } from '../support/api-client'
import { startSecondProcess } from '../support/second-process'
import { until } from '../support/until'
import { useWorld, type Person } from '../support/world'

/** A second process on the same database; it stops before the world that it stands on. */
let replica: Portico
afterAll(() => replica.stop())
const world = useWorld()
beforeAll(async () => {
  replica = await startSecondProcess(world)
})

const elsewhere = ({ token }: Person) => new ApiClient(`${replica.url}/graphql`, token)

const VIEWER = '{ viewer { id } }'
const SIGN_OUT = 'mutation { signOut { userErrors { code } } }'
const REVOKE = `mutation ($input: RevokeSessionInput!) {
  revokeSession(input: $input) { session { id endedAt endReason } userErrors { code field message } }
}`
const REVOKE_OTHERS = 'mutation { revokeOtherSessions { endedCount userErrors { code } } }'
const CREATE_POST = `mutation { createPost(input: { title: "A thought", body: "Kept." }) { post { id } userErrors { code } } }`
const SESSIONS = `query ($includeEnded: Boolean) { viewer {
  sessions(includeEnded: $includeEnded) { totalCount edges { node { id isCurrent deviceName endReason } } }
} }`

/** Another sign-in of somebody, on another device. */
async function anotherSession(person: Person, deviceName = 'Another device') {
  const { token, session } = await new SessionService(world.db).start(person.id, Transport.BEARER, deviceName)
  return { id: session.id, globalId: toGlobalId('session', session.id), api: new ApiClient(world.url, token) }
}

const own = ({ sessionId }: Person) => toGlobalId('session', sessionId)

async function isAlive(api: ApiClient): Promise<boolean> {
  return (await api.data(VIEWER)).viewer !== null
}

const sessionsOf = async (person: Person, includeEnded = false) => {
  const { sessions } = (await person.api.data(SESSIONS, { includeEnded })).viewer
  const nodes = sessions.edges.map(({ node }: { node: object }) => node)
  expect(sessions.totalCount).toBe(nodes.length)
  return nodes
}

describe('the end of a session', () => {
  test('R36 signing out kills the token at once, on every process', async () => {
    const person = await world.person()
    const other = await anotherSession(person)
    expect([await isAlive(person.api), await isAlive(elsewhere(person))]).toEqual([true, true])
    expect(await person.api.data(SIGN_OUT)).toEqual({ signOut: { userErrors: [] } })
    expect(await elsewhere(person).errorCode(CREATE_POST)).toBe('UNAUTHENTICATED')
    expect(await isAlive(person.api)).toBe(false)
    await until(async () => !(await isAlive(elsewhere(person))))
    expect(await isAlive(other.api)).toBe(true)
  })

  test('R38 a suspension makes the old token a stranger’s at once, on every process', async () => {
    const person = await world.person()
    expect([await isAlive(person.api), await isAlive(elsewhere(person))]).toEqual([true, true])
    await world.suspend(person)
    expect(await isAlive(person.api)).toBe(false)
    await until(async () => !(await isAlive(elsewhere(person))))
    const asStranger = await person.api.send(CREATE_POST)
    const stranger = await world.anonymous.send(CREATE_POST)
    expect(asStranger.errors).toEqual(stranger.errors)
  })

  describe('of which no process is told, as when a message is lost', () => {
    /** Somebody whom a process has in memory, and whose session ends behind its back. */
    async function endedUnheard() {
      const person = await world.person()
      expect(await isAlive(person.api)).toBe(true)
      await world.db.query(`UPDATE sessions SET ended_at = now(), end_reason = 'revoked' WHERE id = $1`, [
        person.sessionId,
      ])
      return person
    }

    test('R38 is seen within a second', async () => {
      const { api } = await endedUnheard()
      await until(async () => !(await isAlive(api)))
    })

    test('R38 is seen by a mutation at once, with an Idempotency-Key as well', async () => {
      expect(await (await endedUnheard()).api.errorCode(CREATE_POST)).toBe('UNAUTHENTICATED')
      const { api } = await endedUnheard()
      expect(await api.with({ 'idempotency-key': randomUUID() }).errorCode(CREATE_POST)).toBe(
        'UNAUTHENTICATED',
      )
    })
  })

  test('a screen that asks several questions has its session looked up once', async () => {
    const person = await world.person()
    const lookUps = async () =>
      (await world.statements(() => isAlive(person.api))).filter((sql) => sql.includes('token_hash')).length
    expect(await lookUps()).toBe(1)
    // The second question may come late, on a machine that is busy.
    await until(async () => (await lookUps()) === 0)
  })

  test('R39 a session that is not used ends after 14 days', async () => {
    const [unused, used] = [await world.person(), await world.person()]
    world.clock.advance(14 * DAY - MINUTE)
    expect(await isAlive(used.api)).toBe(true)
    world.clock.advance(MINUTE)
    expect(await isAlive(unused.api)).toBe(false)
    expect(await unused.api.errorCode(CREATE_POST)).toBe('UNAUTHENTICATED')
  })

  test('R39 a session that is used lives on, and ends after 30 days all the same', async () => {
    const person = await world.person()
    for (const days of [12, 12]) {
      world.clock.advance(days * DAY)
      // What a process has seen it writes down in the background, and at the latest when it stops.
      const passing = await startSecondProcess(world)
      expect(await isAlive(new ApiClient(`${passing.url}/graphql`, person.token))).toBe(true)
      await passing.stop()
    }
    world.clock.advance(6 * DAY - MINUTE)
    expect(await isAlive(person.api)).toBe(true)
    expect(await sessionsOf(person)).toHaveLength(1)
    world.clock.advance(MINUTE)
    expect(await isAlive(person.api)).toBe(false)
  })

  /** Notes a use of a session, as a process does in the background. */
  const use = ({ sessionId }: Person) =>
    new SessionService(world.db).see(new Map([[sessionId, world.clock.now()]]))

  test.each<BuiltInRoleName>(['admin', 'manager'])(
    'R39 a session of staff (%s) ends after an hour unused and after 24 hours used',
    async (role) => {
      const [early, late, busy] = [
        await world.person({ role }),
        await world.person({ role }),
        await world.person({ role }),
      ]
      world.clock.advance(HOUR - MINUTE)
      expect(await isAlive(early.api)).toBe(true)
      await use(busy)
      world.clock.advance(MINUTE)
      expect([await isAlive(late.api), await isAlive(busy.api)]).toEqual([false, true])
      world.clock.advance(23 * HOUR - MINUTE)
      await use(busy)
      const { viewer } = await busy.api.data(
        '{ viewer { sessions { edges { node { createdAt expiresAt } } } } }',
      )
      const { createdAt, expiresAt } = viewer.sessions.edges[0].node
      expect(Date.parse(expiresAt) - Date.parse(createdAt)).toBe(24 * HOUR)
      world.clock.advance(MINUTE)
      expect(await isAlive(busy.api)).toBe(false)
    },
  )

  test('R39 whoever becomes staff is bound by the limits of staff from then on', async () => {
    const old = await world.person()
    world.clock.advance(2 * HOUR)
    const [unused, bystander] = [await world.person(), await world.person()]
    world.clock.advance(23 * HOUR)
    await use(old)
    const newer = await anotherSession(old)
    for (const { id } of [old, unused]) await new RoleGrantService(world.db).grantBuiltIn(id, 'manager')
    expect([await isAlive(old.api), await isAlive(unused.api)]).toEqual([false, false])
    expect([await isAlive(newer.api), await isAlive(bystander.api)]).toEqual([true, true])
    const { viewer } = await newer.api.data(SESSIONS)
    expect(viewer.sessions.edges).toMatchObject([{ node: { id: newer.globalId } }])
  })
})

describe('a session that is over', () => {
  const ENDED =
    '{ viewer { sessions(includeEnded: true) { edges { node { id endedAt endReason expiresAt } } } } }'

  const endOf = async (reader: ApiClient, id: string) =>
    (await reader.data(ENDED)).viewer.sessions.edges
      .map(({ node }: { node: { id: string } }) => node)
      .find((node: { id: string }) => node.id === id)

  const used = (id: Id) => new SessionService(world.db).see(new Map([[id, world.clock.now()]]))

  test('because nobody used it is listed as idle, since the moment at which it had rested for too long', async () => {
    const person = await world.person()
    const lastUsed = world.clock.now()
    world.clock.advance(20 * DAY)
    const { endedAt, endReason } = await endOf((await anotherSession(person)).api, own(person))
    expect(endReason).toBe('IDLE')
    expect(Math.abs(Date.parse(endedAt) - lastUsed.getTime() - 14 * DAY)).toBeLessThan(MINUTE)
  })

  test('because it had lasted long enough is listed as expired, since the moment that was always told', async () => {
    const person = await world.person()
    for (let time = 0; time < 3; time++) {
      world.clock.advance(9 * DAY)
      await used(person.sessionId)
    }
    world.clock.advance(4 * DAY)
    const { endedAt, endReason, expiresAt } = await endOf((await anotherSession(person)).api, own(person))
    expect({ endedAt, endReason }).toEqual({ endedAt: expiresAt, endReason: 'EXPIRED' })
  })

  test('of staff is over after an hour, and after a day', async () => {
    const [idle, old] = [await world.person({ role: 'manager' }), await world.person({ role: 'manager' })]
    for (let minutes = 0; minutes < 24 * 60; minutes += 50) {
      world.clock.advance(50 * MINUTE)
      await used(old.sessionId)
    }
    const reasonOf = async (person: Person) =>
      (await endOf((await anotherSession(person)).api, own(person))).endReason
    expect([await reasonOf(idle), await reasonOf(old)]).toEqual(['IDLE', 'EXPIRED'])
  })

  test('is no more ended by somebody who ends it now', async () => {
    const person = await world.person()
    world.clock.advance(20 * DAY)
    const { api } = await anotherSession(person)
    const { revokeSession } = await api.data(REVOKE, { input: { sessionId: own(person) } })
    expect(revokeSession).toMatchObject({ session: { endReason: 'IDLE' }, userErrors: [] })
    expect(await endEvents(own(person))).toEqual([])
  })

  test('is forgotten 90 days after its end, with the tokens that it had', async () => {
    const [ended, expired] = [await world.person(), await world.person()]
    for (const { api } of [ended, expired]) await api.data('mutation { rotateSession { token } }')
    await ended.api.data(SIGN_OUT)
    world.clock.advance(89 * DAY)
    const left = async () => {
      const ids = [ended.sessionId, expired.sessionId]
      const [row] = await world.db.query<{ sessions: string; tokens: string }>(
        `SELECT (SELECT count(*) FROM sessions WHERE id = ANY($1)) AS sessions,
                (SELECT count(*) FROM superseded_tokens WHERE session_id = ANY($1)) AS tokens`,
        [ids],
      )
      return [Number(row!.sessions), Number(row!.tokens)]
    }
    await world.do(forgetOldSessions, {})
    expect(await left()).toEqual([2, 2])
    world.clock.advance(2 * DAY)
    await world.do(forgetOldSessions, {})
    expect(await left()).toEqual([1, 1])
    // The other could have been used until a month after it began.
    world.clock.advance(30 * DAY)
    await world.do(forgetOldSessions, {})
    expect(await left()).toEqual([0, 0])
  })
})

describe('the last time that somebody signed in', () => {
  test('is a field of theirs, and of the staff’s', async () => {
    const person = await world.person()
    const signedInAt = async (api: ApiClient) =>
      (await api.data('query ($id: ID!) { user(id: $id) { lastSignInAt } }', { id: person.globalId })).user
        .lastSignInAt
    const first = await signedInAt(person.api)
    expect(Math.abs(Date.parse(first) - world.clock.now().getTime())).toBeLessThan(MINUTE)
    world.clock.advance(HOUR)
    await person.api.data(VIEWER)
    expect(await signedInAt(person.api)).toBe(first)
    await anotherSession(person)
    const second = await signedInAt((await world.person({ role: 'manager' })).api)
    expect(Date.parse(second) - Date.parse(first)).toBeGreaterThanOrEqual(HOUR)
  })
})

describe('when a session was last seen', () => {
  test('is written at most once a minute, however many processes it is used on', async () => {
    const person = await world.person()
    const sessions = new SessionService(world.db)
    const lastSeen = async () => {
      const [row] = await world.db.query<{ last_seen_at: Date }>(
        'SELECT last_seen_at FROM sessions WHERE id = $1',
        [person.sessionId],
      )
      return row!.last_seen_at.getTime()
    }
    const start = await lastSeen()
    const seenAfter = async (milliseconds: number) => {
      await sessions.see(new Map([[person.sessionId, new Date(start + milliseconds)]]))
      return (await lastSeen()) - start
    }
    expect(await seenAfter(MINUTE - 1)).toBe(0)
    expect(await seenAfter(MINUTE)).toBe(MINUTE)
    expect(await seenAfter(2 * MINUTE - 1)).toBe(MINUTE)
    expect(await seenAfter(5 * MINUTE)).toBe(5 * MINUTE)
  })
})

describe('R40 sessions in view', () => {
  test('a person lists their own, newest first, and knows the one that asks', async () => {
    const person = await world.person()
    const phone = await anotherSession(person, 'Phone')
    expect(await sessionsOf(person)).toEqual([
      { id: phone.globalId, isCurrent: false, deviceName: 'Phone', endReason: null },
      { id: own(person), isCurrent: true, deviceName: 'Test device', endReason: null },
    ])
  })

  test('a person ends one of them, and it is listed among the ended', async () => {
    const person = await world.person()
    const phone = await anotherSession(person, 'Phone')
    const { revokeSession } = await person.api.data(REVOKE, { input: { sessionId: phone.globalId } })
    expect(revokeSession).toEqual({
      session: { id: phone.globalId, endedAt: expect.any(String), endReason: 'REVOKED' },
      userErrors: [],
    })
    expect(await isAlive(phone.api)).toBe(false)
    expect(await sessionsOf(person)).toMatchObject([{ id: own(person) }])
    expect(await sessionsOf(person, true)).toMatchObject([{ endReason: 'REVOKED' }, { endReason: null }])
    // Once more changes nothing.
    const again = await person.api.data(REVOKE, { input: { sessionId: phone.globalId } })
    expect(again.revokeSession).toEqual(revokeSession)
    expect(await endEvents(phone.globalId)).toHaveLength(1)
  })

  test('a person ends all the others at once', async () => {
    const person = await world.person()
    const bystander = await world.person()
    const others = [await anotherSession(person), await anotherSession(person)]
    expect(await person.api.data(REVOKE_OTHERS)).toEqual({
      revokeOtherSessions: { endedCount: 2, userErrors: [] },
    })
    for (const { api } of others) expect(await isAlive(api)).toBe(false)
    expect([await isAlive(person.api), await isAlive(bystander.api)]).toEqual([true, true])
    expect(await person.api.data(REVOKE_OTHERS)).toEqual({
      revokeOtherSessions: { endedCount: 0, userErrors: [] },
    })
  })

  test('those that have expired are not ended once more, nor counted, nor on the trail', async () => {
    const person = await world.person()
    const expired = await anotherSession(person)
    world.clock.advance(15 * DAY)
    const { api } = await anotherSession(person)
    const live = await anotherSession(person)
    expect(await api.data(REVOKE_OTHERS)).toEqual({ revokeOtherSessions: { endedCount: 1, userErrors: [] } })
    expect(await isAlive(live.api)).toBe(false)
    expect(await endEvents(live.globalId)).toHaveLength(1)
    expect(await endEvents(expired.globalId)).toEqual([])
  })

  test('whoever may end sessions and not read them ends one that they know, and lists none', async () => {
    const guard = await world.person({ permissions: ['sessions:revoke'] })
    const reader = await world.person({ permissions: ['sessions:read'] })
    const person = await world.person()
    const LIST = 'query ($id: ID!) { user(id: $id) { sessions { totalCount } } }'
    const NODE = 'query ($id: ID!) { node(id: $id) { id } }'
    const input = { sessionId: own(person) }
    expect(await reader.api.errorCode(REVOKE, { input })).toBe('NOT_FOUND')
    expect(await guard.api.data(NODE, { id: own(person) })).toEqual({ node: null })
    expect((await guard.api.data(REVOKE, { input })).revokeSession).toEqual({
      session: null,
      userErrors: [],
    })
    expect(await isAlive(person.api)).toBe(false)
    expect(await endEvents(own(person))).toMatchObject([{ actorId: guard.id, subjectId: person.id }])
    expect(await guard.api.data(NODE, { id: own(person) })).toEqual({ node: null })
    expect((await guard.api.send(LIST, { id: person.globalId })).data).toEqual({ user: { sessions: null } })
  })

  test.each<BuiltInRoleName>(['admin', 'manager'])(
    'staff (%s) sees and ends the session of a user, and the trail says so',
    async (role) => {
      const staff = await world.person({ role })
      const person = await world.person()
      const { user } = await staff.api.data(
        'query ($id: ID!) { user(id: $id) { sessions { edges { node { id isCurrent } } } } }',
        {
          id: person.globalId,
        },
      )
      expect(user.sessions.edges).toEqual([{ node: { id: own(person), isCurrent: false } }])
      const { revokeSession } = await staff.api.data(REVOKE, { input: { sessionId: own(person) } })
      expect(revokeSession).toMatchObject({ session: { endReason: 'REVOKED_BY_STAFF' }, userErrors: [] })
      expect(await isAlive(person.api)).toBe(false)
      expect(await endEvents(own(person))).toMatchObject([
        { actorId: staff.id, subjectId: person.id, details: { reason: 'revoked-by-staff' } },
      ])
    },
  )

  test('a manager cannot end the session of an admin', async () => {
    const manager = await world.person({ role: 'manager' })
    const admin = await world.person({ role: 'admin' })
    const { revokeSession } = await manager.api.data(REVOKE, { input: { sessionId: own(admin) } })
    expect(revokeSession).toEqual({
      session: null,
      userErrors: [
        {
          code: 'NOT_PERMITTED',
          field: [],
          message: 'This person may do things that you may not; ask somebody who may.',
        },
      ],
    })
    expect(await isAlive(admin.api)).toBe(true)
    expect(await endEvents(own(admin))).toEqual([])
  })

  test('R31 somebody else’s session and one that does not exist answer alike', async () => {
    const person = await world.person()
    const other = await world.person()
    const unknown = toGlobalId('session', person.id)
    const node = 'query ($id: ID!) { node(id: $id) { id } }'
    for (const api of [person.api, world.anonymous]) {
      const ask = async (sessionId: string) => {
        const { headers: _, ...read } = await api.send(node, { id: sessionId })
        const { headers: __, ...ended } = await api.send(REVOKE, { input: { sessionId } })
        return { read, ended }
      }
      expect(await ask(own(other))).toEqual(await ask(unknown))
    }
    expect(await person.api.errorCode(REVOKE, { input: { sessionId: own(other) } })).toBe('NOT_FOUND')
    expect(await isAlive(other.api)).toBe(true)
  })
})

describe('R44 a change of roles', () => {
  const USERS = '{ users(first: 1) { edges { node { id } } } }'

  test('takes effect at the very next request of an open session, on every process', async () => {
    const admin = await world.person({ role: 'admin' })
    const person = await world.person()
    const manager = await world.db.repo(Role).findOneByOrFail({ name: 'manager' })
    const input = { userId: person.globalId, roleId: toGlobalId('role', manager.id) }
    const clients = [person.api, elsewhere(person)]
    const sees = async (api: ApiClient) => (await api.send(USERS)).data.users !== null
    expect([await sees(person.api), await sees(elsewhere(person))]).toEqual([false, false])
    await admin.api.data(
      'mutation ($input: GrantRoleInput!) { grantRole(input: $input) { userErrors { code } } }',
      { input },
    )
    expect(await sees(person.api)).toBe(true)
    await until(() => sees(elsewhere(person)))
    await admin.api.data(
      'mutation ($input: RevokeRoleInput!) { revokeRole(input: $input) { userErrors { code } } }',
      { input },
    )
    expect(await sees(person.api)).toBe(false)
    await until(async () => !(await sees(elsewhere(person))))
    for (const api of clients) expect(await isAlive(api)).toBe(true)
  })
})

const endEvents = (target: string) => world.db.repo(AuditEvent).findBy({ action: 'session.ended', target })
