import { randomUUID } from 'node:crypto'
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'
import { DAY, later, MINUTE, SECOND } from '../../src/core/clock'
import { idOf, type Id } from '../../src/core/id'
import { hashToken, newAccessToken, newToken } from '../../src/crypto/token'
import { AccessToken } from '../../src/modules/access-token/access-token.entity'
import { AccessTokenService } from '../../src/modules/access-token/access-token.service'
import { AuditEvent } from '../../src/modules/audit/audit-event.entity'
import { RoleGrantService } from '../../src/modules/role/role-grant.service'
import { LastSeen } from '../../src/server/last-seen'
import { createLog } from '../../src/server/log'
import type { Portico } from '../../src/server/portico'
import { storedAccessToken } from '../support/access-token'
import { passwordResetOf } from '../support/account'
import { ApiClient } from '../support/api-client'
import { columnsHolding } from '../support/database-bytes'
import { startSecondProcess } from '../support/second-process'
import { until } from '../support/until'
import { unique, useWorld, type Person } from '../support/world'

let replica: Portico
afterAll(() => replica.stop())
const world = useWorld({ LOG_LEVEL: 'trace' })
beforeAll(async () => {
  replica = await startSecondProcess(world)
})

const PASSWORD = 'harbour lantern at dusk'

const CREATE = `mutation ($input: CreateAccessTokenInput!) {
  createAccessToken(input: $input) {
    accessToken { id name scopes createdAt expiresAt lastUsedAt revokedAt endReason } token userErrors { code field }
  }
}`
const REVOKE =
  'mutation ($id: ID!) { revokeAccessToken(input: { accessTokenId: $id }) { accessToken { revokedAt endReason } userErrors { code } } }'
const LIST =
  '{ viewer { security { accessTokens(includeEnded: true) { id name scopes lastUsedAt revokedAt endReason } } } }'

async function create(person: Person, input: Record<string, unknown> = {}) {
  const { createAccessToken } = await person.api.data(CREATE, {
    input: { name: 'Backup', scopes: [], ...input },
  })
  const { token, accessToken, userErrors } = createAccessToken
  return { accessToken, token, userErrors, api: as(token) }
}

const as = (token: string, portico = world.portico) => new ApiClient(`${portico.url}/graphql`, token)

const isAlive = async (token: string, portico?: Portico): Promise<boolean> =>
  (await as(token, portico).data('{ viewer { id } }')).viewer !== null

const listOf = async (person: Person) => (await person.api.data(LIST)).viewer.security.accessTokens

const stored = (id: string) => world.db.repo(AccessToken).findOneByOrFail({ id: idOf('access_token', id)! })

const trailOf = (id: string) =>
  world.db.repo(AuditEvent).find({ where: { target: id }, order: { occurredAt: 'ASC', id: 'ASC' } })

