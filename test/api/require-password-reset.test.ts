import { MINUTE } from '../../src/core/clock'
import { PasswordService } from '../../src/modules/password/password.service'
import { codes, SIGN_IN } from '../support/account'
import { ApiClient } from '../support/api-client'
import { afterVerification } from '../support/race'
import { completeSignIn, signInStep, totpCode, withTotp } from '../support/second-factor'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld()

const OLD = 'a password of some length'
const NEW = 'harbour lantern at dusk'

const REQUIRE = `mutation ($input: RequirePasswordResetInput!) {
  requirePasswordReset(input: $input) { user { id } userErrors { code field } }
}`
const RESET = `mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { userErrors { code } } }`
const CHANGE = `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { code } } }`

const requireReset = async (staff: Person, of: Person, reason = 'Found on a list') =>
  (await staff.api.data(REQUIRE, { input: { userId: of.globalId, reason } })).requirePasswordReset

const send = (login: string, password: string) =>
  world.anonymous.send(SIGN_IN, { input: { login, password } })
const signIn = async (login: string, password: string) => (await send(login, password)).data.signIn

const isAlive = async (token: string) =>
  (await new ApiClient(world.url, token).data('{ viewer { id } }')).viewer !== null

async function openSessions({ id }: Person): Promise<number> {
  const [row] = await world.db.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM sessions WHERE user_id = $1 AND ended_at IS NULL',
    [id],
  )
  return row!.count
}

const newestMail = (email: string) => world.portico.mailbox!.read(email)[0]!

const scene = async () =>
  [await world.person({ role: 'manager' }), await world.person({ password: OLD })] as const

describe('R12 R15 staff can start the replacement of a password', () => {
  test('which ends all sessions and lets nobody in with the old one, until its owner has chosen another', async () => {
    const [manager, person] = await scene()
    expect(await requireReset(manager, person)).toEqual({ user: { id: person.globalId }, userErrors: [] })
    expect(await isAlive(person.token)).toBe(false)
    expect(codes(await signIn(person.username, OLD))).toEqual(['INVALID_CREDENTIALS'])

    const mail = newestMail(person.email)
    expect(mail.subject).toBe('Please choose a new password')
    const token = mail.link!.split('#token=')[1]
    const { resetPassword } = await world.anonymous.data(RESET, { input: { token, newPassword: NEW } })
    expect(codes(resetPassword)).toEqual([])
    expect(codes(await signIn(person.username, NEW))).toEqual([])
    expect(codes(await signIn(person.username, OLD))).toEqual(['INVALID_CREDENTIALS'])
  })

  test('with a link that the person can have again', async () => {
    const [manager, person] = await scene()
    await requireReset(manager, person)
    world.clock.advance(31 * MINUTE)
    await world.anonymous.data(
      `mutation { requestPasswordReset(input: { login: "${person.email}" }) { userErrors { code } } }`,
    )
    const token = newestMail(person.email).link!.split('#token=')[1]
    const { resetPassword } = await world.anonymous.data(RESET, { input: { token, newPassword: NEW } })
    expect(codes(resetPassword)).toEqual([])
    expect(codes(await signIn(person.username, NEW))).toEqual([])
  })

  test('and never see, choose or keep one', async () => {
    const [manager, person] = await scene()
    const { errors } = await manager.api.send(REQUIRE, {
      input: { userId: person.globalId, reason: 'x', newPassword: NEW },
    })
    expect(errors![0]!.extensions.code).toBe('BAD_USER_INPUT')
    const answer = await manager.api.send(REQUIRE, { input: { userId: person.globalId, reason: 'x' } })
    const { link, code } = newestMail(person.email)
    for (const secret of [OLD, link!.split('#token=')[1]!, code!])
      expect(JSON.stringify(answer)).not.toContain(secret)
  })

  test('R29 what a sign-in answers then is what it answers to a wrong password', async () => {
    const [manager, person] = await scene()
    const untouched = await world.person({ password: OLD })
    await requireReset(manager, person)
    const body = ({ status, data, errors }: Awaited<ReturnType<typeof send>>) => ({ status, data, errors })
    expect(body(await send(person.username, OLD))).toEqual(body(await send(untouched.username, `${OLD}.`)))
    expect(body(await send(person.username, OLD))).toEqual(body(await send(unique('nobody'), OLD)))
  })

  test('the person can read in their trail that it was done, and why', async () => {
    const [manager, person] = await scene()
    await requireReset(manager, person, 'Your address stood in a leak')
    const token = newestMail(person.email).link!.split('#token=')[1]
    await world.anonymous.data(RESET, { input: { token, newPassword: NEW } })
    const { token: session } = await signIn(person.username, NEW)
    const { viewer } = await new ApiClient(world.url, session).data(
      '{ viewer { auditEvents(filter: { actions: ["password.reset-required"] }) { edges { node { actor { id } details } } } } }',
    )
    expect(viewer.auditEvents.edges).toEqual([
      { node: { actor: { id: manager.globalId }, details: { reason: 'Your address stood in a leak' } } },
    ])
  })
})

