import { DAY, MINUTE } from '../../src/core/clock'
import { toGlobalId, type Id } from '../../src/core/id'
import { SECURITY_ACTIONS } from '../../src/modules/audit/audit-event'
import { idInMailedToken } from '../../src/modules/mail/mailed-token'
import { ApiClient } from '../support/api-client'
import { codes, passwordResetOf, SIGN_IN } from '../support/account'
import {
  changeEmailOf,
  CHANGE_EMAIL,
  disownTokenOf,
  INBOX,
  inboxOf,
  newAddress,
  signInEvent,
  tokenSentTo,
} from '../support/recovery'
import { completeSignIn, newAuthenticator, signInStep, withPasskey, withTotp } from '../support/second-factor'
import { useWorld, type Person } from '../support/world'

const world = useWorld()

const PASSWORD = 'a quiet morning by the sea'
const NEW_PASSWORD = 'another morning by the lake'

const person = () => world.person({ password: PASSWORD })
const mailsTo = (email: string) => world.portico.mailbox!.read(email)
const as = (token: string) => new ApiClient(world.url, token)
const isAlive = async (token: string) => (await as(token).data('{ viewer { id } }')).viewer !== null
const signIn = async (login: string, password = PASSWORD, deviceName?: string) =>
  (await world.anonymous.data(SIGN_IN, { input: { login, password, deviceName } })).signIn

const DISOWN = `mutation ($input: DisownSecurityEventInput!) {
  disownSecurityEvent(input: $input) { userErrors { code field } }
}`
const disown = async (api: ApiClient, input: { eventId?: string; token?: string }) =>
  (await api.data(DISOWN, { input })).disownSecurityEvent

const RESET = `mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { userErrors { code } } }`
const resetPassword = async (token: string, newPassword = NEW_PASSWORD) =>
  (await world.anonymous.data(RESET, { input: { token, newPassword } })).resetPassword

const CHANGE_PASSWORD =
  'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { code message } } }'

const freezeEndsAt = async ({ api }: { api: ApiClient }) =>
  (await api.data(INBOX)).viewer.security.freezeEndsAt as string | null

async function addressOf({ username }: Person): Promise<string | null> {
  const admin = await world.person({ role: 'admin' })
  const query = 'query ($username: String!) { userByUsername(username: $username) { email } }'
  return (await admin.api.data(query, { username })).userByUsername.email
}

