import { DAY, MINUTE } from '../../src/core/clock'
import { toGlobalId } from '../../src/core/id'
import { codes, passwordResetOf, SIGN_IN } from '../support/account'
import { act, invited, newcomer, outcome, unverifiedEmail, type ActionName } from '../support/administration'
import { ApiClient } from '../support/api-client'
import { meetingUncommitted } from '../support/race'
import { inboxOf, tokenSentTo } from '../support/recovery'
import { completeSignIn } from '../support/second-factor'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld()

const PASSWORD = 'harbour lantern at dusk'

const mailsTo = ({ email }: { email: string }) => world.portico.mailbox!.read(email)
const newestMail = (person: { email: string }) => mailsTo(person)[0]!

const RESET = `mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { userErrors { code field } } }`
const choosePassword = async (token: string, newPassword = PASSWORD) =>
  codes((await world.anonymous.data(RESET, { input: { token, newPassword } })).resetPassword)

const signIn = async (login: string, password = PASSWORD) =>
  (await world.anonymous.data(SIGN_IN, { input: { login, password } })).signIn

const isAlive = async ({ api }: Person) => (await api.data('{ viewer { id } }')).viewer !== null

const aRole = async (permissions: string[]) => {
  const admin = await world.person({ role: 'admin' })
  const input = { name: unique('role '), description: '', permissions }
  const { createRole } = await admin.api.data(
    'mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id name } } }',
    { input },
  )
  return createRole.role as { id: string; name: string }
}

/** What staff see of somebody by now. */
const seen = async (globalId: string) => {
  const { api } = await world.person({ role: 'admin' })
  const query = `query ($id: ID!) { user(id: $id) {
    username status lastSignInAt emails { address isPrimary verifiedAt } invitation { sentAt expiresAt }
    security { passwordChangedAt } roles { name }
  } }`
  return (await api.data(query, { id: globalId })).user
}

