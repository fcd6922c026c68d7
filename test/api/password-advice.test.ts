import { SECOND } from '../../src/core/clock'
import { applicant, codes, passwordResetOf } from '../support/account'
import type { ApiClient } from '../support/api-client'
import { columnsHolding } from '../support/database-bytes'
import { unique, useWorld } from '../support/world'

const world = useWorld({ TRUSTED_PROXIES: '127.0.0.1' })

beforeAll(() => world.adviceIsReady())

const CHECK = `mutation CheckPassword($input: CheckPasswordInput!) {
  checkPassword(input: $input) { passwordStrength { score warning suggestions } userErrors { code field } }
}`
const ADVICE = 'passwordStrength { score warning suggestions } userErrors { code }'

const check = async (input: object, api: ApiClient = world.anonymous) =>
  (await api.data(CHECK, { input })).checkPassword

describe('advice on a password', () => {
  test('comes to a form while it is typed, with the reasons for which it would be refused', async () => {
    expect(await check({ password: 'password1' })).toEqual({
      passwordStrength: {
        score: 0,
        warning: expect.stringMatching(/common/i),
        suggestions: expect.arrayContaining([expect.any(String)]),
      },
      userErrors: expect.arrayContaining([{ code: 'TOO_SHORT', field: ['password'] }]),
    })
    expect(await check({ password: 'kettle sang winter lamps' })).toEqual({
      passwordStrength: { score: 4, warning: null, suggestions: [] },
      userErrors: [],
    })
  })

  test('knows what else stands in the form, and who is signed in', async () => {
    const password = 'my own brunhilde!'
    expect(codes(await check({ password }))).toEqual([])
    for (const words of [
      { username: 'brunhilde' },
      { email: 'brunhilde@example.com' },
      { displayName: 'Brunhilde' },
    ])
      expect(codes(await check({ password, ...words }))).toEqual(['PASSWORD_TOO_SIMILAR'])
    const person = await world.person()
    const about = { password: `my own ${person.username}!` }
    expect(codes(await check(about))).toEqual([])
    expect(codes(await check(about, person.api))).toEqual(['PASSWORD_TOO_SIMILAR'])
  })

  test('comes back where a new password is refused, whichever form it was in', async () => {
    const weak = { score: 0, warning: expect.any(String), suggestions: expect.any(Array) }
    const refused = {
      passwordStrength: weak,
      userErrors: [{ code: 'TOO_SHORT' }, { code: 'PASSWORD_TOO_COMMON' }],
    }
    const signUp = `mutation ($input: SignUpInput!) { signUp(input: $input) { ${ADVICE} } }`
    const answer = await world.anonymous.data(signUp, { input: applicant({ password: 'password1' }) })
    expect(answer.signUp).toEqual(refused)

    const person = await world.person({ password: 'a password of some length' })
    const change = `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { ${ADVICE} } }`
    const input = { currentPassword: 'a password of some length', newPassword: 'password1' }
    expect((await person.api.data(change, { input })).changePassword).toEqual(refused)

    const reset = `mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { ${ADVICE} } }`
    const { token } = await passwordResetOf(world, person)
    const tried = await world.anonymous.data(reset, { input: { token, newPassword: 'password1' } })
    expect(tried.resetPassword).toEqual(refused)
  })

  test('never refuses: a weak password that breaks no rule is taken', async () => {
    const input = applicant({ password: 'january february' })
    expect((await check({ password: input.password })).passwordStrength.score).toBe(0)
    const signUp = `mutation ($input: SignUpInput!) { signUp(input: $input) { ${ADVICE} } }`
    expect((await world.anonymous.data(signUp, { input })).signUp).toEqual({
      passwordStrength: null,
      userErrors: [],
    })
  })

  test('is missing where it does not come in time, and nothing else is', async () => {
    const { strength } = world.db.tools
    Object.assign(world.db.tools, { strength: { measure: async () => null } })
    expect(await check({ password: 'kettle sang winter lamps' })).toEqual({
      passwordStrength: null,
      userErrors: [],
    })
    expect(await check({ password: 'vqnbtzkh' })).toEqual({
      passwordStrength: null,
      userErrors: [{ code: 'TOO_SHORT', field: ['password'] }],
    })
    Object.assign(world.db.tools, { strength })
  })

  test('leaves nothing behind, neither in the database nor in the log', async () => {
    const password = unique('typed and thrown away ')
    await check({ password })
    await check({ password: password.slice(0, 14) })
    await world.anonymous
      .with({ 'idempotency-key': unique('once-and-no-more-') })
      .data(CHECK, { input: { password } })
    expect(await columnsHolding(world.db, password)).toEqual([])
    expect(world.logLines.join('')).toContain('"operation":"CheckPassword"')
    expect(world.logLines.join('')).not.toContain(password.slice(0, 14))
  })

  test('R25 is not given without end to one address', async () => {
    const from = (address: string) => world.anonymous.with({ 'x-forwarded-for': address })
    const ask = (address: string) => from(address).send(CHECK, { input: { password: 'short' } })
    let answers: Awaited<ReturnType<typeof ask>>[] = []
    for (let round = 0; round < 7; round++)
      answers = await Promise.all(Array.from({ length: 20 }, () => ask('198.51.100.7')))
    expect(answers.map(({ errors }) => errors?.[0]?.extensions.code)).toEqual(
      answers.map(() => 'RATE_LIMITED'),
    )
    const { retryAfter } = answers[0]!.errors![0]!.extensions
    expect((await ask('203.0.113.9')).errors).toBeUndefined()
    world.clock.advance((retryAfter as number) * SECOND)
    expect((await ask('198.51.100.7')).errors).toBeUndefined()
  })
})