describe('the security inbox', () => {
  test('tells what has happened to how one signs in, the newest first, and from where', async () => {
    const ada = await person()
    const { token } = await signIn(ada.username, PASSWORD, 'Firefox on Linux')
    await as(token).data('mutation { addEmailCode { userErrors { code } } }')
    await as(token).data('mutation { updateProfile(input: { bio: "New." }) { userErrors { code } } }')
    const inbox = await inboxOf({ api: as(token) })
    expect(inbox.map(({ action, message }) => [action, message])).toEqual([
      ['factor.added', 'A second step was added: a code by e-mail.'],
      ['session.started', 'Signed in from Firefox on Linux.'],
      ['session.started', 'Signed in from Test device.'],
    ])
    expect(inbox[1]).toMatchObject({
      deviceName: 'Firefox on Linux',
      network: expect.stringMatching(/^(127\.0\.0\.0\/24|::.*\/48)$/),
      canBeDisowned: true,
      disownedAt: null,
    })
  })

  test('in the language of the person, for every action there is', async () => {
    const ada = await person()
    await ada.api.data('mutation { updateProfile(input: { locale: "de-AT" }) { userErrors { code } } }')
    await world.db.query(
      `INSERT INTO audit_events (id, occurred_at, action, outcome, actor_id, subject_id, owner_id, is_security_event, details)
       SELECT gen_random_uuid(), $2, action, 'success', $1, $1, $1, true, '{"method": "totp", "left": 3}'
       FROM unnest($3::text[]) AS action`,
      [ada.id, world.clock.now(), [...SECURITY_ACTIONS]],
    )
    const inbox = await inboxOf(ada)
    expect(new Set(inbox.map(({ action }) => action))).toEqual(new Set([...SECURITY_ACTIONS]))
    const messages = inbox.map(({ message }) => message)
    expect(messages).toContain('Angemeldet von einem Gerät, das nicht bekannt ist.')
    expect(messages).toContain('Ein zweiter Schritt wurde hinzugefügt: eine Authenticator-App.')
    expect(messages).toContain('Ein Wiederherstellungscode wurde benutzt; 3 sind übrig.')
    expect(messages.filter((message) => /[{}]|undefined/.test(message))).toEqual([])
  })

  test('is paged, and counted when asked', async () => {
    const ada = await person()
    for (let times = 0; times < 3; times++) await signIn(ada.username)
    const first = (await ada.api.data(INBOX, { first: 3 })).viewer.security.events
    expect([first.edges.length, first.totalCount, first.pageInfo.hasNextPage]).toEqual([3, 4, true])
    const second = (await ada.api.data(INBOX, { first: 3, after: first.pageInfo.endCursor })).viewer.security
      .events
    expect([second.edges.length, second.pageInfo.hasNextPage]).toEqual([1, false])
    expect(second.edges[0].node.id).toBe(await signInEvent(world, ada.sessionId))
  })

  test('takes so many statements, however many events it shows', async () => {
    const ada = await person()
    await signIn(ada.username)
    await inboxOf(ada)
    const few = await world.statements(() => inboxOf(ada))
    for (let times = 0; times < 5; times++) await signIn(ada.username)
    const many = await world.statements(() => inboxOf(ada))
    expect([few.length, many.length]).toEqual([6, 6])
  })

  test('R59 shows nobody the events of others, and does not tell where somebody else was', async () => {
    const [ada, eve] = [await person(), await person()]
    await passwordResetOf(world, ada)
    const [requested] = await inboxOf(ada)
    expect(requested).toMatchObject({ action: 'password.reset-requested', network: null, deviceName: null })
    const query = 'query ($id: ID!) { user(id: $id) { security { events(first: 1) { totalCount } } } }'
    expect(await eve.api.errorCode(query, { id: ada.globalId })).toBe('FORBIDDEN')
  })
})

