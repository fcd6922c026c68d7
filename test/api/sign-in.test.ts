import { MINUTE } from '../../src/core/clock'
import { PasswordHasher } from '../../src/crypto/password-hash'
import { hashToken } from '../../src/crypto/token'
import { Password } from '../../src/modules/password/password.entity'
import { Session } from '../../src/modules/session/session.entity'
import {
  account,
  applicant,
  beginSignUp,
  codes,
  codeSentTo,
  completeSignUp,
  SIGN_IN,
} from '../support/account'
import { ApiClient } from '../support/api-client'
import { columnsHolding } from '../support/database-bytes'
import { unique, useWorld } from '../support/world'

const world = useWorld({ BCRYPT_COST: '10' })

const PASSWORD = 'vexing quartz harbour'

const REAUTHENTICATE = `mutation ($input: ReauthenticateInput!) {
  reauthenticate(input: $input) { session { id authenticatedAt } token userErrors { code field } }
}`

const VIEWER = '{ viewer { id } }'

const signIn = async (login: string, password = PASSWORD, more = {}) =>
  (await world.anonymous.data(SIGN_IN, { input: { login, password, ...more } })).signIn

const withToken = (token: string) => new ApiClient(world.url, token)

/** An answer to the byte, without what names the request and the moment. */
async function bytesOf(input: { login: string; password: string }) {
  const response = await fetch(world.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: SIGN_IN, variables: { input } }),
  })
  const headers = [...response.headers].filter(([name]) => name !== 'x-request-id' && name !== 'date')
  return { status: response.status, headers, body: await response.text() }
}

describe('signing in', () => {
  test('works with the username and with the address', async () => {
    const person = await world.person({ password: PASSWORD })
    for (const login of [person.username, person.email]) {
      const { user, token, userErrors } = await signIn(login, PASSWORD, { deviceName: 'Kitchen radio' })
      expect({ user, userErrors }).toEqual({ user: { id: person.globalId }, userErrors: [] })
      const { viewer } = await withToken(token).data(
        '{ viewer { sessions(first: 1) { edges { node { deviceName isCurrent } } } } }',
      )
      expect(viewer.sessions.edges).toEqual([{ node: { deviceName: 'Kitchen radio', isCurrent: true } }])
    }
  })

  test('the answer is for the person who has just signed in', async () => {
    const person = await world.person({ password: PASSWORD })
    const { signIn: answer } = await world.anonymous.data(
      `mutation ($input: SignInInput!) { signIn(input: $input) { user { email } session { isCurrent address } } }`,
      { input: { login: person.username, password: PASSWORD } },
    )
    expect(answer).toEqual({
      user: { email: person.email },
      session: { isCurrent: true, address: '127.0.0.0/24' },
    })
  })

  test('a cookie carries the token where the client wants it to, and signing out takes it away', async () => {
    const { username, globalId } = await world.person({ password: PASSWORD })
    const response = await world.anonymous.send(SIGN_IN, {
      input: { login: username, password: PASSWORD, transport: 'COOKIE' },
    })
    expect(response.data.signIn).toMatchObject({ user: { id: globalId }, token: null, userErrors: [] })
    const [cookie, ...attributes] = response.headers.get('set-cookie')!.split('; ')
    expect(attributes.filter((attribute) => !attribute.startsWith('Expires='))).toEqual([
      'Path=/',
      'HttpOnly',
      'Secure',
      'SameSite=Lax',
    ])
    const browser = world.anonymous.with({ cookie: cookie! })
    expect(await browser.data(VIEWER)).toEqual({ viewer: { id: globalId } })

    const renewed = await browser.send(REAUTHENTICATE, { input: { password: PASSWORD } })
    expect(renewed.data.reauthenticate).toMatchObject({ token: null, userErrors: [] })
    const newCookie = renewed.headers.get('set-cookie')!.split('; ')[0]!
    expect(newCookie).not.toBe(cookie)
    expect(await browser.data(VIEWER)).toEqual({ viewer: null })
    const renewedBrowser = world.anonymous.with({ cookie: newCookie })

    const signedOut = await renewedBrowser.send('mutation { signOut { userErrors { code } } }')
    expect(signedOut.headers.get('set-cookie')).toMatch(/^__Host-portico=; Max-Age=0; /)
    expect(await renewedBrowser.data(VIEWER)).toEqual({ viewer: null })
  })

  test('R10 a hash of lower cost is replaced at the next sign-in', async () => {
    const person = await world.person()
    const cheap = await new PasswordHasher({ pepper: world.db.tools.keyring.pepper, cost: 4 }).hash(PASSWORD)
    await world.db
      .repo(Password)
      .insert({ userId: person.id, hash: cheap, changedAt: world.clock.now(), isShort: false })
    const hash = async () => (await world.db.repo(Password).findOneByOrFail({ userId: person.id })).hash

    expect(codes(await signIn(person.username, 'not the password'))).toEqual(['INVALID_CREDENTIALS'])
    expect(await hash()).toBe(cheap)
    expect(codes(await signIn(person.username))).toEqual([])
    expect(await hash()).toMatch(/^\$bcrypt-hmac-sha384\$v=1\$2b\$10\$/)
    expect(codes(await signIn(person.username))).toEqual([])
  })

  test('R20 the spellings of one login lead to one account', async () => {
    const suffix = unique()
    const { globalId } = await account(world, {
      username: `rené${suffix}`.replace('é', 'e'),
      email: `rené.${suffix}@example.com`,
      password: PASSWORD,
    })
    const spellings = [
      `RENE${suffix.toUpperCase()}`,
      `  Rene${suffix} `,
      `ｒｅｎｅ${suffix}`,
      `𝓻𝓮𝓷𝓮${suffix}`,
      `René.${suffix}@EXAMPLE.com`,
      ` rené.${suffix}@example.com`.normalize('NFD'),
      `rené.${suffix}＠ｅxample.com`,
    ]
    for (const login of spellings) expect((await signIn(login)).user).toEqual({ id: globalId })
  })
})