describe('an access token', () => {
  test('is shown once, and acts for its owner', async () => {
    const person = await world.person({ permissions: ['users:read', 'roles:read'] })
    const { token, accessToken, api } = await create(person, { scopes: ['users:read', 'users:read'] })
    expect(token).toMatch(/^ptc_pat_[\w-]{43}$/)
    expect(accessToken).toMatchObject({
      id: expect.stringMatching(/^access_token_/),
      name: 'Backup',
      scopes: ['users:read'],
      lastUsedAt: null,
      revokedAt: null,
      endReason: null,
    })
    expect((await api.data('{ viewer { id username } }')).viewer).toEqual({
      id: person.globalId,
      username: person.username,
    })
    expect(JSON.stringify(await listOf(person))).not.toContain(token)
  })

  test('R34 is stored as its hash alone', async () => {
    const { token } = await create(await world.person())
    const secret = Buffer.from(token.slice('ptc_pat_'.length), 'base64url')
    for (const form of [token, token.slice('ptc_pat_'.length), secret, secret.toString('hex')])
      expect(await columnsHolding(world.db, form)).toEqual([])
    expect(await columnsHolding(world.db, hashToken(token))).toEqual(['access_tokens.token_hash'])
  })

  test('R33 has 256 random bits: of a hundred thousand none is twice', () => {
    const tokens = new Set(Array.from({ length: 100_000 }, newAccessToken))
    expect(tokens.size).toBe(100_000)
    for (const token of [...tokens].slice(0, 100))
      expect(Buffer.from(token.slice('ptc_pat_'.length), 'base64url')).toHaveLength(32)
  })

  test('is told of by mail and on the trail', async () => {
    const person = await world.person()
    const { accessToken } = await create(person, { name: 'Nightly backup' })
    const [mail] = world.portico.mailbox!.read(person.email)
    expect(mail).toMatchObject({ subject: 'An access token was made' })
    expect(mail!.text).toContain('Nightly backup')
    expect(await trailOf(accessToken.id)).toMatchObject([
      {
        action: 'access-token.created',
        actorId: person.id,
        sessionId: person.sessionId,
        accessTokenId: null,
      },
    ])
  })

  test('lasts 90 days where nothing is said, and a year at most', async () => {
    const person = await world.person()
    const now = world.clock.now()
    const { accessToken } = await create(person)
    const lasts = new Date(accessToken.expiresAt).getTime() - new Date(accessToken.createdAt).getTime()
    expect(lasts).toBe(90 * DAY)
    const refused = [{ code: 'INVALID', field: ['expiresAt'] }]
    for (const expiresAt of [now, later(now, -DAY), later(world.clock.now(), 365 * DAY + MINUTE)])
      expect(await create(person, { expiresAt })).toMatchObject({ token: null, userErrors: refused })
    expect(await create(person, { expiresAt: later(world.clock.now(), 365 * DAY) })).toMatchObject({
      userErrors: [],
    })
  })

  test('has no scopes that its owner does not hold, nor any that do not exist', async () => {
    const person = await world.person({ permissions: ['users:read'] })
    expect(await create(person, { scopes: ['users:read', 'audit:read'] })).toMatchObject({
      token: null,
      userErrors: [{ code: 'NOT_PERMITTED', field: ['scopes'] }],
    })
    expect(await create(person, { scopes: ['everything'] })).toMatchObject({
      userErrors: [{ code: 'INVALID', field: ['scopes'] }],
    })
  })

  test('is one of at most fifty that work, however many are asked for at once', async () => {
    const person = await world.person()
    for (let made = 0; made < 48; made++) await storedAccessToken(world, person.id)
    const past = later(world.clock.now(), -DAY)
    await storedAccessToken(world, person.id, { expiresAt: past })
    const attempts = await Promise.all(Array.from({ length: 6 }, () => create(person)))
    expect(attempts.filter(({ token }) => token !== null)).toHaveLength(2)
    const { token, userErrors } = attempts.find((attempt) => attempt.token === null)!
    expect({ token, userErrors }).toEqual({ token: null, userErrors: [{ code: 'NOT_PERMITTED', field: [] }] })
    const [{ id }] = await listOf(person)
    await person.api.data(REVOKE, { id })
    expect((await create(person)).token).not.toBeNull()
  })

  test('needs a fresh proof of its maker', async () => {
    const person = await world.person({ password: PASSWORD })
    world.clock.advance(11 * MINUTE)
    expect(await person.api.errorCode(CREATE, { input: { name: 'Backup', scopes: [] } })).toBe(
      'REAUTHENTICATION_REQUIRED',
    )
  })

  test('is not made in a session that ends meanwhile, nor outlives a reset that comes first', async () => {
    const person = await world.person({ password: PASSWORD })
    const reset = await passwordResetOf(world, person)
    const results = await Promise.all([
      person.api.send(CREATE, { input: { name: 'Backup', scopes: [] } }),
      world.anonymous.data(
        'mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { userErrors { code } } }',
        { input: { token: reset.token, newPassword: `${unique()} harbour lantern` } },
      ),
      person.api.send(CREATE, { input: { name: 'Backup', scopes: [] } }),
    ])
    for (const { data } of [results[0], results[2]]) {
      const token: string | undefined = data?.createAccessToken?.token
      if (token) expect(await isAlive(token)).toBe(false)
    }
  })

  test('is never taken from a cookie', async () => {
    const person = await world.person()
    const { token } = await create(person)
    const { viewer } = await world.anonymous
      .with({ cookie: `__Host-portico=${token}` })
      .data('{ viewer { id } }')
    expect(viewer).toBeNull()
  })
})

