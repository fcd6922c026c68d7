import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'
import { HOUR, later, MINUTE, SECOND } from '../../src/core/clock'
import { toGlobalId } from '../../src/core/id'
import { reinstateUser } from '../../src/modules/administration/reinstate-user'
import { suspendUser } from '../../src/modules/administration/suspend-user'
import type { Portico } from '../../src/server/portico'
import { storedAccessToken } from '../support/access-token'
import { codes, passwordResetOf, SIGN_IN } from '../support/account'
import { act, invited, outcome } from '../support/administration'
import { ApiClient } from '../support/api-client'
import { afterVerification, leaveOnlyAdmins, meetingUncommitted } from '../support/race'
import { INBOX, inboxOf, tokenSentTo } from '../support/recovery'
import { completeSignIn, signInStep, totpCode, withTotp } from '../support/second-factor'
import { startSecondProcess } from '../support/second-process'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld()

const PASSWORD = 'a password of some length'
const NEW = 'harbour lantern at dusk'
const SPAM = { reason: 'You have sent the same advertisement to forty people.' }

const scene = async () =>
  [await world.person({ role: 'manager' }), await world.person({ password: PASSWORD })] as const

const suspend = (staff: Person, { globalId }: { globalId: string }, input: object = SPAM) =>
  act(staff, 'suspendUser', { userId: globalId, ...input })

const trySignIn = (login: string, password = PASSWORD) =>
  world.anonymous.send(SIGN_IN, { input: { login, password } })
const signIn = async (login: string, password = PASSWORD) => (await trySignIn(login, password)).data.signIn

const RESET = `mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { userErrors { code } } }`
const reset = async (token: string) =>
  codes((await world.anonymous.data(RESET, { input: { token, newPassword: NEW } })).resetPassword)

const isAlive = async (token: string, url = world.url) =>
  (await new ApiClient(url, token).data('{ viewer { id } }')).viewer !== null

const newestMail = ({ email }: { email: string }) => world.portico.mailbox!.read(email)[0]!

const openSessions = ({ id }: Person) =>
  world.db.query('SELECT id FROM sessions WHERE user_id = $1 AND ended_at IS NULL', [id])

/** What staff see of somebody. */
const seen = async ({ globalId }: { globalId: string }) => {
  const { api } = await world.person({ role: 'admin' })
  const query = `query ($id: ID!) { user(id: $id) {
    status suspension { reason suspendedAt endsAt by { id } }
    sessions(includeEnded: true) { edges { node { endReason } } }
  } }`
  return (await api.data(query, { id: globalId })).user
}