describe('nobody starts it', () => {
  test('of somebody above them', async () => {
    const manager = await world.person({ role: 'manager' })
    const admin = await world.person({ role: 'admin', password: OLD })
    expect(codes(await requireReset(manager, admin))).toEqual(['NOT_PERMITTED'])
    expect(await isAlive(admin.token)).toBe(true)
    expect(codes(await signIn(admin.username, OLD))).toEqual([])
  })

  test('who may not, or has not proven lately who they are', async () => {
    const [manager, person] = await scene()
    const input = { userId: person.globalId, reason: 'x' }
    const other = await world.person()
    expect(await other.api.errorCode(REQUIRE, { input })).toBe('FORBIDDEN')
    world.clock.advance(11 * MINUTE)
    expect(await manager.api.errorCode(REQUIRE, { input })).toBe('REAUTHENTICATION_REQUIRED')
    expect(await isAlive(person.token)).toBe(true)
  })

  test('of somebody who is not there, or has no password', async () => {
    const [manager, person] = [await world.person({ role: 'manager' }), await world.person()]
    expect(await requireReset(manager, person)).toMatchObject({
      userErrors: [{ code: 'NOT_FOUND', field: ['userId'] }],
    })
    expect(await isAlive(person.token)).toBe(true)
  })
})

const meanwhile = <Result>(work: () => Promise<Result>, then: () => Promise<unknown>) =>
  afterVerification(world, work, then)

describe('what is under way when a password is replaced does not outlive it', () => {
  test('a sign-in with the password that was right is refused', async () => {
    const [manager, person] = await scene()
    const answer = await meanwhile(
      () => signIn(person.username, OLD),
      () => requireReset(manager, person),
    )
    expect(codes(answer)).toEqual(['INVALID_CREDENTIALS'])
    expect(answer.token).toBeNull()
    expect(await openSessions(person)).toBe(0)
  })

  test('neither when its owner changes it', async () => {
    const person = await world.person({ password: OLD })
    const answer = await meanwhile(
      () => signIn(person.username, OLD),
      () => person.api.data(CHANGE, { input: { currentPassword: OLD, newPassword: NEW } }),
    )
    expect(codes(answer)).toEqual(['INVALID_CREDENTIALS'])
    expect(await openSessions(person)).toBe(1)
  })

  test('a change of the password from a session that is ended does not lift it', async () => {
    const [manager, person] = await scene()
    const { errors } = await meanwhile(
      () => person.api.send(CHANGE, { input: { currentPassword: OLD, newPassword: NEW } }),
      () => requireReset(manager, person),
    )
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
    for (const password of [OLD, NEW])
      expect(codes(await signIn(person.username, password))).toEqual(['INVALID_CREDENTIALS'])
  })

  test('a sign-in that waits for its second proof is void', async () => {
    const [manager, person] = await scene()
    const { secret } = await withTotp(world, person)
    const { challenge } = await signInStep(world.anonymous, person.username, OLD)
    expect(codes(await requireReset(manager, person))).toEqual([])
    const input = { challengeId: challenge.id, method: 'TOTP', code: totpCode(world, secret) }
    expect(codes(await completeSignIn(world.anonymous, input))).toEqual(['INVALID_CODE'])
  })

  test('of many sign-ins at the same moment no session survives', async () => {
    for (let round = 0; round < 5; round++) {
      const [manager, person] = await scene()
      await Promise.all([
        ...Array.from({ length: 4 }, () => send(person.username, OLD)),
        requireReset(manager, person),
      ])
      expect(await openSessions(person)).toBe(0)
    }
  })
})

describe('a password that is shorter because of a second factor', () => {
  const SHORT = 'vqnbtzkh'

  test('R1 is taken from 8 characters on where there is one, and refused where there is none', async () => {
    const passwords = new PasswordService(world.db)
    await expect(passwords.check(SHORT, [], { hasSecondFactor: true })).resolves.toBeUndefined()
    await expect(passwords.check(SHORT.slice(1), [], { hasSecondFactor: true })).rejects.toThrow()
    await expect(passwords.check(SHORT, [])).rejects.toThrow()
  })

  test('is known as such, until a longer one replaces it', async () => {
    const passwords = new PasswordService(world.db)
    const { id } = await world.person({ password: OLD })
    const isShort = (of = id) =>
      world.db.transaction(async (tx) => (await new PasswordService(tx).lock(of))?.isShort ?? false)
    expect(await isShort()).toBe(false)
    await passwords.store(id, await passwords.hash(SHORT), { isShort: true })
    expect(await isShort()).toBe(true)
    await passwords.store(id, await passwords.hash(OLD))
    expect(await isShort()).toBe(false)
    expect(await isShort((await world.person()).id)).toBe(false)
  })
})

test('R12 no password grows old: after ten years it still signs in', async () => {
  const person = await world.person({ password: OLD })
  world.clock.advance(3_650 * 24 * 60 * MINUTE)
  expect(codes(await signIn(person.username, OLD))).toEqual([])
  expect((await new PasswordService(world.db).states([person.id]))[0]!.resetRequiredAt).toBeNull()
})