describe('R44 what an access token may do', () => {
  const USERS = '{ users(first: 1) { edges { node { id } } } }'
  const ROLES = '{ roles { id } }'

  test('is what its scopes and the permissions of its owner both allow', async () => {
    const person = await world.person({ permissions: ['users:read', 'roles:read'] })
    const { api } = await create(person, { scopes: ['users:read'] })
    expect((await api.data(USERS)).users.edges).toHaveLength(1)
    expect(await api.errorCode(ROLES)).toBe('FORBIDDEN')
  })

  test('shrinks at the next request when a role is taken away, on every process', async () => {
    const manager = await world.person({ role: 'manager' })
    const admin = await world.person({ role: 'admin' })
    const { token, api } = await create(manager, { scopes: ['users:read'] })
    for (const each of [api, as(token, replica)]) await each.data(USERS)
    const [role] = await world.db.query<{ id: Id }>(`SELECT id FROM roles WHERE name = 'manager'`)
    await new RoleGrantService(await world.asViewer(admin)).revoke({ userId: manager.id, roleId: role!.id })
    expect(await api.errorCode(USERS)).toBe('FORBIDDEN')
    await until(async () => (await as(token, replica).send(USERS)).errors !== undefined)
    await new RoleGrantService(await world.asViewer(admin)).grant({ userId: manager.id, roleId: role!.id })
    expect((await api.data(USERS)).users.edges).toHaveLength(1)
  })

  test('does not grow with its owner', async () => {
    const person = await world.person()
    const { api } = await create(person)
    const admin = await world.person({ role: 'admin' })
    const [role] = await world.db.query<{ id: Id }>(`SELECT id FROM roles WHERE name = 'manager'`)
    await new RoleGrantService(await world.asViewer(admin)).grant({ userId: person.id, roleId: role!.id })
    expect(await api.errorCode(USERS)).toBe('FORBIDDEN')
  })

  test('also where the service asks anew: without the scope to moderate it changes nobody else’s post', async () => {
    const moderator = await world.person({ permissions: ['posts:moderate'] })
    const { globalId } = await world.post()
    const change = `mutation { updatePost(input: { postId: "${globalId}", title: "Mine" }) { userErrors { code } } }`
    const [without, withScope] = [
      await create(moderator),
      await create(moderator, { scopes: ['posts:moderate'] }),
    ]
    expect(await without.api.errorCode(change)).toBe('NOT_FOUND')
    expect((await withScope.api.data(change)).updatePost.userErrors).toEqual([])
  })

  test('ends with a grant that ends, without anybody announcing it', async () => {
    const person = await world.person({ permissions: ['users:read'] })
    const { api } = await create(person, { scopes: ['users:read'] })
    await world.db.query('UPDATE role_grants SET expires_at = $2 WHERE user_id = $1', [
      person.id,
      later(world.clock.now(), MINUTE),
    ])
    await world.db.notify('permissions-changed', { userId: person.id })
    await api.data(USERS)
    world.clock.advance(MINUTE)
    expect(await api.errorCode(USERS)).toBe('FORBIDDEN')
  })
})