describe('whoever is suspended', () => {
  let other: Portico
  beforeAll(async () => {
    other = await startSecondProcess(world)
  })
  afterAll(() => other.stop())

  test('R38 is a stranger from the next request on, on every process, and staff see why, since when and by whom', async () => {
    const [manager, person] = await scene()
    const there = `${other.url}/graphql`
    expect([await isAlive(person.token), await isAlive(person.token, there)]).toEqual([true, true])
    const before = world.clock.now()
    const until = later(before, HOUR)
    const { user, userErrors } = await suspend(manager, person, { ...SPAM, until })
    expect(userErrors).toEqual([])
    expect(user).toMatchObject({ id: person.globalId, status: 'SUSPENDED', suspension: SPAM })
    expect([await isAlive(person.token), await isAlive(person.token, there)]).toEqual([false, false])

    const { status, suspension, sessions } = await seen(person)
    expect(status).toBe('SUSPENDED')
    expect(suspension).toEqual({
      ...SPAM,
      suspendedAt: expect.any(String),
      endsAt: until.toISOString(),
      by: { id: manager.globalId },
    })
    expect(Date.parse(suspension.suspendedAt)).toBeGreaterThanOrEqual(before.getTime())
    expect(sessions.edges).toEqual([{ node: { endReason: 'SUSPENDED' } }])
  })

  test('R38 R105 loses every socket at once, those of programs too', async () => {
    const [manager, person] = await scene()
    const { token } = await storedAccessToken(world, person.id)
    const sockets = [
      connect(person.token, world.url),
      connect(person.token, `${other.url}/graphql`),
      connect(token, world.url),
    ]
    await Promise.all(sockets.map(({ connected }) => connected))
    const asked = performance.now()
    await suspend(manager, person)
    for (const { closed } of sockets)
      expect(await closed).toMatchObject({ code: 4401, reason: 'The session has ended.' })
    // A bound for a busy machine; what is not announced waits for a minute.
    expect(performance.now() - asked).toBeLessThan(10 * SECOND)
  })

  test('R29 is answered at sign-in as for a wrong password, and is sent no mail to reset it', async () => {
    const [manager, person] = await scene()
    const untouched = await world.person({ password: PASSWORD })
    await suspend(manager, person)
    const body = ({ status, data, errors }: Awaited<ReturnType<typeof trySignIn>>) => ({
      status,
      data,
      errors,
    })
    const refused = body(await trySignIn(person.username))
    expect(codes(refused.data.signIn)).toEqual(['INVALID_CREDENTIALS'])
    expect(refused).toEqual(body(await trySignIn(untouched.username, `${PASSWORD}.`)))
    expect(body(await trySignIn(person.email))).toEqual(body(await trySignIn(unique('nobody'))))
    const mails = world.portico.mailbox!.read(person.email).length
    await world.anonymous.data(
      `mutation { requestPasswordReset(input: { login: "${person.email}" }) { userErrors { code } } }`,
    )
    expect(world.portico.mailbox!.read(person.email)).toHaveLength(mails)
  })

  test('finds what they have begun void: a reset, a sign-in by mail or with a second factor, an invitation', async () => {
    const [manager, person] = await scene()
    const { token } = await passwordResetOf(world, person)
    await world.anonymous.data(
      `mutation { requestSignInLink(input: { login: "${person.email}" }) { userErrors { code } } }`,
    )
    const link = tokenSentTo(world, person.email)
    const { secret } = await withTotp(world, person)
    const { challenge } = await signInStep(world.anonymous, person.username, PASSWORD)
    const newcomer = await invited(world)
    for (const one of [person, newcomer]) {
      await suspend(manager, one)
      // It is not that the account cannot be used: what was begun is gone.
      await act(manager, 'reinstateUser', { userId: one.globalId })
    }
    expect(await reset(token)).toEqual(['INVALID_CODE'])
    expect(await reset(newcomer.token)).toEqual(['INVALID_CODE'])
    expect(codes(await completeSignIn(world.anonymous, { method: 'EMAIL_LINK', token: link }))).toEqual([
      'INVALID_CODE',
    ])
    const input = { challengeId: challenge.id, method: 'TOTP', code: totpCode(world, secret) }
    expect(codes(await completeSignIn(world.anonymous, input))).toEqual(['INVALID_CODE'])
  })

  test('cannot be let in by what comes about meanwhile: a link that staff have them sent, an access token', async () => {
    const [manager, person] = await scene()
    const { api } = await storedAccessToken(world, person.id)
    const viewer = async () => (await api.data('{ viewer { id } }')).viewer
    expect(await viewer()).toEqual({ id: person.globalId })
    await suspend(manager, person)
    expect(await viewer()).toBeNull()
    await manager.api.data(
      'mutation ($input: RequirePasswordResetInput!) { requirePasswordReset(input: $input) { userErrors { code } } }',
      { input: { userId: person.globalId, reason: 'Found on a list' } },
    )
    expect(await reset(tokenSentTo(world, person.email))).toEqual(['INVALID_CODE'])
    expect(codes(await signIn(person.username, NEW))).toEqual(['INVALID_CREDENTIALS'])
  })

  test('R88 has the reason encrypted, and told by mail in their language, with the end', async () => {
    const [manager, person] = await scene()
    await suspend(manager, person)
    const mail = newestMail(person)
    expect(mail.subject).toBe('Your account was suspended')
    expect(mail.text).toContain(`Why: ${SPAM.reason}\nUntil: further notice`)
    // Where staff are is not the person's to know.
    expect(mail.text).not.toMatch(/127\.0\.0|Device|Network/)
    const [row] = await world.db.query<{ suspension_reason: Buffer }>(
      'SELECT suspension_reason FROM users WHERE id = $1',
      [person.id],
    )
    expect(row!.suspension_reason.toString('latin1')).not.toContain('advertisement')

    const german = await world.person()
    await german.api.data(
      'mutation { updateProfile(input: { locale: "de", timeZone: "Europe/Vienna" }) { userErrors { code } } }',
    )
    const until = new Date('2099-04-01T12:00:00Z')
    await suspend(manager, german, { reason: 'Werbung\nund <b>mehr</b>', until })
    expect(newestMail(german).subject).toBe('Dein Konto wurde gesperrt')
    expect(newestMail(german).text).toContain(
      'Warum: Werbung und <b>mehr</b>\nBis: 1. April 2099 um 14:00 MESZ',
    )
    expect(newestMail(german).html).not.toContain('<b>mehr')
    await act(manager, 'reinstateUser', { userId: german.globalId })
    expect(newestMail(german).subject).toBe('Du kannst dein Konto wieder benutzen')
  })
})