describe('an account that staff make', () => {
  test('waits for its owner: active, without a password, the address not verified, and the invitation told', async () => {
    const admin = await world.person({ role: 'admin' })
    const input = newcomer({ username: unique('Ada'), displayName: 'Ada', locale: 'de-AT' })
    const before = world.clock.now().getTime()
    const { user, userErrors } = await act(admin, 'createUser', input)
    expect(userErrors).toEqual([])
    expect(user).toMatchObject({
      username: input.username.toLowerCase(),
      displayName: 'Ada',
      locale: 'de-AT',
      status: 'ACTIVE',
      roles: [{ name: 'user' }],
    })
    const { invitation, security, emails, lastSignInAt } = await seen(user.id)
    expect(Date.parse(invitation.sentAt)).toBeGreaterThanOrEqual(before)
    expect(Date.parse(invitation.expiresAt) - Date.parse(invitation.sentAt)).toBe(7 * DAY)
    expect(security.passwordChangedAt).toBeNull()
    expect(lastSignInAt).toBeNull()
    expect(emails).toEqual([{ address: input.email, isPrimary: true, verifiedAt: null }])
  })

  test('is offered in its language, with the username, and without where staff are', async () => {
    const german = await invited(world, { locale: 'de' })
    expect(newestMail(german).subject).toBe('Für dich wurde ein Konto angelegt')
    expect(newestMail(german).text).toContain(`Dein Benutzername ist ${german.username}.`)
    const english = await invited(world)
    const { subject, text, link } = newestMail(english)
    expect(subject).toBe('An account was made for you')
    expect(text).toContain(`Your username is ${english.username}. Choose a password within 7 days`)
    expect(text).not.toContain('127.0.0')
    expect(link).toContain('/reset-password#token=')
  })

  test('is taken up with the link, which proves the address, once', async () => {
    const person = await invited(world)
    expect(codes(await signIn(person.username))).toEqual(['INVALID_CREDENTIALS'])
    expect(await choosePassword(person.token, 'fourteen chars')).toEqual(['TOO_SHORT'])
    expect(await choosePassword(person.token)).toEqual([])
    const { emails, invitation } = await seen(person.globalId)
    expect(emails).toEqual([expect.objectContaining({ verifiedAt: expect.any(String) })])
    expect(invitation).toBeNull()
    const { token, userErrors } = await signIn(person.email)
    expect(userErrors).toEqual([])
    expect(await choosePassword(person.token, 'another harbour at dawn')).toEqual(['INVALID_CODE'])
    const inbox = await inboxOf({ api: new ApiClient(world.url, token) })
    expect(inbox.map(({ action }) => action)).toEqual([
      'session.started',
      'password.reset',
      'account.invited',
      'account.created',
    ])
  })

  test('R14 can be taken up for 7 days with the link, whatever a stranger asks for meanwhile', async () => {
    const [soon, late] = [await invited(world), await invited(world)]
    const forgotten = await passwordResetOf(world, soon)
    world.clock.advance(7 * DAY - MINUTE)
    expect(await choosePassword(forgotten.token)).toEqual(['INVALID_CODE'])
    expect(await choosePassword(soon.token)).toEqual([])
    world.clock.advance(MINUTE)
    expect(await choosePassword(late.token)).toEqual(['INVALID_CODE'])
    expect((await seen(late.globalId)).invitation).not.toBeNull()
    // The way of everybody who has no password that works.
    const { token } = await passwordResetOf(world, late)
    expect(await choosePassword(token)).toEqual([])
    expect((await seen(late.globalId)).emails).toEqual([
      expect.objectContaining({ verifiedAt: expect.any(String) }),
    ])
  })

  test('is void as an offer when its owner has chosen a password in another way', async () => {
    const person = await invited(world)
    const { token } = await passwordResetOf(world, person)
    expect(await choosePassword(token)).toEqual([])
    expect(await choosePassword(person.token, 'another harbour at dawn')).toEqual(['INVALID_CODE'])
  })

  test('is offered again, and the link of before is void, until it is taken up', async () => {
    const admin = await world.person({ role: 'admin' })
    const person = await invited(world)
    const resend = (userId = person.globalId) => outcome(admin, 'resendInvitation', { userId })
    world.clock.advance(MINUTE)
    const { sentAt } = (await seen(person.globalId)).invitation
    expect(await resend()).toBe('OK')
    expect(Date.parse((await seen(person.globalId)).invitation.sentAt)).toBeGreaterThan(Date.parse(sentAt))
    expect(await choosePassword(person.token)).toEqual(['INVALID_CODE'])
    const second = tokenSentTo(world, person.email).split('&')[0]!
    expect(await choosePassword(second)).toEqual([])
    expect(await resend()).toBe('NOT_FOUND')
    expect(mailsTo(person).filter(({ subject }) => subject.startsWith('An account'))).toHaveLength(2)
  })

  test('is not offered again to whoever has signed in by mail, is suspended, was never invited or is not there', async () => {
    const admin = await world.person({ role: 'admin' })
    const resend = (userId: string) => outcome(admin, 'resendInvitation', { userId })
    const [signedIn, suspended] = [await invited(world), await invited(world)]
    await world.anonymous.data(
      `mutation { requestSignInLink(input: { login: "${signedIn.email}" }) { userErrors { code } } }`,
    )
    const token = tokenSentTo(world, signedIn.email)
    expect(codes(await completeSignIn(world.anonymous, { method: 'EMAIL_LINK', token }))).toEqual([])
    await act(admin, 'suspendUser', { userId: suspended.globalId, reason: 'A mistake' })
    const stranger = await world.person()
    const others = [stranger.globalId, toGlobalId('user', admin.sessionId)]
    for (const userId of [signedIn.globalId, suspended.globalId, ...others])
      expect(await resend(userId)).toBe('NOT_FOUND')
    for (const { globalId } of [signedIn, stranger]) expect((await seen(globalId)).invitation).toBeNull()
  })

  test('R66 needs a username and an address that nobody has, and says of both at once which are taken', async () => {
    const admin = await world.person({ role: 'admin' })
    const other = await world.person()
    const tried = async (changes: object) => (await act(admin, 'createUser', newcomer(changes))).userErrors
    const username = other.username.toUpperCase()
    expect(await tried({ username, email: ` ${other.email.toUpperCase()} ` })).toEqual([
      { code: 'TAKEN', field: ['username'] },
      { code: 'TAKEN', field: ['email'] },
    ])
    expect(await tried({ email: 'nowhere' })).toEqual([{ code: 'INVALID', field: ['email'] }])
    expect(await tried({ locale: 'no_such' })).toEqual([{ code: 'INVALID', field: ['locale'] }])
    expect(await tried({ username: 'a' })).toEqual([{ code: 'TOO_SHORT', field: ['username'] }])

    const twins = newcomer()
    const outcomes = await Promise.all([1, 2, 3].map(() => outcome(admin, 'createUser', twins)))
    for (const code of outcomes) expect(code).toMatch(/^(OK|TAKEN|TAKEN,TAKEN)$/)
    expect(outcomes.filter((code) => code === 'OK')).toHaveLength(1)
    expect(mailsTo(twins)).toHaveLength(1)
  })

  test('R58 has the roles that whoever makes it holds and may grant, or is not made at all', async () => {
    const admin = await world.person({ role: 'admin' })
    const [mine, foreign] = [await aRole(['posts:moderate']), await aRole(['audit:read'])]
    const roleIds = [mine.id, mine.id]
    const { user } = await act(admin, 'createUser', newcomer({ roleIds }))
    expect((user.roles as { name: string }[]).map(({ name }) => name).sort()).toEqual(
      [mine.name, 'user'].sort(),
    )

    const recruiter = await world.person({ permissions: ['users:create', 'roles:grant', 'posts:moderate'] })
    const helper = await world.person({ permissions: ['users:create', 'posts:moderate'] })
    const refused: [Person, string[], string][] = [
      [recruiter, [foreign.id], 'NOT_PERMITTED'],
      [recruiter, [mine.id, foreign.id], 'NOT_PERMITTED'],
      [recruiter, [toGlobalId('role', admin.id)], 'NOT_FOUND'],
      [helper, [mine.id], 'NOT_PERMITTED'],
    ]
    for (const [by, wanted, code] of refused) {
      const input = newcomer({ roleIds: wanted })
      const { data } = await by.api.send(
        'mutation ($input: CreateUserInput!) { createUser(input: $input) { userErrors { code field } } }',
        { input },
      )
      expect(data.createUser.userErrors).toEqual([{ code, field: ['roleIds'] }])
      const left = await world.db.query('SELECT FROM users WHERE username = $1', [input.username])
      expect([left, mailsTo(input)]).toEqual([[], []])
    }
    expect(await outcome(recruiter, 'createUser', newcomer({ roleIds: [mine.id] }))).toBe('OK')
    expect(await outcome(helper, 'createUser', newcomer())).toBe('OK')
  })
})