describe('an access token ends', () => {
  test('R36 when it is revoked, at once and on every process', async () => {
    const person = await world.person()
    const { token, accessToken } = await create(person)
    expect([await isAlive(token), await isAlive(token, replica)]).toEqual([true, true])
    const { revokeAccessToken } = await person.api.data(REVOKE, { id: accessToken.id })
    expect(revokeAccessToken).toMatchObject({ accessToken: { endReason: 'REVOKED' }, userErrors: [] })
    expect(await isAlive(token)).toBe(false)
    await until(async () => !(await isAlive(token, replica)))
    expect((await trailOf(accessToken.id)).map(({ action }) => action)).toEqual([
      'access-token.created',
      'access-token.revoked',
    ])
  })

  test('once: to revoke it again changes nothing, and a stranger’s is not found', async () => {
    const [person, other] = [await world.person(), await world.person()]
    const { accessToken, token } = await create(person)
    expect(await other.api.errorCode(REVOKE, { id: accessToken.id })).toBe('NOT_FOUND')
    expect(await isAlive(token)).toBe(true)
    const first = await person.api.data(REVOKE, { id: accessToken.id })
    world.clock.advance(SECOND)
    expect(await person.api.data(REVOKE, { id: accessToken.id })).toEqual(first)
    expect(await trailOf(accessToken.id)).toHaveLength(2)
  })

  test('when its time is up, though it was used a moment before', async () => {
    const person = await world.person()
    const { token } = await create(person, { expiresAt: later(world.clock.now(), MINUTE) })
    world.clock.advance(MINUTE / 2)
    expect(await isAlive(token)).toBe(true)
    world.clock.advance(MINUTE / 2)
    expect(await isAlive(token)).toBe(false)
    expect(await listOf(person)).toMatchObject([{ revokedAt: null, endReason: 'EXPIRED' }])
  })

  test('R38 while its owner is suspended', async () => {
    const person = await world.person()
    const { token } = await create(person)
    expect([await isAlive(token), await isAlive(token, replica)]).toEqual([true, true])
    await world.suspend(person)
    expect(await isAlive(token)).toBe(false)
    await until(async () => !(await isAlive(token, replica)))
  })

  test('when the password is reset, but not when it is changed', async () => {
    const person = await world.person({ password: PASSWORD })
    const { token } = await create(person)
    const changed = `${unique()} harbour lantern`
    await person.api.data(
      'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { code } } }',
      { input: { currentPassword: PASSWORD, newPassword: changed } },
    )
    expect(await isAlive(token)).toBe(true)
    const reset = await passwordResetOf(world, person)
    const newPassword = `${unique()} harbour lantern`
    const { resetPassword } = await world.anonymous.data(
      'mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { userErrors { code } } }',
      { input: { token: reset.token, newPassword } },
    )
    expect(resetPassword.userErrors).toEqual([])
    expect(await isAlive(token)).toBe(false)
    const signedIn = await world.anonymous.data(
      `mutation ($input: SignInInput!) { signIn(input: $input) { token } }`,
      { input: { login: person.username, password: newPassword } },
    )
    const { viewer } = await as(signedIn.signIn.token).data(LIST)
    expect(viewer.security.accessTokens).toMatchObject([{ endReason: 'PASSWORD_RESET' }])
  })

  test('when staff ask for another password', async () => {
    const [person, manager] = [
      await world.person({ password: PASSWORD }),
      await world.person({ role: 'manager' }),
    ]
    const { token, accessToken } = await create(person)
    const { requirePasswordReset } = await manager.api.data(
      'mutation ($input: RequirePasswordResetInput!) { requirePasswordReset(input: $input) { userErrors { code } } }',
      { input: { userId: person.globalId, reason: 'Found on a list' } },
    )
    expect(requirePasswordReset.userErrors).toEqual([])
    expect(await isAlive(token)).toBe(false)
    expect(await stored(accessToken.id)).toMatchObject({ endReason: 'password-reset-required' })
    expect((await trailOf(accessToken.id)).at(-1)).toMatchObject({
      actorId: manager.id,
      subjectId: person.id,
    })
  })
})