describe('a suspension', () => {
  test('ends when its time is over, though nothing was written then', async () => {
    const [manager, person] = await scene()
    const { api } = await storedAccessToken(world, person.id)
    const until = later(world.clock.now(), 5 * MINUTE)
    await suspend(manager, person, { ...SPAM, until })
    const listed = async (status: string) => {
      const admin = await world.person({ role: 'admin' })
      const query = `query ($filter: UserFilter) { users(filter: $filter) { totalCount edges { node { id status } } } }`
      const filter = { status, usernamePrefix: person.username }
      const { users } = await admin.api.data(query, { filter })
      return [users.totalCount, ...users.edges.map(({ node }: { node: { status: string } }) => node.status)]
    }
    const stored = () => world.db.query('SELECT * FROM users WHERE id = $1', [person.id])
    const before = await stored()
    expect([await listed('ACTIVE'), await listed('SUSPENDED')]).toEqual([[0], [1, 'SUSPENDED']])

    world.clock.advance(5 * MINUTE - SECOND)
    expect(codes(await signIn(person.username))).toEqual(['INVALID_CREDENTIALS'])
    world.clock.advance(SECOND)
    expect(await stored()).toEqual(before)
    expect([await listed('ACTIVE'), await listed('SUSPENDED')]).toEqual([[1, 'ACTIVE'], [0]])
    expect(await seen(person)).toMatchObject({ status: 'ACTIVE', suspension: null })
    expect((await api.data('{ viewer { status } }')).viewer).toEqual({ status: 'ACTIVE' })
    // The sessions that it has ended stay ended.
    expect(await isAlive(person.token)).toBe(false)
    const { token } = await signIn(person.username)
    const update = await new ApiClient(world.url, token).data(
      'mutation { updateProfile(input: { bio: "Back." }) { user { status bio } } }',
    )
    expect(update.updateProfile.user).toEqual({ status: 'ACTIVE', bio: 'Back.' })
  })

  test('rests permissions and no longer: staff have theirs again, and count as admin', async () => {
    const [first, second] = [await world.person({ role: 'admin' }), await world.person({ role: 'admin' })]
    const temporary = await temporaryAdmin()
    await leaveOnlyAdmins(world, first, second, temporary)
    const until = later(world.clock.now(), 5 * MINUTE)
    expect(codes(await suspend(temporary, second, { ...SPAM, until }))).toEqual([])
    expect(codes(await suspend(temporary, first))).toEqual(['LAST_ADMIN'])
    world.clock.advance(5 * MINUTE)
    expect(codes(await suspend(temporary, first))).toEqual([])
    const { api } = await storedAccessToken(world, second.id, { scopes: ['users:read'] })
    expect((await api.data('{ users(first: 1) { edges { node { status } } } }')).users.edges).toHaveLength(1)
  })

  test('changes when the person is suspended again: its reason, its end and who answers for it, not since when', async () => {
    const [manager, person] = await scene()
    await suspend(manager, person)
    const { suspension: first } = await seen(person)
    world.clock.advance(MINUTE)
    const other = await world.person({ role: 'manager' })
    const endsAt = later(world.clock.now(), HOUR).toISOString()
    await suspend(other, person, { reason: 'And to forty more.', until: endsAt })
    const changed = { ...first, reason: 'And to forty more.', endsAt, by: { id: other.globalId } }
    expect((await seen(person)).suspension).toEqual(changed)
    expect(newestMail(person).text).toContain('Why: And to forty more.')

    // One that is over is not changed; a new one begins.
    world.clock.advance(2 * HOUR)
    await suspend(await world.person({ role: 'manager' }), person)
    const { suspension } = await seen(person)
    expect(suspension.endsAt).toBeNull()
    expect(Date.parse(suspension.suspendedAt)).toBeGreaterThan(Date.parse(endsAt))
  })

  test('is ended by hand, and the sessions of before stay ended', async () => {
    const [manager, person] = await scene()
    await suspend(manager, person)
    const { user, userErrors } = await act(manager, 'reinstateUser', { userId: person.globalId })
    expect(userErrors).toEqual([])
    expect(user).toMatchObject({ status: 'ACTIVE', suspension: null })
    expect(newestMail(person).subject).toBe('You can use your account again')
    expect(await isAlive(person.token)).toBe(false)
    expect(codes(await signIn(person.username))).toEqual([])
    const [row] = await world.db.query(
      'SELECT suspended_at, suspended_until, suspended_by_id, suspension_reason FROM users WHERE id = $1',
      [person.id],
    )
    expect(Object.values(row!)).toEqual([null, null, null, null])
  })

  test('stands in the security inbox of the person, and the reason in their trail', async () => {
    const [manager, person] = await scene()
    await suspend(manager, person)
    await act(manager, 'reinstateUser', { userId: person.globalId })
    const { token } = await signIn(person.username)
    const api = new ApiClient(world.url, token)
    expect((await api.data(INBOX)).viewer).not.toBeNull()
    const inbox = await inboxOf({ api })
    expect(inbox.map(({ action, canBeDisowned }) => [action, canBeDisowned])).toEqual([
      ['session.started', true],
      ['account.reinstated', false],
      ['account.suspended', false],
      ['session.started', true],
    ])
    const { viewer } = await api.data(
      '{ viewer { auditEvents(filter: { actions: ["account.suspended"] }) { edges { node { actor { id } details } } } } }',
    )
    expect(viewer.auditEvents.edges).toEqual([
      { node: { actor: { id: manager.globalId }, details: { ...SPAM, until: null } } },
    ])
  })

  test('that nobody is under cannot be ended', async () => {
    const [manager, person] = await scene()
    const reinstate = (userId: string) => outcome(manager, 'reinstateUser', { userId })
    expect(await reinstate(person.globalId)).toBe('NOT_FOUND')
    expect(await reinstate(toGlobalId('user', manager.sessionId))).toBe('NOT_FOUND')
    await suspend(manager, person, { ...SPAM, until: later(world.clock.now(), MINUTE) })
    const mails = world.portico.mailbox!.read(person.email).length
    world.clock.advance(MINUTE)
    expect(await reinstate(person.globalId)).toBe('NOT_FOUND')
    expect(world.portico.mailbox!.read(person.email)).toHaveLength(mails)
  })
})