describe('saying that something was not oneself', () => {
  test('R37 from a session ends all sessions, freezes credentials and starts a reset, in one', async () => {
    const ada = await person()
    const { token: stranger } = await signIn(ada.username)
    const [signedIn] = await inboxOf(ada)
    expect(await disown(ada.api, { eventId: signedIn!.id })).toEqual({ userErrors: [] })
    expect([await isAlive(ada.token), await isAlive(stranger)]).toEqual([false, false])
    expect(codes(await signIn(ada.username))).toEqual(['INVALID_CREDENTIALS'])
    const [mail] = mailsTo(ada.email)
    expect(mail!.subject).toBe('Your account is safe; choose a new password')
    expect(codes(await resetPassword(tokenSentTo(world, ada.email)))).toEqual([])

    const own = { api: as((await signIn(ada.username, NEW_PASSWORD)).token) }
    const event = (await inboxOf(own)).find(({ id }) => id === signedIn!.id)
    expect(event).toMatchObject({ canBeDisowned: false, disownedAt: expect.any(String) })
    expect(await freezeEndsAt(own)).toBeNull()
    const { viewer } = await own.api.data(
      '{ viewer { sessions(includeEnded: true) { edges { node { endReason } } } } }',
    )
    expect(
      viewer.sessions.edges.map(({ node }: { node: { endReason: string | null } }) => node.endReason),
    ).toEqual([null, 'DISOWNED', 'DISOWNED'])
  })

  test('R14 from a mail needs nothing else, serves once and for seven days', async () => {
    const ada = await person()
    const token = await disownTokenOf(world, ada)
    expect(mailsTo(ada.email)[0]!.text).toContain(
      `It was not me:\nhttp://localhost:4000/secure-account#token=${token}`,
    )
    expect(token).toMatch(/^[\w-]{64}$/)
    world.clock.advance(7 * DAY - MINUTE)
    expect(codes(await disown(world.anonymous, { token }))).toEqual([])
    expect(await isAlive(ada.token)).toBe(false)
    expect(codes(await disown(world.anonymous, { token }))).toEqual(['INVALID_CODE'])

    const late = await disownTokenOf(world, await person())
    world.clock.advance(7 * DAY)
    expect(codes(await disown(world.anonymous, { token: late }))).toEqual(['INVALID_CODE'])
  })

  test('every mail that tells of such an event carries a way to say so', async () => {
    const ada = await person()
    await withPasskey(ada)
    await ada.api.data('mutation { replaceRecoveryCodes { userErrors { code } } }')
    await ada.api.data('mutation { addEmailCode { userErrors { code } } }')
    await ada.api.data('mutation { removeEmailCode(input: {}) { userErrors { code } } }')
    await ada.api.data(CHANGE_PASSWORD, { input: { currentPassword: PASSWORD, newPassword: NEW_PASSWORD } })
    const mails = mailsTo(ada.email)
    expect(mails).toHaveLength(5)
    const inbox = await inboxOf(ada)
    for (const { link } of mails) {
      const eventId = idInMailedToken(link!.split('#token=')[1]!)!
      expect(inbox.map(({ id }) => id)).toContain(toGlobalId('event', eventId))
    }
  })

  test('R34 the token of a mail is stored nowhere', async () => {
    const token = await disownTokenOf(world, await person())
    const sealed = Buffer.from(token, 'base64url').toString('hex').slice(32)
    for (const table of ['challenges', 'audit_events', 'users', 'emails']) {
      const rows = await world.db.query<{ text: string }>(`SELECT one::text AS text FROM ${table} one`)
      const stored = rows.map(({ text }) => text).join('\n')
      for (const secret of [token, sealed]) expect(stored).not.toContain(secret)
    }
  })

  test('is for one’s own events only, for those that can be, and once', async () => {
    const [ada, eve] = [await person(), await person()]
    const eventId = await signInEvent(world, ada.sessionId)
    for (const id of [eventId, toGlobalId('event', '01890000-0000-7000-8000-000000000000')])
      expect(await eve.api.errorCode(DISOWN, { input: { eventId: id } })).toBe('NOT_FOUND')
    expect(await isAlive(ada.token)).toBe(true)
    expect(await world.anonymous.errorCode(DISOWN, { input: { eventId } })).toBe('UNAUTHENTICATED')
    expect(codes(await disown(ada.api, {}))).toEqual(['REQUIRED'])
    await passwordResetOf(world, ada)
    const [requested] = await inboxOf(ada)
    expect(codes(await disown(ada.api, { eventId: requested!.id }))).toEqual(['INVALID'])
    expect(await isAlive(ada.token)).toBe(true)
    expect(await freezeEndsAt(ada)).toBeNull()
  })

  test('of an event that is not one of the inbox is refused', async () => {
    const ada = await person()
    await ada.api.data('mutation { updateProfile(input: { bio: "New." }) { userErrors { code } } }')
    const [row] = await world.db.query<{ id: Id }>(
      `SELECT id FROM audit_events WHERE subject_id = $1 AND action = 'profile.updated'`,
      [ada.id],
    )
    const eventId = toGlobalId('event', row!.id)
    expect(await ada.api.errorCode(DISOWN, { input: { eventId } })).toBe('NOT_FOUND')
  })

  test('of two who say so at the same moment one is heard', async () => {
    const ada = await person()
    const token = await disownTokenOf(world, ada)
    const answers = await Promise.all([1, 2].map(() => disown(world.anonymous, { token })))
    expect(answers.flatMap(codes)).toEqual(['INVALID_CODE'])
    expect(
      mailsTo(ada.email).filter(({ subject }) => subject.startsWith('Your account is safe')),
    ).toHaveLength(1)
  })

  test('gives back the address of a week ago, and what was mailed to a later one is worth nothing', async () => {
    const ada = await person()
    const eventId = await signInEvent(world, ada.sessionId)
    const stolen = newAddress()
    await changeEmailOf(world, ada, stolen)
    const theirs = await disownTokenOf(world, { ...ada, email: stolen })
    const { token: reset } = await passwordResetOf(world, { email: stolen })
    expect(codes(await disown(ada.api, { eventId }))).toEqual([])
    expect(await addressOf(ada)).toBe(ada.email)
    expect(codes(await disown(world.anonymous, { token: theirs }))).toEqual(['INVALID_CODE'])
    expect(codes(await resetPassword(reset))).toEqual(['INVALID_CODE'])
  })

  test('by whoever has taken the address does not leave it to them', async () => {
    const ada = await person()
    const stolen = newAddress()
    await changeEmailOf(world, ada, stolen)
    const token = await disownTokenOf(world, { ...ada, email: stolen })
    expect(codes(await disown(world.anonymous, { token }))).toEqual([])
    expect(await addressOf(ada)).toBe(ada.email)
    expect(mailsTo(ada.email)[0]!.subject).toBe('Your account is safe; choose a new password')
    expect(mailsTo(stolen).map(({ subject }) => subject)).not.toContain(
      'Your account is safe; choose a new password',
    )
  })

  test('leaves an address that was changed more than a week ago', async () => {
    const ada = await person()
    const email = newAddress()
    await changeEmailOf(world, ada, email)
    world.clock.advance(7 * DAY)
    const { token } = await signIn(ada.username)
    const [event] = await inboxOf({ api: as(token) })
    expect(codes(await disown(as(token), { eventId: event!.id }))).toEqual([])
    expect(await addressOf(ada)).toBe(email)
  })

  test('takes second factors that were added in the last week, so that nobody keeps one in the account; older ones stay', async () => {
    const ada = await person()
    await withTotp(world, ada)
    world.clock.advance(8 * DAY)
    await world.db.query('UPDATE sessions SET authenticated_at = $2, last_seen_at = $2 WHERE id = $1', [
      ada.sessionId,
      world.clock.now(),
    ])
    const { authenticator } = await withPasskey(ada, newAuthenticator())
    const [event] = await inboxOf(ada)
    expect(codes(await disown(ada.api, { eventId: event!.id }))).toEqual([])

    const { startPasskeySignIn } = await world.anonymous.data(
      'mutation { startPasskeySignIn { challenge { id passkeyOptions } } }',
    )
    const passkey = authenticator.get(startPasskeySignIn.challenge.passkeyOptions)
    const input = { challengeId: startPasskeySignIn.challenge.id, method: 'PASSKEY', passkey }
    expect(codes(await completeSignIn(world.anonymous, input))).toEqual(['INVALID_CODE'])
    expect(codes(await resetPassword(tokenSentTo(world, ada.email)))).toEqual([])
    const { signIn: step } = await world.anonymous.data(
      'mutation ($input: SignInInput!) { signIn(input: $input) { challenge { methods } } }',
      { input: { login: ada.username, password: NEW_PASSWORD } },
    )
    expect(step.challenge.methods).toEqual(['TOTP', 'RECOVERY_CODE'])
  })
})