describe('a profile that staff edit', () => {
  test('has what they say, and stays otherwise as it was', async () => {
    const [admin, person] = [await world.person({ role: 'admin' }), await world.person()]
    const edit = async (changes: object) =>
      (await act(admin, 'updateUser', { userId: person.globalId, ...changes })).user
    const all = { displayName: 'Ada', bio: 'Mathematician.', locale: 'de', timeZone: 'Europe/Vienna' }
    expect(await edit(all)).toMatchObject({ ...all, username: person.username, version: 2 })
    expect(await edit({ bio: null })).toMatchObject({ ...all, bio: null, version: 3 })
    // What changes nothing is no change.
    expect(await edit({ displayName: 'Ada', username: person.username.toUpperCase() })).toMatchObject({
      version: 3,
    })
    expect(mailsTo(person)).toEqual([])
    const { viewer } = await person.api.data(
      '{ viewer { auditEvents(filter: { actions: ["profile.updated"] }) { edges { node { actor { id } details } } } } }',
    )
    expect(viewer.auditEvents.edges.map(({ node }: { node: object }) => node)).toEqual([
      { actor: { id: admin.globalId }, details: { fields: ['bio'] } },
      {
        actor: { id: admin.globalId },
        details: { fields: ['displayName', 'bio', 'locale', 'timeZone'] },
      },
    ])
  })

  test('signs its owner in by the new username and not by the old one, which they are told', async () => {
    const [admin, person] = [
      await world.person({ role: 'admin' }),
      await world.person({ password: PASSWORD }),
    ]
    const username = unique('new')
    const userId = person.globalId
    const { user } = await act(admin, 'updateUser', { userId, username: username.toUpperCase() })
    expect(user.username).toBe(username)
    expect(codes(await signIn(person.username))).toEqual(['INVALID_CREDENTIALS'])
    expect(codes(await signIn(username))).toEqual([])
    expect(await isAlive(person)).toBe(true)
    const told = mailsTo(person).find(({ subject }) => subject === 'Your username was changed')
    expect(told!.text).toContain(`It is ${username} now`)
    const [newest] = (await inboxOf(person)).filter(({ action }) => action !== 'session.started')
    expect(newest).toMatchObject({ action: 'username.changed', canBeDisowned: false })

    await act(admin, 'updateUser', { userId, locale: 'de' })
    await act(admin, 'updateUser', { userId, username: unique('neu') })
    expect(newestMail(person).subject).toBe('Dein Benutzername wurde geändert')
  })

  test('is not what somebody else has made it meanwhile: the conflict shows it as it is', async () => {
    const [admin, person] = [await world.person({ role: 'admin' }), await world.person()]
    const input = { userId: person.globalId, displayName: 'Ada', username: unique('u'), expectedVersion: 2 }
    await act(admin, 'updateUser', { userId: person.globalId, bio: 'First.' })
    expect(await outcome(admin, 'updateUser', { ...input, expectedVersion: 1 })).toBe('CONFLICT')
    const document = 'mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }'
    const { errors } = await admin.api.send(document, { input: { ...input, expectedVersion: 1 } })
    expect(errors![0]!.extensions).toMatchObject({
      currentVersion: 2,
      current: { displayName: `Name of ${person.username}`, bio: 'First.', username: person.username },
    })
    expect(await outcome(admin, 'updateUser', input)).toBe('OK')
  })

  test('cannot have a username that is taken, nor a language or time zone that is none', async () => {
    const [admin, person, other] = [
      await world.person({ role: 'admin' }),
      await world.person(),
      await world.person(),
    ]
    const tried = async (changes: object) =>
      (await act(admin, 'updateUser', { userId: person.globalId, ...changes })).userErrors
    expect(await tried({ username: other.username })).toEqual([{ code: 'TAKEN', field: ['username'] }])
    expect(await tried({ username: 'not a name' })).toEqual([{ code: 'INVALID', field: ['username'] }])
    expect(await tried({ locale: 'no_such', timeZone: 'Mars/Base' })).toEqual([
      { code: 'INVALID', field: ['locale'] },
      { code: 'INVALID', field: ['timeZone'] },
    ])
    expect((await seen(person.globalId)).username).toBe(person.username)
  })
})

