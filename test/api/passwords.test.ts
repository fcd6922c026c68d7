import { MINUTE } from '../../src/core/clock'
import { ApiClient } from '../support/api-client'
import { codes, passwordResetOf, SIGN_IN } from '../support/account'
import { unique, useWorld } from '../support/world'

const world = useWorld()

const OLD = 'a password of some length'
const NEW = 'harbour lantern at dusk'

const CHANGE = `mutation ($input: ChangePasswordInput!) {
  changePassword(input: $input) { endedCount userErrors { code field message } }
}`
const REQUEST = `mutation ($login: String!) {
  requestPasswordReset(input: { login: $login }) { challenge { id kind methods expiresAt } userErrors { code } }
}`
const RESET = `mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { userErrors { code field message } } }`

const change = async (api: ApiClient, currentPassword: string, newPassword: string) =>
  (await api.data(CHANGE, { input: { currentPassword, newPassword } })).changePassword

const reset = async (input: Record<string, string>) =>
  (await world.anonymous.data(RESET, { input })).resetPassword

const signIn = async (login: string, password: string) =>
  (await world.anonymous.data(SIGN_IN, { input: { login, password } })).signIn

const isAlive = async (token: string) =>
  (await new ApiClient(world.url, token).data('{ viewer { id } }')).viewer !== null

const newestMail = (email: string) => world.portico.mailbox!.read(email)[0]!

describe('changing the password', () => {
  test('R11 R37 needs the current one, ends all other sessions and is told by mail', async () => {
    const person = await world.person({ password: OLD })
    const { token: other } = await signIn(person.username, OLD)
    expect(await change(person.api, OLD, NEW)).toEqual({ endedCount: 1, userErrors: [] })
    expect(await isAlive(person.token)).toBe(true)
    expect(await isAlive(other)).toBe(false)
    expect(newestMail(person.email).subject).toBe('Your password was changed')
    expect(codes(await signIn(person.username, OLD))).toEqual(['INVALID_CREDENTIALS'])
    expect(codes(await signIn(person.username, NEW))).toEqual([])
  })

  test('R11 with a wrong current one changes nothing and counts as a failed try', async () => {
    const person = await world.person({ password: OLD })
    for (let tries = 0; tries < 5; tries++) {
      expect(codes(await change(person.api, 'wrong', NEW))).toEqual(['INVALID_CREDENTIALS'])
    }
    const { errors } = await person.api.send(CHANGE, { input: { currentPassword: OLD, newPassword: NEW } })
    expect(errors![0]!.extensions.code).toBe('RATE_LIMITED')
    const { errors: atSignIn } = await world.anonymous.send(SIGN_IN, {
      input: { login: person.username, password: OLD },
    })
    expect(atSignIn![0]!.extensions.code).toBe('RATE_LIMITED')
    world.clock.advance(MINUTE)
    expect(codes(await signIn(person.username, OLD))).toEqual([])
  })

  test.each([
    ['R1 one that is too short', 'fourteen chars', 'TOO_SHORT'],
    ['R5 a common one', 'passwordpassword', 'PASSWORD_TOO_COMMON'],
  ])('%s is refused with the reason', async (_what, password, code) => {
    const person = await world.person({ password: OLD })
    const { userErrors } = await change(person.api, OLD, password)
    expect(userErrors).toMatchObject([{ code, field: ['newPassword'] }])
  })

  test('R6 one that holds the username or the address is refused', async () => {
    const person = await world.person({ password: OLD })
    for (const password of [`my own ${person.username}!`, `${person.email} and more`]) {
      expect(codes(await change(person.api, OLD, password))).toEqual(['PASSWORD_TOO_SIMILAR'])
    }
  })
})