test('the recovery codes that a thief has made are void after “this was not me”', async () => {
  const ada = await person()
  const { recoveryCodes } = await withTotp(world, ada)
  world.clock.advance(8 * DAY)
  const first = await signInStep(world.anonymous, ada.username, PASSWORD)
  const { token } = await completeSignIn(world.anonymous, {
    challengeId: first.challenge.id,
    method: 'RECOVERY_CODE',
    code: recoveryCodes[0],
  })
  const { replaceRecoveryCodes } = await as(token).data(
    'mutation { replaceRecoveryCodes { recoveryCodes userErrors { code } } }',
  )
  const stolen = replaceRecoveryCodes.recoveryCodes as string[]
  await disown(world.anonymous, { token: tokenSentTo(world, ada.email) })
  const { token: reset } = await passwordResetOf(world, ada)
  await resetPassword(reset)
  const { challenge } = await signInStep(world.anonymous, ada.username, NEW_PASSWORD)
  expect(challenge.methods).toEqual(['TOTP'])
  const input = { challengeId: challenge.id, method: 'RECOVERY_CODE', code: stolen[1] }
  expect(codes(await completeSignIn(world.anonymous, input))).toEqual(['INVALID_CODE'])
})

describe('R41 while credentials are frozen', () => {
  /** Somebody who is in again without a new password: by a link from their mailbox. */
  async function frozen() {
    const ada = await person()
    await disown(ada.api, { eventId: await signInEvent(world, ada.sessionId) })
    await world.anonymous.data(
      `mutation { requestSignInLink(input: { login: "${ada.email}" }) { userErrors { code } } }`,
    )
    const token = tokenSentTo(world, ada.email)
    const { token: session } = await completeSignIn(world.anonymous, { method: 'EMAIL_LINK', token })
    return { ...ada, api: as(session as string) }
  }

  test('nothing about signing in changes for seven days, and the refusal says until when', async () => {
    const ada = await frozen()
    const until = await freezeEndsAt(ada)
    const { addEmailCode } = await ada.api.data('mutation { addEmailCode { userErrors { code message } } }')
    expect(addEmailCode.userErrors).toMatchObject([
      { code: 'FROZEN', message: expect.stringContaining(until!.slice(0, 10)) },
    ])
    const { changeEmail } = await ada.api.data(CHANGE_EMAIL, { input: { email: newAddress() } })
    expect(codes(changeEmail)).toEqual(['FROZEN'])
    expect(await addressOf(ada)).toBe(ada.email)

    await world.db.query('UPDATE sessions SET authenticated_at = $2, last_seen_at = $2 WHERE user_id = $1', [
      ada.id,
      new Date(world.clock.now().getTime() + 7 * DAY),
    ])
    world.clock.advance(7 * DAY)
    expect(await freezeEndsAt(ada)).toBeNull()
    const later = await ada.api.data('mutation { addEmailCode { userErrors { code } } }')
    expect(codes(later.addEmailCode)).toEqual([])
  })

  test('a new password, by a mail to the address that is theirs, ends it', async () => {
    const ada = await frozen()
    const { token } = await passwordResetOf(world, ada)
    expect(codes(await resetPassword(token))).toEqual([])
    const { token: session } = await signIn(ada.username, NEW_PASSWORD)
    const { addEmailCode } = await as(session).data('mutation { addEmailCode { userErrors { code } } }')
    expect(codes(addEmailCode)).toEqual([])
  })

  test('a change that is under way at that moment is either there before, and taken back, or refused', async () => {
    for (let times = 0; times < 5; times++) {
      const ada = await person()
      await ada.api.data(CHANGE_PASSWORD, {
        input: { currentPassword: PASSWORD, newPassword: NEW_PASSWORD },
      })
      const [, added] = await Promise.all([
        disown(world.anonymous, { token: tokenSentTo(world, ada.email) }),
        ada.api.send('mutation { addEmailCode { userErrors { code } } }'),
      ])
      const outcome = added.errors?.[0]?.extensions.code ?? codes(added.data.addEmailCode)[0] ?? 'done'
      expect(['done', 'FROZEN', 'UNAUTHENTICATED']).toContain(outcome)
      const [row] = await world.db.query<{ count: string }>(
        'SELECT count(*) FROM factors WHERE user_id = $1',
        [ada.id],
      )
      expect(row!.count).toBe('0')
    }
  })

  test('a sign-in that is under way at that moment does not outlive it', async () => {
    const ada = await person()
    const eventId = await signInEvent(world, ada.sessionId)
    const [, ...started] = await Promise.all([
      disown(ada.api, { eventId }),
      ...Array.from({ length: 3 }, () => signIn(ada.username)),
    ])
    for (const { token } of started) if (token) expect(await isAlive(token as string)).toBe(false)
  })
})
