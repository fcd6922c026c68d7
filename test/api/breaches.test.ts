import { BreachServer } from '../support/breach-server'
import { account, applicant, codes, passwordResetOf, SIGN_IN, SIGN_UP } from '../support/account'
import { until } from '../support/until'
import { unique, World, type Person } from '../support/world'
import { SECOND } from '../../src/core/clock'
import { BreachCheck } from '../../src/crypto/breach-check'
import { PasswordService } from '../../src/modules/password/password.service'

const server = new BreachServer()
const world = new World()
let url: string
beforeAll(async () => {
  url = await server.start()
  await world.start({ BREACH_CHECK_URL: url })
  await world.adviceIsReady()
})
afterAll(async () => {
  await world.stop()
  await server.stop()
})
beforeEach(() => {
  server.answer = BreachServer.properly
  waitingAtMost(20 * SECOND)
})

/** How long the service may take: as long as a busy machine does, unless a test is about that. */
const waitingAtMost = (patience: number) =>
  Object.assign(world.db.tools, { breaches: new BreachCheck(url, undefined, patience) })

const CHANGE = `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { code field message } } }`
const RESET = `mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { userErrors { code field } } }`

const stolen = () => {
  const password = `${unique()} harbour lantern`
  server.steal(password)
  return password
}

const signIn = async (login: string, password: string) =>
  (await world.anonymous.data(SIGN_IN, { input: { login, password } })).signIn

const compromisedAt = async ({ id }: Person) =>
  (await new PasswordService(world.db).states([id]))[0]!.compromisedAt

const breachMailsTo = (email: string) =>
  world.portico.mailbox!.read(email).filter(({ subject }) => subject === 'Your password is known to others')

describe('R5 a password that was stolen somewhere', () => {
  test('is refused at sign-up, change and reset, with the reason', async () => {
    const { signUp } = await world.anonymous.data(SIGN_UP, { input: applicant({ password: stolen() }) })
    expect(signUp).toMatchObject({
      challenge: null,
      userErrors: [
        { code: 'PASSWORD_BREACHED', field: ['password'], message: expect.stringMatching(/stolen/) },
      ],
    })
    const person = await account(world)
    const changed = await person.api.data(CHANGE, {
      input: { currentPassword: person.password, newPassword: stolen() },
    })
    expect(changed.changePassword.userErrors).toMatchObject([
      { code: 'PASSWORD_BREACHED', field: ['newPassword'] },
    ])
    const { token } = await passwordResetOf(world, person)
    const reset = await world.anonymous.data(RESET, { input: { token, newPassword: stolen() } })
    expect(reset.resetPassword.userErrors).toEqual([{ code: 'PASSWORD_BREACHED', field: ['newPassword'] }])
  })

  test('is not looked up while it is typed, and not where it is refused anyway', async () => {
    server.asked.length = 0
    await world.anonymous.data(
      `mutation { checkPassword(input: { password: "${stolen()}" }) { userErrors { code } } }`,
    )
    await world.anonymous.data(SIGN_UP, { input: applicant({ password: 'short' }) })
    expect(server.asked).toEqual([])
  })

  test('R12 still signs in; the trail and the person are told once, and a change ends it', async () => {
    const password = stolen()
    const person = await world.person({ password })
    expect(codes(await signIn(person.username, password))).toEqual([])
    await until(async () => (await compromisedAt(person)) !== null)
    await until(() => breachMailsTo(person.email).length > 0)
    expect(codes(await signIn(person.username, password))).toEqual([])
    await world.portico.background.settle()
    expect(breachMailsTo(person.email)).toHaveLength(1)
    const events = await world.db.query(
      `SELECT actor_id, outcome FROM audit_events WHERE subject_id = $1 AND action = 'password.breached'`,
      [person.id],
    )
    expect(events).toEqual([{ actor_id: null, outcome: 'success' }])

    await person.api.data(CHANGE, {
      input: { currentPassword: password, newPassword: 'harbour lantern at dusk' },
    })
    expect(await compromisedAt(person)).toBeNull()
  })

  test('is not looked up for a sign-in that fails', async () => {
    const person = await world.person({ password: 'a password of some length' })
    server.asked.length = 0
    expect(codes(await signIn(person.username, stolen()))).toEqual(['INVALID_CREDENTIALS'])
    await world.portico.background.settle()
    expect(server.asked).toEqual([])
    expect(await compromisedAt(person)).toBeNull()
  })

  test('that was replaced while the service was asked leaves no mark on its successor', async () => {
    const password = stolen()
    const person = await world.person({ password })
    let release!: () => void
    const asked = new Promise<void>((resolve) => {
      server.answer = (response, range) => {
        release = () => response.end(range)
        resolve()
      }
    })
    expect(codes(await signIn(person.username, password))).toEqual([])
    await asked
    const passwords = new PasswordService(world.db)
    world.clock.advance(1_000)
    await passwords.store(person.id, await passwords.hash('harbour lantern at dusk'))
    release()
    await world.portico.background.settle()
    expect(await compromisedAt(person)).toBeNull()
    expect(breachMailsTo(person.email)).toEqual([])
  })
})

test.each<[string, BreachServer['answer']]>([
  ['is down', (response) => response.writeHead(503).end()],
  ['hangs', () => undefined],
  ['talks nonsense', (response) => response.end('nonsense')],
])('a service that %s locks nobody out', async (_what, answer) => {
  const password = stolen()
  const person = await world.person({ password })
  server.answer = answer
  waitingAtMost(50)
  expect(codes(await signIn(person.username, password))).toEqual([])
  const { changePassword } = await person.api.data(CHANGE, {
    input: { currentPassword: password, newPassword: stolen() },
  })
  expect(codes(changePassword)).toEqual([])
  await world.portico.background.settle()
})

test('a sign-in is answered before the service is', async () => {
  const password = stolen()
  const person = await world.person({ password })
  let release: (() => void) | undefined
  server.answer = (response, range) => void (release = () => response.end(range))
  expect(codes(await signIn(person.username, password))).toEqual([])
  await until(() => release !== undefined)
  expect(await compromisedAt(person)).toBeNull()
  release!()
  await until(async () => (await compromisedAt(person)) !== null)
})