describe('what a stranger learns', () => {
  test('R27 R29 an unknown login, a wrong password and a suspended account answer alike to the byte', async () => {
    const known = await world.person({ password: PASSWORD })
    const suspended = await world.person({ password: PASSWORD })
    await world.suspend(suspended)
    const pending = applicant({ password: PASSWORD })
    await beginSignUp(world, pending)
    const withoutPassword = await world.person()
    const unknown = await bytesOf({ login: unique('nobody'), password: PASSWORD })
    expect(unknown.status).toBe(200)
    expect(JSON.parse(unknown.body).data.signIn).toEqual({
      user: null,
      session: null,
      token: null,
      userErrors: [
        { code: 'INVALID_CREDENTIALS', field: [], message: 'The login or the password is wrong.' },
      ],
    })
    const tries = [
      { login: `${unique('nobody')}@example.com`, password: PASSWORD },
      { login: 'not@an@address', password: PASSWORD },
      { login: known.username, password: `${PASSWORD}.` },
      { login: known.email, password: `${PASSWORD}.` },
      { login: suspended.username, password: PASSWORD },
      { login: suspended.email, password: PASSWORD },
      { login: pending.username, password: PASSWORD },
      { login: pending.email, password: PASSWORD },
      { login: withoutPassword.email, password: PASSWORD },
    ]
    for (const input of tries) expect(await bytesOf(input)).toEqual(unknown)
  })

  test('R28 the database does the same work for somebody and for nobody', async () => {
    const person = await world.person({ password: PASSWORD })
    const work = (login: string) => world.statements(() => signIn(login, 'not the password'))
    // Whatever is made at first use is made by the first.
    await work(unique('nobody'))
    expect(await work(unique('nobody'))).toEqual(await work(person.username))
    expect(await work(`${unique('nobody')}@example.com`)).toEqual(await work(person.email))
  })
})