describe('a forgotten password', () => {
  test('R14 is replaced with the link of the mail, once, and all sessions end', async () => {
    const person = await world.person({ password: OLD })
    const { token } = await passwordResetOf(world, person)
    expect(token).toMatch(/^[\w-]{22}$/)
    expect(await reset({ token, newPassword: NEW })).toEqual({ userErrors: [] })
    expect(await isAlive(person.token)).toBe(false)
    expect(newestMail(person.email).subject).toBe('Your password was changed')
    expect(codes(await signIn(person.username, OLD))).toEqual(['INVALID_CREDENTIALS'])
    expect(codes(await signIn(person.username, NEW))).toEqual([])
    expect(codes(await reset({ token, newPassword: OLD }))).toEqual(['INVALID_CODE'])
  })

  test('is replaced with the code of the mail as well, which lives for ten minutes', async () => {
    const person = await world.person({ password: OLD })
    const { challengeId, code } = await passwordResetOf(world, person)
    world.clock.advance(9 * MINUTE)
    expect(codes(await reset({ challengeId, code, newPassword: NEW }))).toEqual([])
    const late = await passwordResetOf(world, person)
    world.clock.advance(11 * MINUTE)
    expect(codes(await reset({ ...late, token: undefined!, newPassword: OLD }))).toEqual(['INVALID_CODE'])
    expect(codes(await reset({ token: late.token, newPassword: OLD }))).toEqual([])
  })

  test('R14 a link is void after half an hour, after a newer request and after a change of password', async () => {
    const person = await world.person({ password: OLD })
    const late = await passwordResetOf(world, person)
    world.clock.advance(31 * MINUTE)
    expect(codes(await reset({ token: late.token, newPassword: NEW }))).toEqual(['INVALID_CODE'])
    const superseded = await passwordResetOf(world, person)
    const voided = await passwordResetOf(world, person)
    expect(codes(await reset({ token: superseded.token, newPassword: NEW }))).toEqual(['INVALID_CODE'])
    const { token } = await signIn(person.username, OLD)
    await change(new ApiClient(world.url, token), OLD, NEW)
    expect(codes(await reset({ token: voided.token, newPassword: OLD }))).toEqual(['INVALID_CODE'])
  })

  test('R14 R34 neither link nor code is stored as it is', async () => {
    const { token, code } = await passwordResetOf(world, await world.person())
    const rows = await world.db.query<{ text: string }>('SELECT challenges::text AS text FROM challenges')
    const stored = rows.map(({ text }) => text).join('\n')
    for (const secret of [token, code]) {
      expect(stored).not.toContain(secret)
      expect(stored).not.toContain(Buffer.from(secret).toString('hex'))
    }
  })

  test('R25 a code is not guessed, not even with one new mail after the other', async () => {
    const person = await world.person({ password: OLD })
    let answers: (string | undefined)[] = []
    for (let mails = 0; mails < 2; mails++) {
      const { challengeId } = await passwordResetOf(world, person)
      answers = await Promise.all(
        Array.from({ length: 20 }, async () => {
          const { data, errors } = await world.anonymous.send(RESET, {
            input: { challengeId, code: 'BBBB-BBBB', newPassword: NEW },
          })
          return errors?.[0]?.extensions.code ?? codes(data.resetPassword)[0]
        }),
      )
    }
    expect(answers.every((answer) => answer === 'RATE_LIMITED')).toBe(true)
  })

  test('a new one that is refused leaves the proof as it was', async () => {
    const { token } = await passwordResetOf(world, await world.person())
    expect(await reset({ token, newPassword: 'fourteen chars' })).toMatchObject({
      userErrors: [{ code: 'TOO_SHORT', field: ['newPassword'] }],
    })
    expect(codes(await reset({ token, newPassword: NEW }))).toEqual([])
  })

  test('of two who use one proof at the same moment one succeeds', async () => {
    const { token } = await passwordResetOf(world, await world.person())
    const answers = await Promise.all(
      [1, 2].map((number) => reset({ token, newPassword: `${NEW} ${number}` })),
    )
    expect(answers.flatMap(codes)).toEqual(['INVALID_CODE'])
  })

  test('R29 R30 asking for a reset answers alike for somebody, nobody and a suspended account', async () => {
    const [known, suspended] = [await world.person(), await world.person()]
    await world.suspend(suspended)
    const shapes = []
    for (const login of [known.email, known.username, unique() + '@example.com', unique(), suspended.email]) {
      const { status, data } = await world.anonymous.send(REQUEST, { login })
      const { id, ...challenge } = data.requestPasswordReset.challenge
      expect(id).toMatch(/^challenge_/)
      expect(Object.keys(challenge)).toEqual(['kind', 'methods', 'expiresAt'])
      shapes.push({ status, kind: challenge.kind, methods: challenge.methods })
    }
    expect(new Set(shapes.map((shape) => JSON.stringify(shape))).size).toBe(1)
    expect(world.portico.mailbox!.read(suspended.email)).toEqual([])
  })

  test('no more than a handful of mails are sent to one person', async () => {
    const { username } = await world.person()
    for (let mails = 0; mails < 5; mails++) await world.anonymous.data(REQUEST, { login: username })
    const { errors } = await world.anonymous.send(REQUEST, { login: username })
    expect(errors![0]!.extensions).toMatchObject({ code: 'RATE_LIMITED', retryAfter: expect.any(Number) })
  })

  test('without a proof is not replaced', async () => {
    const { challengeId, code } = await passwordResetOf(world, await world.person())
    for (const proof of [{}, { challengeId }, { code }]) {
      expect(codes(await reset({ ...(proof as Record<string, string>), newPassword: NEW }))).toEqual([
        'REQUIRED',
      ])
    }
  })
})