test('that a suspension can be over is forgotten nowhere: SQL asks `isActive`, never for the status itself', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  )
  expect(files.length).toBeGreaterThan(200)
  const asking = files.filter((path) =>
    /status\s*(=|<>)\s*'(active|suspended)'/.test(readFileSync(join('src', path), 'utf8')),
  )
  expect(asking).toEqual([])
})

describe('nobody suspends', () => {
  test('without a reason, for more than 500 characters of it, or until a moment that has passed', async () => {
    const [manager, { globalId: userId, token }] = await scene()
    const tried = (input: object) => outcome(manager, 'suspendUser', { userId, ...input })
    expect(await tried({ reason: ' ' })).toBe('REQUIRED')
    expect(await tried({ reason: 'x'.repeat(501) })).toBe('TOO_LONG')
    expect(await tried({ ...SPAM, until: later(world.clock.now(), -1) })).toBe('INVALID')
    expect(await isAlive(token)).toBe(true)
    expect(await tried({ reason: 'x'.repeat(500) })).toBe('OK')
  })

  test('themselves, somebody above them, or somebody who is not there', async () => {
    const manager = await world.person({ role: 'manager' })
    const admin = await world.person({ role: 'admin' })
    const tried = (by: Person, userId: string) => outcome(by, 'suspendUser', { userId, ...SPAM })
    expect(await tried(manager, manager.globalId)).toBe('NOT_PERMITTED')
    expect(await tried(admin, admin.globalId)).toBe('NOT_PERMITTED')
    expect(await tried(manager, admin.globalId)).toBe('NOT_PERMITTED')
    expect(await tried(manager, toGlobalId('user', manager.sessionId))).toBe('NOT_FOUND')
    await suspend(await world.person({ role: 'admin' }), admin)
    expect(await outcome(manager, 'reinstateUser', { userId: admin.globalId })).toBe('NOT_PERMITTED')
    expect(await isAlive(manager.token)).toBe(true)
  })

  test('who may not, or has not proven lately who they are', async () => {
    const [manager, { globalId: userId, token, ...person }] = await scene()
    const another = await world.person()
    for (const action of ['suspendUser', 'reinstateUser'] as const) {
      const input = action === 'suspendUser' ? { userId, ...SPAM } : { userId }
      expect(await outcome(another, action, input)).toBe('FORBIDDEN')
      expect(await outcome(person, action, input)).toBe('FORBIDDEN')
    }
    world.clock.advance(11 * MINUTE)
    expect(await outcome(manager, 'suspendUser', { userId, ...SPAM })).toBe('REAUTHENTICATION_REQUIRED')
    expect(await isAlive(token)).toBe(true)
  })

  test('R58 the last admin', async () => {
    const last = await world.person({ role: 'admin' })
    const temporary = await temporaryAdmin()
    await leaveOnlyAdmins(world, last, temporary)
    expect(codes(await suspend(temporary, last, { ...SPAM, until: later(world.clock.now(), HOUR) }))).toEqual(
      ['LAST_ADMIN'],
    )
    expect(await isAlive(last.token)).toBe(true)
    // It is no matter of admins that somebody else is suspended.
    expect(codes(await suspend(last, await world.person()))).toEqual([])
    const another = await world.person({ role: 'admin' })
    expect(codes(await suspend(another, last))).toEqual([])
  })
})