describe('tokens', () => {
  test('R33 R35 every sign-in gives a token of its own, of 256 bits', async () => {
    const { username } = await world.person({ password: PASSWORD })
    const tokens = new Set<string>()
    for (let time = 0; time < 8; time++) tokens.add((await signIn(username)).token)
    expect(tokens.size).toBe(8)
    for (const token of tokens) {
      expect(token).toMatch(/^ptc_[\w-]{43}$/)
      expect(Buffer.from(token.slice(4), 'base64url')).toHaveLength(32)
    }
  })

  test('R34 only its hash is stored', async () => {
    const { username } = await world.person({ password: PASSWORD })
    const { token } = await signIn(username)
    const secret = Buffer.from(token.slice('ptc_'.length), 'base64url')
    for (const form of [token, token.slice('ptc_'.length), secret, secret.toString('hex')]) {
      expect(await columnsHolding(world.db, form)).toEqual([])
    }
    expect(await world.db.repo(Session).countBy({ tokenHash: hashToken(token) })).toBe(1)
  })

  test('R35 proving again who one is gives the session a new token, and the old one is dead', async () => {
    const { username } = await world.person({ password: PASSWORD })
    const before = await signIn(username)
    world.clock.advance(20 * MINUTE)
    const { reauthenticate } = await withToken(before.token).data(REAUTHENTICATE, {
      input: { password: PASSWORD },
    })
    expect(reauthenticate).toMatchObject({ session: { id: before.session.id }, userErrors: [] })
    const age = world.clock.now().getTime() - Date.parse(reauthenticate.session.authenticatedAt)
    expect(age).toBeLessThan(MINUTE)
    expect(await withToken(before.token).data(VIEWER)).toEqual({ viewer: null })
    expect((await withToken(reauthenticate.token).data(VIEWER)).viewer).not.toBeNull()
  })

  test('R35 a wrong password proves nothing, and the token lives on', async () => {
    const person = await world.person({ password: PASSWORD })
    const { reauthenticate } = await person.api.data(REAUTHENTICATE, {
      input: { password: 'not the password' },
    })
    expect(reauthenticate).toEqual({
      session: null,
      token: null,
      userErrors: [{ code: 'INVALID_CREDENTIALS', field: ['password'] }],
    })
    expect((await person.api.data(VIEWER)).viewer).not.toBeNull()
  })

  test('R35 a session that ends while its holder proves who they are stays ended', async () => {
    const person = await world.person({ password: PASSWORD })
    const hashing = person.api.send(REAUTHENTICATE, { input: { password: PASSWORD } })
    const { hasher } = world.db.tools
    while (hasher.load.running === 0) await new Promise(setImmediate)
    await person.api.data('mutation { signOut { userErrors { code } } }')
    const { errors } = await hashing
    expect(errors![0]!.extensions.code).toBe('UNAUTHENTICATED')
    expect(await person.api.data(VIEWER)).toEqual({ viewer: null })
  })

  test('R45 no secret stands in a log line, a link or an error', async () => {
    const input = applicant()
    const challengeId = await beginSignUp(world, input)
    const code = codeSentTo(world, input.email)
    const { data } = await completeSignUp(world.anonymous, challengeId, code)
    const { token } = data.completeSignUp
    const wrong = `${token.slice(0, -4)}AAAA`
    const answers = [
      await withToken(wrong).send(VIEWER),
      await withToken(token).send('mutation { signOut { nothing } }'),
      await withToken(token).send(REAUTHENTICATE, { input: { password: input.password, token } }),
      await withToken(token).send(REAUTHENTICATE, { input: { password: [input.password], method: token } }),
      await fetch(`${world.url}?query={viewer{id}}&token=${token}`).then((response) => response.json()),
      await fetch(`${world.portico.url}/${token}`).then((response) => response.json()),
    ]
    expect(answers[4]).toMatchObject({ data: { viewer: null } })
    const told = JSON.stringify(answers)
    const logged = world.logLines.join('')
    expect(logged).toContain('"operation":"CompleteSignUp"')
    for (const secret of [
      token,
      wrong,
      hashToken(token).toString('hex'),
      input.password,
      input.email,
      code,
    ]) {
      expect(told).not.toContain(secret)
    }
    for (const secret of [wrong, hashToken(token).toString('hex'), input.password, input.email, code]) {
      expect(logged).not.toContain(secret)
    }
    expect(logged).not.toMatch(/[?&]token=/)
  })
})