describe('the sessions of somebody', () => {
  test('R40 all end when staff say so; the person is told why, and can sign in again', async () => {
    const manager = await world.person({ role: 'manager' })
    const person = await world.person({ password: PASSWORD })
    const { token } = await signIn(person.username)
    const input = { userId: person.globalId, reason: 'You have lost your phone.' }
    const { endUserSessions } = await manager.api.data(
      'mutation ($input: EndUserSessionsInput!) { endUserSessions(input: $input) { endedCount user { id } userErrors { code } } }',
      { input },
    )
    expect(endUserSessions).toEqual({ endedCount: 2, user: { id: person.globalId }, userErrors: [] })
    expect(await isAlive(person)).toBe(false)
    expect((await new ApiClient(world.url, token).data('{ viewer { id } }')).viewer).toBeNull()
    expect(newestMail(person).subject).toBe('All your sessions were ended')
    expect(newestMail(person).text).toContain('Why: You have lost your phone.')
    const again = await signIn(person.username)
    const inbox = await inboxOf({ api: new ApiClient(world.url, again.token) })
    expect(inbox[1]).toMatchObject({ action: 'sessions.ended-by-staff', canBeDisowned: false })
  })

  test('end without a reason as well; where there are none, nobody is told', async () => {
    const [manager, person] = [await world.person({ role: 'manager' }), await world.person()]
    await person.api.data('mutation { updateProfile(input: { locale: "de" }) { userErrors { code } } }')
    const end = () => outcome(manager, 'endUserSessions', { userId: person.globalId })
    expect(await end()).toBe('OK')
    expect(newestMail(person).subject).toBe('Alle deine Sitzungen wurden beendet')
    expect(newestMail(person).text).toContain('Warum: nicht angegeben')
    expect(await end()).toBe('OK')
    expect(mailsTo(person)).toHaveLength(1)
  })
})

describe('an address', () => {
  test('is verified by hand, once', async () => {
    const [admin, person] = [await world.person({ role: 'admin' }), await world.person()]
    const emailId = await unverifiedEmail(world, person)
    const verify = () => outcome(admin, 'verifyEmail', { emailId })
    expect(await verify()).toBe('OK')
    const { emails } = await seen(person.globalId)
    expect(emails).toEqual([expect.objectContaining({ verifiedAt: expect.any(String) })])
    world.clock.advance(MINUTE)
    expect(await verify()).toBe('OK')
    expect((await seen(person.globalId)).emails).toEqual(emails)
    const events = (await inboxOf(person)).filter(({ action }) => action === 'email.verified')
    expect(events).toHaveLength(1)
  })

  test('is nobody’s to vouch for who has it, or is below whoever has it; and none that was replaced', async () => {
    const [admin, other] = [await world.person({ role: 'admin' }), await world.person({ role: 'admin' })]
    const clerk = await world.person({ permissions: ['users:verify-contact'] })
    const person = await world.person()
    const tried = async (by: Person, of: Person) =>
      outcome(by, 'verifyEmail', { emailId: await unverifiedEmail(world, of) })
    expect(await tried(admin, admin)).toBe('NOT_PERMITTED')
    expect(await tried(clerk, admin)).toBe('NOT_PERMITTED')
    expect(await tried(other, admin)).toBe('OK')
    expect(await tried(clerk, person)).toBe('OK')
    const emailId = await unverifiedEmail(world, person)
    await world.db.query('UPDATE emails SET is_primary = false, replaced_at = now() WHERE user_id = $1', [
      person.id,
    ])
    expect(await outcome(clerk, 'verifyEmail', { emailId })).toBe('NOT_FOUND')
  })

  test('is not shown by it to whoever may vouch for it but not read it', async () => {
    const clerk = await world.person({ permissions: ['users:verify-contact'] })
    const emailId = await unverifiedEmail(world, await world.person())
    const { data, errors } = await clerk.api.send(
      'mutation ($input: VerifyEmailInput!) { verifyEmail(input: $input) { user { email } userErrors { code } } }',
      { input: { emailId } },
    )
    expect(data.verifyEmail).toEqual({ user: { email: null }, userErrors: [] })
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })
})