describe('R60 at the same moment', () => {
  test('two admins suspend each other: one of them stays', async () => {
    for (let round = 0; round < 5; round++) {
      const [first, second] = [await world.person({ role: 'admin' }), await world.person({ role: 'admin' })]
      await leaveOnlyAdmins(world, first, second)
      const tried = (by: Person, { globalId }: Person) =>
        outcome(by, 'suspendUser', { userId: globalId, ...SPAM })
      const outcomes = await Promise.all([tried(first, second), tried(second, first)])
      expect(outcomes).toContain('OK')
      // Who comes second has lost the role when it looks at it, or the session when it began.
      expect(outcomes.filter((code) => code !== 'OK')).toEqual([
        expect.stringMatching(/FORBIDDEN|UNAUTHENTICATED/),
      ])
      expect([await isAlive(first.token), await isAlive(second.token)].sort()).toEqual([false, true])
    }
  })

  test('the last two admins are suspended by others: one of them stays', async () => {
    for (let round = 0; round < 5; round++) {
      const admins = [await world.person({ role: 'admin' }), await world.person({ role: 'admin' })]
      const others = [await temporaryAdmin(), await temporaryAdmin()]
      await leaveOnlyAdmins(world, ...admins, ...others)
      const outcomes = await Promise.all(
        admins.map(({ globalId }, index) =>
          outcome(others[index]!, 'suspendUser', { userId: globalId, ...SPAM }),
        ),
      )
      expect(outcomes.sort()).toEqual(['LAST_ADMIN', 'OK'])
    }
  })

  test('an admin suspends another and resigns: one of them stays', async () => {
    for (let round = 0; round < 5; round++) {
      const [first, second] = [await world.person({ role: 'admin' }), await world.person({ role: 'admin' })]
      await leaveOnlyAdmins(world, first, second)
      const [{ id } = { id: '' }] = await world.db.query<{ id: string }>(
        `SELECT id FROM roles WHERE name = 'admin'`,
      )
      const resign = first.api.data(
        'mutation ($input: RevokeRoleInput!) { revokeRole(input: $input) { userErrors { code } } }',
        { input: { userId: first.globalId, roleId: toGlobalId('role', id) } },
      )
      await Promise.all([resign, outcome(first, 'suspendUser', { userId: second.globalId, ...SPAM })])
      const [{ count } = { count: 0 }] = await world.db.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM role_grants held JOIN users person ON person.id = held.user_id
         WHERE held.role_id = $1 AND person.status = 'active'`,
        [id],
      )
      expect(count).toBe(1)
    }
  })

  test('whoever loses the permission between the policy and the change is refused, and nothing has changed', async () => {
    const person = await world.person()
    const suspended = await world.person()
    await world.suspend(suspended)
    const attempts = [
      ['suspendUser', { userId: person.globalId, ...SPAM }],
      ['reinstateUser', { userId: suspended.globalId }],
    ] as const
    for (const [action, input] of attempts) {
      const loser = await world.person({ role: 'manager' })
      const answer = await meetingUncommitted(
        world,
        ['DELETE FROM role_grants WHERE user_id = $1', loser.id],
        () => outcome(loser, action, input),
      )
      expect([action, answer]).toEqual([action, 'FORBIDDEN'])
    }
    expect(await isAlive(person.token)).toBe(true)
    expect((await seen(suspended)).status).toBe('SUSPENDED')
  })

  test('a sign-in whose password was right already is refused like a wrong one, and no session lives on', async () => {
    const [manager, person] = await scene()
    const { data } = await afterVerification(
      world,
      () => trySignIn(person.username),
      () => suspend(manager, person),
    )
    expect(codes(data.signIn)).toEqual(['INVALID_CREDENTIALS'])
    expect(await openSessions(person)).toEqual([])
  })

  test('of many sign-ins no session survives', async () => {
    for (let round = 0; round < 5; round++) {
      const [manager, person] = await scene()
      await Promise.all([
        ...Array.from({ length: 4 }, () => trySignIn(person.username)),
        suspend(manager, person),
      ])
      expect(await openSessions(person)).toEqual([])
    }
  })
})

describe('as a part of something larger', () => {
  test('nothing has happened, and nobody is told, when the whole is taken back', async () => {
    const [manager, person] = await scene()
    const db = await world.asViewer(manager)
    const mails = world.portico.mailbox!.read().length
    const failing = db.transaction(async (tx) => {
      await suspendUser(tx, { userId: person.id, ...SPAM })
      throw new Error('The whole failed.')
    })
    await expect(failing).rejects.toThrow('The whole failed.')
    expect(await isAlive(person.token)).toBe(true)
    expect(world.portico.mailbox!.read()).toHaveLength(mails)
  })

  test('one that is refused leaves the others as they are', async () => {
    const [manager, person] = await scene()
    const [admin, other] = [await world.person({ role: 'admin' }), await world.person()]
    const db = await world.asViewer(manager)
    const refused: string[] = []
    await db.transaction(
      async (tx) => {
        for (const { id } of [person, admin, other])
          await suspendUser(tx, { userId: id, ...SPAM }).catch(() => refused.push(id))
        await reinstateUser(tx, { userId: other.id })
      },
      { savepoints: true },
    )
    expect(refused).toEqual([admin.id])
    expect((await seen(person)).status).toBe('SUSPENDED')
    expect((await seen(other)).status).toBe('ACTIVE')
    expect(await isAlive(admin.token)).toBe(true)
  })
})

/** Somebody who may all that an admin may, but not for good: they do not count as the admin who has to stay. */
async function temporaryAdmin(): Promise<Person> {
  const person = await world.person({ role: 'admin' })
  await world.db.query('UPDATE role_grants SET expires_at = $2 WHERE user_id = $1', [
    person.id,
    later(world.clock.now(), HOUR),
  ])
  return person
}

/** A socket, and the promises of when it is let in and how it is closed. */
function connect(token: string, url: string) {
  let hasConnected!: () => void
  let hasClosed!: (event: unknown) => void
  const connected = new Promise<void>((resolve) => (hasConnected = resolve))
  const closed = new Promise<unknown>((resolve) => (hasClosed = resolve))
  createClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
    lazy: false,
    onNonLazyError: () => undefined,
    on: { connected: hasConnected, closed: hasClosed },
  })
  return { connected, closed }
}