describe('a socket that was opened with an access token', () => {
  function listen(token: string) {
    let closed = false
    const client = createClient({
      url: world.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}` },
      retryAttempts: 0,
      lazy: false,
      onNonLazyError: () => undefined,
      on: { closed: () => (closed = true) },
    })
    const connected = new Promise<void>((resolve) => void client.on('connected', () => resolve()))
    return { client, connected, isClosed: () => closed }
  }

  test('is closed when the token is revoked, and no other', async () => {
    const person = await world.person()
    const [revoked, other] = [await create(person), await create(person)]
    const [socket, bystander] = [listen(revoked.token), listen(other.token)]
    await Promise.all([socket.connected, bystander.connected])
    await until(async () => (await isAlive(revoked.token)) && (await isAlive(other.token)))
    await person.api.data(REVOKE, { id: revoked.accessToken.id })
    await until(() => socket.isClosed())
    expect(bystander.isClosed()).toBe(false)
    await bystander.client.dispose()
  })
})

describe('the use of an access token', () => {
  /** What a request notes, written down at once. */
  async function use(token: string): Promise<void> {
    const lastSeen = new LastSeen(world.db, () => undefined)
    lastSeen.note((await new AccessTokenService(world.db).recognise(hashToken(token)))!)
    await lastSeen.stop()
  }

  test('is noted, once a minute at most', async () => {
    const person = await world.person()
    const { accessToken, token } = await create(person)
    await use(token)
    const first = (await stored(accessToken.id)).lastUsedAt!
    expect(first.getTime()).toBeGreaterThan(world.clock.now().getTime() - 10 * SECOND)
    world.clock.advance(MINUTE / 2)
    await use(token)
    expect((await stored(accessToken.id)).lastUsedAt).toEqual(first)
    world.clock.advance(MINUTE / 2)
    await use(token)
    expect((await stored(accessToken.id)).lastUsedAt!.getTime()).toBeGreaterThanOrEqual(
      first.getTime() + MINUTE,
    )
  })

  test('is no visit of its owner, and no session', async () => {
    const person = await world.person()
    const { api } = await create(person)
    const { viewer } = await api.data('{ viewer { lastSeenAt sessions { edges { node { isCurrent } } } } }')
    expect(viewer.sessions.edges).toEqual([{ node: { isCurrent: false } }])
  })

  test('is one statement to recognise it, and none when it was asked a moment ago', async () => {
    const person = await world.person()
    const { api } = await create(person)
    await until(async () => {
      await api.data('{ viewer { username } }')
      const statements = await world.statements(() => api.data('{ __typename }'))
      return statements.length === 0
    })
    await world.db.notify('user-changed', { userId: person.id })
    const statements = await world.statements(() => api.data('{ __typename }'))
    expect(statements.filter((sql) => sql.includes('access_tokens'))).toHaveLength(1)
    expect(statements).toHaveLength(1)
  })

  test('stands on the trail of whatever it does, and of what it was refused', async () => {
    const person = await world.person()
    const { api, accessToken } = await create(person)
    const acting = {
      actorId: person.id,
      sessionId: null,
      accessTokenId: idOf('access_token', accessToken.id),
    }
    const { createPost } = await api.data(
      'mutation { createPost(input: { title: "By a program", body: "Text" }) { post { id } } }',
    )
    expect(await trailOf(createPost.post.id)).toMatchObject([{ action: 'post.created', ...acting }])
    await api.errorCode('mutation { rotateSession { token } }')
    const refused = () => world.db.repo(AuditEvent).findBy({ action: 'access.refused', actorId: person.id })
    await until(async () => (await refused()).length > 0)
    expect(await refused()).toMatchObject([acting])
  })
})

describe('an answer that a session was given', () => {
  test('is not given to an access token that repeats the request with its Idempotency-Key', async () => {
    const person = await world.person()
    const key = { 'idempotency-key': randomUUID() }
    const ROTATE = 'mutation { rotateSession { token } }'
    const { api } = await create(person)
    expect((await person.api.with(key).data(ROTATE)).rotateSession.token).toMatch(/^ptc_/)
    expect(await api.with(key).errorCode(ROTATE)).toBe('FORBIDDEN')
  })
})

describe('a session token that by chance begins like an access token', () => {
  test('is a session token', async () => {
    const person = await world.person()
    const token = `ptc_pat_${person.token.slice('ptc_pat_'.length)}`
    await world.db.query('UPDATE sessions SET token_hash = $2 WHERE id = $1', [
      person.sessionId,
      hashToken(token),
    ])
    expect(await isAlive(token)).toBe(true)
    expect(await as(token).errorCode('{ users { totalCount } }')).toBe('FORBIDDEN')
    expect((await as(token).data('mutation { rotateSession { token } }')).rotateSession.token).toMatch(
      /^ptc_/,
    )
  })
})

describe('R45 an access token never appears', () => {
  test('in the log, whatever it was sent for, nor in what an error says', async () => {
    const person = await world.person()
    const { token, api } = await create(person)
    const answers = [
      await api.send('mutation { rotateSession { token } }'),
      await api.send('{ users { totalCount } }'),
      await api.send('{ nonsense }'),
      await api.send(`{ user(id: "${token}") { id } }`),
      await api.send('query ($id: Int!) { user(id: $id) { id } }', { id: token }),
      await api.send(
        `mutation { revokeAccessToken(input: { accessTokenId: "${token}" }) { userErrors { message } } }`,
      ),
    ]
    await fetch(`${world.portico.url}/graphql?token=${token}`, {
      headers: { authorization: `Bearer ${token}x` },
    })
    for (const answer of answers) {
      expect(answer.errors ?? answer.data).toBeTruthy()
      expect(JSON.stringify(answer)).not.toContain(token.slice(8))
    }
    expect(world.logLines.join('\n')).not.toContain(token.slice('ptc_pat_'.length))
  })

  test('in the log even where something writes it there', () => {
    const lines: string[] = []
    const log = createLog({ logLevel: 'info' }, { write: (line: string) => void lines.push(line) })
    const [access, session] = [newAccessToken(), newToken()]
    log.info({ anything: `before ${access} after`, list: [session] }, `said ${session}`)
    expect(lines.join('')).toContain('before [redacted] after')
    for (const token of [access, session]) expect(lines.join('')).not.toContain(token.slice(8))
    expect(() => JSON.parse(lines[0]!) as unknown).not.toThrow()
  })
})