describe('every action', () => {
  /** What it takes to act on somebody, with what is unlike before. */
  const inputs = async (): Promise<Record<Exclude<ActionName, 'suspendUser' | 'reinstateUser'>, object>> => {
    const userId = (await world.person()).globalId
    return {
      createUser: newcomer(),
      resendInvitation: { userId: (await invited(world)).globalId },
      updateUser: { userId, username: unique('u') },
      endUserSessions: { userId },
      verifyEmail: { emailId: await unverifiedEmail(world, await world.person()) },
    }
  }
  const actions = async () => Object.entries(await inputs()) as [ActionName, object][]

  test('R52 is forbidden to whoever may do all but this', async () => {
    const PERMISSION: Partial<Record<ActionName, string>> = {
      createUser: 'users:create',
      resendInvitation: 'users:create',
      updateUser: 'users:edit',
      endUserSessions: 'sessions:revoke',
      verifyEmail: 'users:verify-contact',
    }
    const all = [...new Set(Object.values(PERMISSION)), 'users:read', 'users:suspend']
    for (const [action, input] of await actions()) {
      const able = await world.person({ permissions: [PERMISSION[action]!] })
      const unable = await world.person({ permissions: all.filter((one) => one !== PERMISSION[action]) })
      expect([action, await outcome(unable, action, input)]).toEqual([action, 'FORBIDDEN'])
      expect([action, await outcome(able, action, input)]).toEqual([action, 'OK'])
    }
  })

  test('R41 asks for a proof of identity that is less than ten minutes old', async () => {
    const admin = await world.person({ role: 'admin' })
    world.clock.advance(11 * MINUTE)
    for (const [action, input] of await actions())
      expect([action, await outcome(admin, action, input)]).toEqual([action, 'REAUTHENTICATION_REQUIRED'])
  })

  test('R58 is refused on somebody above', async () => {
    const above = await world.person({ role: 'admin' })
    const clerk = await world.person({
      permissions: ['users:create', 'users:edit', 'sessions:revoke', 'users:verify-contact'],
    })
    const chosen = await invited(world)
    await world.db.query(
      `INSERT INTO role_grants (id, user_id, role_id, created_at) SELECT gen_random_uuid(), $1, id, now() FROM roles WHERE name = 'manager'`,
      [chosen.id],
    )
    const tried: [ActionName, object][] = [
      ['resendInvitation', { userId: chosen.globalId }],
      ['updateUser', { userId: above.globalId, bio: 'Not me.' }],
      ['endUserSessions', { userId: above.globalId }],
      ['verifyEmail', { emailId: await unverifiedEmail(world, above) }],
    ]
    for (const [action, input] of tried)
      expect([action, await outcome(clerk, action, input)]).toEqual([action, 'NOT_PERMITTED'])
    expect(await isAlive(above)).toBe(true)
    expect(mailsTo(above)).toEqual([])
  })

  test('answers of somebody who is not there that there is no such person', async () => {
    const admin = await world.person({ role: 'admin' })
    for (const userId of [toGlobalId('user', admin.sessionId), toGlobalId('role', admin.id), 'nonsense']) {
      for (const action of ['updateUser', 'endUserSessions', 'resendInvitation'] as const)
        expect([action, await outcome(admin, action, { userId })]).toEqual([action, 'NOT_FOUND'])
      expect(await outcome(admin, 'verifyEmail', { emailId: userId })).toBe('NOT_FOUND')
    }
  })

  test('R60 is refused to whoever loses the permission between the policy and the change', async () => {
    for (const [action, input] of await actions()) {
      const loser = await world.person({ role: 'admin' })
      const answer = await meetingUncommitted(
        world,
        ['DELETE FROM role_grants WHERE user_id = $1', loser.id],
        () => outcome(loser, action, input),
      )
      expect([action, answer]).toEqual([action, 'FORBIDDEN'])
    }
  })
})
