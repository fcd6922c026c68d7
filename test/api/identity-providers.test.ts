import { createServer, type AddressInfo, type Socket } from 'node:net'
import { HOUR, MINUTE, SECOND } from '../../src/core/clock'
import type { IdentityProvider } from '../../src/core/identity-provider'
import { idOf } from '../../src/core/id'
import { AuditEvent } from '../../src/modules/audit/audit-event.entity'
import { unlinkIdentity } from '../../src/modules/identity/linking'
import { SessionService } from '../../src/modules/session/session.service'
import { codes, SIGN_IN } from '../support/account'
import { ApiClient } from '../support/api-client'
import { TestIdentityProvider, type ProviderAccount } from '../support/identity-provider'
import { completeSignIn, totpCode, withTotp } from '../support/second-factor'
import { until } from '../support/until'
import { unique, World, type Person } from '../support/world'

const PUBLIC_URL = 'http://localhost:4000'
const CALLBACK = `${PUBLIC_URL}/sign-in/callback/acme`
const APP = 'https://app.example.com/signed-in'
const MOBILE = 'myapp://callback'
const PASSWORD = 'a quiet morning by the sea'

/** Puts the address into the ID token, as Google does. */
const acme = new TestIdentityProvider(CALLBACK)
/** Tells it at the userinfo endpoint only, as the standard has it, and takes the secret in the body. */
const strict = new TestIdentityProvider(`${PUBLIC_URL}/sign-in/callback/strict`, {
  conformIdTokenClaims: true,
  clientAuthMethods: ['client_secret_post'],
  clientDefaults: { token_endpoint_auth_method: 'client_secret_post' },
})
/** Takes every connection and says nothing. */
const sockets: Socket[] = []
const silent = createServer((socket) => void sockets.push(socket))

const world = new World()

beforeAll(async () => {
  await acme.start()
  await strict.start()
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const port = (silent.address() as AddressInfo).port
  const providers = [
    acme.entry(),
    strict.entry({ id: 'strict', name: 'Strict' }),
    acme.entry({ id: 'silent', name: 'Silent', issuer: `http://127.0.0.1:${port}` }),
    acme.entry({ id: 'gone', name: 'Gone', issuer: 'http://127.0.0.1:9' }),
  ]
  await world.start({
    OIDC_PROVIDERS: JSON.stringify(providers),
    REDIRECT_URLS: `${APP},${MOBILE}`,
    PUBLIC_URL,
  })
})
afterAll(async () => {
  await world.stop()
  await acme.stop()
  await strict.stop()
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => silent.close(resolve))
})

const START = `mutation ($input: StartProviderSignInInput!) {
  startProviderSignIn(input: $input) { url verifier challenge { id kind methods } userErrors { code field message } }
}`
const START_LINK = `mutation ($input: StartProviderLinkInput!) {
  startProviderLink(input: $input) { url verifier challenge { id kind methods } userErrors { code field message } }
}`
const LINK = `mutation ($input: LinkIdentityInput!) {
  linkIdentity(input: $input) {
    identity { id provider { id name } createdAt lastUsedAt } user { id security { identities { id } } }
    userErrors { code field message }
  }
}`
const UNLINK = `mutation ($id: ID!) {
  unlinkIdentity(input: { identityId: $id }) { user { security { identities { id } } } userErrors { code field } }
}`

/** What an attacker changes on the way there, or back. */
interface Change {
  before?: (url: URL) => void
  after?: (url: URL) => void
}

interface Journey {
  url: string
  verifier: string
  challenge: { id: string }
}

const start = async (providerId = 'acme', redirectUrl: string | undefined = APP): Promise<Journey> =>
  (await world.anonymous.data(START, { input: { providerId, redirectUrl } })).startProviderSignIn

const startLink = async ({ api }: { api: ApiClient }, providerId = 'acme'): Promise<Journey> =>
  (await api.data(START_LINK, { input: { providerId, redirectUrl: APP } })).startProviderLink

/** Opens the address that the provider led to, where Portico really listens. */
const callback = (url: string) => fetch(url.replace(PUBLIC_URL, world.portico.url), { redirect: 'manual' })

/** The values in the fragment that the answer leads to. */
const fragmentOf = (response: Response): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(response.headers.get('location')!.split('#')[1]))

/** To the provider and back, as this person or as somebody who refuses: what the front end finds in the fragment. */
async function travel(
  { url }: Journey,
  as: ProviderAccount | { error?: string },
  { before, after, at = acme }: Change & { at?: TestIdentityProvider } = {},
): Promise<Record<string, string>> {
  const there = new URL(url)
  before?.(there)
  const back = new URL(await at.visit(there.href, as))
  after?.(back)
  const response = await callback(back.href)
  expect(response.status).toBe(303)
  return fragmentOf(response)
}

const finish = (
  { challenge, verifier }: Journey,
  code: string | undefined,
  changes: Record<string, unknown> = {},
) =>
  completeSignIn(world.anonymous, {
    challengeId: challenge.id,
    method: 'IDENTITY_PROVIDER',
    code,
    verifier,
    ...changes,
  })

/** A whole sign-in. */
async function signIn(
  person: ProviderAccount,
  { id = 'acme', ...way }: Change & { at?: TestIdentityProvider; id?: string } = {},
) {
  const journey = await start(id)
  const { code, error } = await travel(journey, person, way)
  if (error) throw new Error(error)
  return finish(journey, code)
}

/** A whole link. */
async function link(who: { api: ApiClient }, person: ProviderAccount, journey?: Journey) {
  const begun = journey ?? (await startLink(who))
  const { code } = await travel(begun, person)
  const input = { challengeId: begun.challenge.id, code, verifier: begun.verifier }
  return (await who.api.data(LINK, { input })).linkIdentity
}

const as = (token: string) => ({ api: new ApiClient(world.url, token) })

const isSignedIn = async ({ api }: { api: ApiClient }) =>
  (await api.data('{ viewer { id } }')).viewer !== null

const viewerOf = async ({ api }: { api: ApiClient }) =>
  (
    await api.data(
      '{ viewer { id username displayName locale email emails { verifiedAt } security { passwordChangedAt identities { id provider { id name } createdAt lastUsedAt } } } }',
    )
  ).viewer

const countOf = async (table: string) =>
  Number((await world.db.query<{ count: string }>(`SELECT count(*) FROM ${table}`))[0]!.count)

const refusalsSince = async (moment: Date) =>
  (await world.db.repo(AuditEvent).find({ order: { occurredAt: 'ASC' } }))
    .filter(({ occurredAt, action }) => occurredAt >= moment && action === 'identity.refused')
    .map(({ details }) => details)

test('everybody may know which providers there are, and nothing else about them', async () => {
  const { identityProviders } = await world.anonymous.data('{ identityProviders { id name } }')
  expect(identityProviders).toEqual([
    { id: 'acme', name: 'Acme' },
    { id: 'strict', name: 'Strict' },
    { id: 'silent', name: 'Silent' },
    { id: 'gone', name: 'Gone' },
  ])
})

describe('somebody new', () => {
  test('gets an account whose address is verified, without a password', async () => {
    const person = acme.account({
      preferred_username: `Ünï-${unique()}`,
      name: 'Ada\u0000 Lovelace',
      locale: 'pt-BR',
    })
    const step = await signIn(person)
    expect(step).toMatchObject({
      challenge: null,
      userErrors: [],
      session: { methods: ['IDENTITY_PROVIDER'] },
    })
    expect(await viewerOf(as(step.token))).toMatchObject({
      id: step.user.id,
      username: person.preferred_username!.toLowerCase().replace('ünï-', 'uni_'),
      locale: 'pt-BR',
      email: person.email,
      emails: [{ verifiedAt: expect.any(String) }],
      security: {
        passwordChangedAt: null,
        identities: [{ provider: { id: 'acme', name: 'Acme' }, createdAt: expect.any(String) }],
      },
    })
    const events = await world.db.repo(AuditEvent).findBy({ subjectId: idOf('user', step.user.id)! })
    expect(events.map(({ action, outcome }) => [action, outcome]).sort()).toEqual([
      ['account.created', 'success'],
      ['identity.linked', 'success'],
      ['role.granted', 'success'],
      ['session.started', 'success'],
    ])
  })

  test('is called as the provider says, where that can be shown, and else by the username', async () => {
    const named = await viewerOf(as((await signIn(acme.account({ name: `  ${'ä'.repeat(90)}` }))).token))
    expect(named.displayName).toMatch(/^ä{70,80}$/)
    for (const name of ['two\nlines', '\u200b', '', undefined]) {
      const viewer = await viewerOf(as((await signIn(acme.account({ name, locale: 'de_DE' }))).token))
      expect(viewer).toMatchObject({ displayName: viewer.username, locale: 'en' })
    }
  })

  test('gets a username that nobody has: of the address, or with digits', async () => {
    const taken = await world.person()
    const local = unique('local')
    const first = await signIn(
      acme.account({ preferred_username: taken.username, email: `${local}@example.com` }),
    )
    expect((await viewerOf(as(first.token))).username).toBe(local)
    const second = await signIn(
      acme.account({ preferred_username: taken.username, email: `${local}@example.org` }),
    )
    expect((await viewerOf(as(second.token))).username).toMatch(
      new RegExp(`^${taken.username.slice(0, 22)}_\\d{7}$`),
    )
    const third = await signIn(
      acme.account({ preferred_username: '日本', email: `q@${unique()}.example.com` }),
    )
    expect((await viewerOf(as(third.token))).username).toMatch(/^user_\d{7}$/)
  })

  test('in two tabs at once becomes one account', async () => {
    const person = acme.account()
    const journeys = await Promise.all([start(), start()])
    const returns = await Promise.all(journeys.map((journey) => travel(journey, person)))
    const before = await countOf('users')
    const steps = await Promise.all(journeys.map((journey, index) => finish(journey, returns[index]!.code)))
    expect(steps.map(codes)).toEqual([[], []])
    expect(steps[0].user).toEqual(steps[1].user)
    expect(await countOf('users')).toBe(before + 1)
  })

  test('and somebody else who want one name at once both get one', async () => {
    const preferred_username = unique('same')
    const people = [acme.account({ preferred_username }), acme.account({ preferred_username })]
    const journeys = await Promise.all([start(), start()])
    const returns = await Promise.all(journeys.map((journey, index) => travel(journey, people[index]!)))
    const steps = await Promise.all(journeys.map((journey, index) => finish(journey, returns[index]!.code)))
    expect(steps.map(codes)).toEqual([[], []])
    expect(steps[0].user.id).not.toBe(steps[1].user.id)
  })

  test.each([
    ['does not vouch for', { email_verified: false }],
    ['says nothing about', { email_verified: undefined }],
    ['vouches in a word that is not true for', { email_verified: 'true' as unknown as boolean }],
    ['does not know', { email: undefined }],
    ['knows no real', { email: 'nobody' }],
  ])('gets no account where the provider %s their address', async (_, claims) => {
    const moment = world.clock.now()
    const before = await countOf('users')
    const step = await signIn(acme.account(claims))
    expect(step).toMatchObject({ user: null, session: null, token: null, challenge: null })
    expect(codes(step)).toEqual(['EMAIL_NOT_VERIFIED'])
    expect(await countOf('users')).toBe(before)
    expect(await refusalsSince(moment)).toEqual([{ provider: 'acme', reason: 'EMAIL_NOT_VERIFIED' }])
  })

  test('is never let into an account that has the address, whether or not it is theirs', async () => {
    const owner = await world.person({ password: PASSWORD })
    const person = acme.account({ email: owner.email.toUpperCase() })
    const step = await signIn(person)
    expect(step).toMatchObject({ user: null, session: null, token: null })
    expect(step.userErrors).toEqual([
      { code: 'ACCOUNT_EXISTS', field: [], message: expect.stringContaining('link Acme') },
    ])
    expect((await viewerOf(owner)).security.identities).toEqual([])
    // Signed in, they can link it.
    expect(codes(await link(owner, person))).toEqual([])
    expect((await signIn(person)).user.id).toBe(owner.globalId)
  })
})

describe('somebody known', () => {
  test('gets the same account, whatever the provider says of them by now', async () => {
    const person = acme.account()
    const { user } = await signIn(person)
    Object.assign(person, {
      email: `${unique()}@example.com`,
      email_verified: false,
      preferred_username: unique(),
    })
    world.clock.advance(MINUTE)
    const again = await signIn(person)
    expect(again.user).toEqual(user)
    const { email, security } = await viewerOf(as(again.token))
    expect(email).not.toBe(person.email)
    const [{ createdAt, lastUsedAt }] = security.identities
    expect(Date.parse(lastUsedAt)).toBeGreaterThan(Date.parse(createdAt))
  })

  test('can be told at the userinfo endpoint, by a provider that wants its secret in the body', async () => {
    const person = strict.account()
    const { user, token } = await signIn(person, { at: strict, id: 'strict' })
    expect(await viewerOf(as(token))).toMatchObject({ email: person.email, displayName: 'Ada Lovelace' })
    expect(strict.requests).toContain('GET /me')
    expect((await signIn(person, { at: strict, id: 'strict' })).user).toEqual(user)
  })

  test('is somebody else at another issuer, though the operator gives it the same id', async () => {
    const person = acme.account()
    await signIn(person)
    strict.accounts.set(person.sub, person)
    const providers = world.db.tools.identityProviders as Map<string, IdentityProvider>
    const before = providers.get('acme')!
    providers.set('acme', providers.get('strict')!)
    try {
      const after = (back: URL) => (back.pathname = back.pathname.replace('strict', 'acme'))
      expect(codes(await signIn(person, { at: strict, after }))).toEqual(['ACCOUNT_EXISTS'])
    } finally {
      providers.set('acme', before)
    }
  })

  test('is asked for the second factor that is on', async () => {
    const person = acme.account()
    const { token } = await signIn(person)
    const { secret } = await withTotp(world, as(token))
    const step = await signIn(person)
    expect(step).toMatchObject({ session: null, token: null, userErrors: [] })
    expect(step.challenge).toMatchObject({ kind: 'SIGN_IN', methods: ['TOTP', 'RECOVERY_CODE'] })
    const done = await completeSignIn(world.anonymous, {
      challengeId: step.challenge.id,
      method: 'TOTP',
      code: totpCode(world, secret),
    })
    expect(done.session.methods).toEqual(['IDENTITY_PROVIDER', 'TOTP'])
  })

  test('and suspended is answered like a wrong proof', async () => {
    const person = acme.account()
    const owner = await world.person({ password: PASSWORD })
    Object.assign(person, { email: owner.email })
    await link(owner, person)
    await world.suspend(owner)
    const step = await signIn(person)
    const wrong = await finish(await start(), 'BCDFGHJK')
    expect(step.userErrors).toEqual(wrong.userErrors)
    expect(step).toMatchObject({ user: null, session: null, token: null, challenge: null })
  })

  test('may have the token in a cookie', async () => {
    const journey = await start()
    const { code } = await travel(journey, acme.account())
    const answer = await world.anonymous.send(
      'mutation ($input: CompleteSignInInput!) { completeSignIn(input: $input) { token session { id } } }',
      {
        input: {
          challengeId: journey.challenge.id,
          method: 'IDENTITY_PROVIDER',
          code,
          verifier: journey.verifier,
          transport: 'COOKIE',
        },
      },
    )
    expect(answer.data.completeSignIn).toMatchObject({ token: null, session: { id: expect.any(String) } })
    expect(answer.headers.get('set-cookie')).toMatch(/^__Host-portico=ptc_/)
  })
})

describe('a proof of the return', () => {
  test('serves once', async () => {
    const journey = await start()
    const { code } = await travel(journey, acme.account())
    expect(codes(await finish(journey, code))).toEqual([])
    expect(codes(await finish(journey, code))).toEqual(['INVALID_CODE'])
  })

  test('serves once, though it led to a refusal', async () => {
    const journey = await start()
    const person = acme.account({ email_verified: false })
    const { code } = await travel(journey, person)
    expect(codes(await finish(journey, code))).toEqual(['EMAIL_NOT_VERIFIED'])
    expect(codes(await finish(journey, code))).toEqual(['INVALID_CODE'])
  })

  test('of two at once serves one', async () => {
    const person = acme.account()
    await signIn(person)
    const journey = await start()
    const { code } = await travel(journey, person)
    const steps = await Promise.all(Array.from({ length: 4 }, () => finish(journey, code)))
    expect(steps.filter((step) => step.session !== null)).toHaveLength(1)
  })

  test('is worth nothing without the verifier of the client that began, and the verifier nothing without it', async () => {
    const [victim, attacker] = [await start(), await start()]
    const { code } = await travel(victim, acme.account())
    const stolen = [
      // Whoever has seen the fragment.
      { verifier: attacker.verifier },
      { verifier: attacker.verifier, challengeId: attacker.challenge.id },
      { verifier: 'x'.repeat(22) },
      // Whoever has lured somebody into a journey of their own.
      { code: 'BCDFGHJK' },
      { challengeId: attacker.challenge.id },
      { challengeId: 'challenge_01h455vb4pex5vsknk084sn02q' },
    ]
    for (const changes of stolen) expect(codes(await finish(victim, code, changes))).toEqual(['INVALID_CODE'])
    for (const field of ['verifier', 'code', 'challengeId'])
      expect((await finish(victim, code, { [field]: undefined })).userErrors).toMatchObject([
        { code: 'REQUIRED', field: [field] },
      ])
    expect(codes(await finish(victim, code))).toEqual([])
  })

  test('is not there before the return: what the way there holds does not serve', async () => {
    const journey = await start()
    const state = new URL(journey.url).searchParams.get('state')!
    for (const code of [state, state.split('.')[1]!, new URL(journey.url).searchParams.get('nonce')!])
      expect(codes(await finish(journey, code))).toEqual(['INVALID_CODE'])
  })

  test('takes five guesses, though the verifier is right', async () => {
    const journey = await start()
    const { code } = await travel(journey, acme.account())
    for (let guess = 0; guess < 5; guess++) {
      expect(codes(await finish(journey, 'BCDFGHJK'))).toEqual(['INVALID_CODE'])
    }
    world.clock.advance(31 * SECOND)
    expect(codes(await finish(journey, code))).toEqual(['INVALID_CODE'])
  })

  test('serves for two minutes', async () => {
    const journey = await start()
    const { code } = await travel(journey, acme.account())
    world.clock.advance(2 * MINUTE)
    expect(codes(await finish(journey, code))).toEqual(['INVALID_CODE'])
  })

  test('of a sign-in links nothing, and that of a link signs nobody in', async () => {
    const owner = await world.person()
    const person = acme.account({ email: owner.email })
    const [sign, linking] = [await start(), await startLink(owner)]
    const [signed, linked] = [await travel(sign, person), await travel(linking, person)]
    const input = { challengeId: sign.challenge.id, code: signed.code, verifier: sign.verifier }
    expect(codes((await owner.api.data(LINK, { input })).linkIdentity)).toEqual(['INVALID_CODE'])
    expect(codes(await finish(linking, linked.code))).toEqual(['INVALID_CODE'])
  })
})

describe('an answer of the provider', () => {
  test('leads on to exactly where the journey began, and the outcome is in the fragment alone', async () => {
    for (const redirectUrl of [APP, MOBILE, undefined]) {
      const input = { providerId: 'acme', redirectUrl }
      const journey: Journey = (await world.anonymous.data(START, { input })).startProviderSignIn
      const response = await callback(await acme.visit(journey.url, acme.account()))
      expect([response.status, await response.text()]).toEqual([303, ''])
      const [page, fragment] = response.headers.get('location')!.split('#')
      expect(page).toBe(redirectUrl ?? `${PUBLIC_URL}/sign-in`)
      expect(fragment).toMatch(new RegExp(`^challenge=${journey.challenge.id}&code=[2-9A-Z]{8}$`))
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
      })
    }
  })

  test('serves once', async () => {
    const journey = await start()
    const back = await acme.visit(journey.url, acme.account())
    // The second comes while the provider is asked about the first.
    let second: Response | undefined
    acme.hesitate = async ({ url }) => {
      if (url === '/token') second ??= await callback(back)
    }
    const first = await callback(back).finally(() => (acme.hesitate = async () => undefined))
    expect([first.status, second!.status, (await callback(back)).status]).toEqual([303, 400, 400])
    const { code } = fragmentOf(first)
    expect(codes(await finish(journey, code))).toEqual([])
  })

  test.each<[string, (url: URL) => void]>([
    [
      'another state',
      (url) => url.searchParams.set('state', `${url.searchParams.get('state')!.slice(0, -1)}~`),
    ],
    [
      'the challenge alone for a state',
      (url) => url.searchParams.set('state', url.searchParams.get('state')!.split('.')[0]!),
    ],
    ['no state', (url) => url.searchParams.delete('state')],
    ['two states', (url) => url.searchParams.append('state', url.searchParams.get('state')!)],
    ['another provider in its path', (url) => (url.pathname = url.pathname.replace('acme', 'strict'))],
    ['nonsense for a state', (url) => url.searchParams.set('state', '%00'.repeat(2_000))],
  ])(
    'with %s leads nowhere, is not sent to the provider, and leaves the journey as it was',
    async (_, change) => {
      const journey = await start()
      const back = new URL(await acme.visit(journey.url, acme.account()))
      const tampered = new URL(back)
      change(tampered)
      const asked = acme.requests.length
      const response = await callback(tampered.href)
      expect([response.status, response.headers.get('location')]).toEqual([400, null])
      expect(acme.requests).toHaveLength(asked)
      const { code } = fragmentOf(await callback(back.href))
      expect(codes(await finish(journey, code))).toEqual([])
    },
  )

  test.each<[string, Change]>([
    ['another nonce', { before: (url) => url.searchParams.set('nonce', 'another') }],
    ['no nonce', { before: (url) => url.searchParams.delete('nonce') }],
    ['another PKCE challenge', { before: (url) => url.searchParams.set('code_challenge', 'x'.repeat(43)) }],
    [
      'no PKCE challenge',
      {
        before: (url) =>
          ['code_challenge', 'code_challenge_method'].forEach((name) => url.searchParams.delete(name)),
      },
    ],
    [
      'another issuer (RFC 9207)',
      { after: (url) => url.searchParams.set('iss', 'https://evil.example.com') },
    ],
    ['no issuer', { after: (url) => url.searchParams.delete('iss') }],
    ['another code', { after: (url) => url.searchParams.set('code', 'another') }],
    ['two codes', { after: (url) => url.searchParams.append('code', 'another') }],
    ['no code', { after: (url) => url.searchParams.delete('code') }],
    ['a JWT in its place', { after: (url) => url.searchParams.set('response', 'a.b.c') }],
  ])('with %s is not trusted', async (_, change) => {
    const journey = await start()
    const { error, code } = await travel(journey, acme.account(), change)
    expect([error, code]).toEqual(['provider_error', undefined])
    expect(codes(await finish(journey, 'BCDFGHJK'))).toEqual(['INVALID_CODE'])
  })

  test('with the code of another journey is not trusted', async () => {
    const [victim, attacker] = [await start(), await start()]
    const attackers = new URL(await acme.visit(attacker.url, acme.account())).searchParams.get('code')!
    const { error } = await travel(victim, acme.account(), {
      after: (url) => url.searchParams.set('code', attackers),
    })
    expect(error).toBe('provider_error')
  })

  test('whose ID token another key has signed is not trusted', async () => {
    // Past the hour after which a provider is asked anew what it says of itself.
    world.clock.advance(HOUR)
    const asked = strict.requests.length
    acme.misbehave = (request, response) => {
      if (request.url !== '/jwks') return false
      void fetch(`${strict.issuer}/jwks`)
        .then((keys) => keys.text())
        .then((keys) => response.setHeader('content-type', 'application/json').end(keys))
      return true
    }
    try {
      const { error } = await travel(await start(), acme.account())
      expect(error).toBe('provider_error')
      expect(strict.requests.slice(asked)).toEqual(['GET /jwks'])
    } finally {
      acme.misbehave = () => false
      world.clock.advance(HOUR)
    }
  })

  test.each([
    ['access_denied', 'access_denied'],
    ['server_error', 'provider_unavailable'],
    ['temporarily_unavailable', 'provider_unavailable'],
    ['login_required', 'provider_error'],
    ['<script>', 'provider_error'],
  ])('of %s leads back as %s, and the journey is over', async (error, told) => {
    const moment = world.clock.now()
    const journey = await start()
    expect(await travel(journey, { error })).toEqual({ challenge: journey.challenge.id, error: told })
    expect(await refusalsSince(moment)).toEqual([{ provider: 'acme', reason: told }])
    expect(codes(await finish(journey, 'BCDFGHJK'))).toEqual(['INVALID_CODE'])
  })

  test('that took more than ten minutes leads back as expired', async () => {
    const journey = await start()
    const back = await acme.visit(journey.url, acme.account())
    world.clock.advance(10 * MINUTE)
    const asked = acme.requests.length
    expect(fragmentOf(await callback(back))).toEqual({ challenge: journey.challenge.id, error: 'expired' })
    expect(acme.requests).toHaveLength(asked)
  })

  test.each([
    ['breaks', 500],
    ['answers something else', 200],
  ])('leads back with an error where the provider then %s', async (_, status) => {
    acme.misbehave = (request, response) => {
      if (request.url !== '/token') return false
      response.writeHead(status, { 'content-type': 'text/html' }).end('<html>')
      return true
    }
    try {
      const { error } = await travel(await start(), acme.account())
      expect(error).toBe(status === 500 ? 'provider_unavailable' : 'provider_error')
    } finally {
      acme.misbehave = () => false
    }
  })
})

describe('a journey', () => {
  const refused = async (input: object, query = START, api = world.anonymous) =>
    Object.values(await api.data(query, { input }))[0] as { userErrors: object[] }

  test.each([
    `${APP}/`,
    `${APP}?next=https://evil.example.com`,
    `${APP}#fragment`,
    'https://app.example.com/Signed-In',
    'HTTPS://app.example.com/signed-in',
    'https://APP.example.com/signed-in',
    'http://app.example.com/signed-in',
    'https://app.example.com/signed-in/../signed-in',
    'https://app.example.com/./signed-in',
    'https://app.example.com/signed%2din',
    'https://app.example.com:443/signed-in',
    'https://evil.app.example.com/signed-in',
    'https://app.example.com.evil.example/signed-in',
    'https://app.example.com@evil.example/signed-in',
    'https://user@app.example.com/signed-in',
    'https:/app.example.com/signed-in',
    'https:\\\\app.example.com/signed-in',
    '//app.example.com/signed-in',
    ` ${APP}`,
    `${APP} `,
    `${APP},${MOBILE}`,
    'myapp://callback/',
    'myapp://callback.evil',
    'MYAPP://callback',
    'otherapp://callback',
    'javascript:alert(1)',
    'https://evil.example/',
    '/signed-in',
  ])('never leads back to %j', async (redirectUrl) => {
    const before = await countOf('challenges')
    expect(await refused({ providerId: 'acme', redirectUrl })).toMatchObject({
      url: null,
      verifier: null,
      challenge: null,
      userErrors: [{ code: 'NOT_PERMITTED', field: ['redirectUrl'] }],
    })
    expect(await countOf('challenges')).toBe(before)
  })

  test('asks the provider for PKCE by S256, a nonce, and the scopes; no secret stands in the address', async () => {
    const { url, verifier, challenge } = await start()
    const { origin, pathname, searchParams } = new URL(url)
    expect(origin + pathname).toBe(`${acme.issuer}/auth`)
    expect(Object.fromEntries(searchParams)).toEqual({
      client_id: 'portico',
      response_type: 'code',
      redirect_uri: CALLBACK,
      scope: 'openid email profile',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{22}$/),
      state: expect.stringMatching(new RegExp(`^${challenge.id}\\.[\\w-]{22}$`)),
    })
    expect(url).not.toContain(verifier)
    expect(challenge).toMatchObject({ kind: 'PROVIDER_SIGN_IN', methods: ['IDENTITY_PROVIDER'] })
  })

  test('goes to a provider that there is', async () => {
    const { userErrors } = await refused({ providerId: 'nobody', redirectUrl: APP })
    expect(userErrors).toMatchObject([{ code: 'NOT_FOUND', field: ['providerId'] }])
  })

  test.each(['Silent', 'Gone'])('does not begin where the provider (%s) does not answer', async (name) => {
    const before = await countOf('challenges')
    const input = { providerId: name.toLowerCase(), redirectUrl: APP }
    const { errors } = await world.anonymous.send(START, { input })
    expect(errors).toMatchObject([
      {
        extensions: { code: 'UNAVAILABLE' },
        message: `${name} cannot be reached at the moment. Try again shortly.`,
      },
    ])
    expect(await countOf('challenges')).toBe(before)
  })

  test('begins as soon as the provider answers again', async () => {
    world.clock.advance(HOUR)
    acme.misbehave = (_request, response) => {
      response.writeHead(503).end()
      return true
    }
    expect(await world.anonymous.errorCode(START, { input: { providerId: 'acme', redirectUrl: APP } })).toBe(
      'UNAVAILABLE',
    )
    acme.misbehave = () => false
    expect(codes(await signIn(acme.account()))).toEqual([])
  })

  test('asks a provider once what it says of itself, however many set out', async () => {
    world.clock.advance(HOUR)
    const before = acme.requests.length
    await Promise.all(Array.from({ length: 5 }, () => start()))
    expect(acme.requests.slice(before)).toEqual(['GET /.well-known/openid-configuration'])
  })

  test('leaves nothing of somebody who did not come to be', async () => {
    const orphans = async () =>
      (
        await world.db.query(
          `SELECT owner_id FROM data_keys WHERE NOT EXISTS (SELECT FROM users WHERE users.id = owner_id)
           AND NOT EXISTS (SELECT FROM challenges WHERE subject_id = owner_id)`,
        )
      ).length
    const before = await orphans()
    const person = acme.account()
    await signIn(person)
    await signIn(person)
    await travel(await start(), {})
    await signIn(acme.account({ email_verified: false }))
    expect(await orphans()).toBe(before)
  })
})

describe('linking', () => {
  const mailsTo = (who: Person) => world.portico.mailbox!.read(who.email)

  test('lets somebody sign in at the provider, ends their other sessions, and is told by mail', async () => {
    const owner = await world.person({ password: PASSWORD })
    const other = (
      await world.anonymous.data(SIGN_IN, { input: { login: owner.username, password: PASSWORD } })
    ).signIn
    const person = acme.account({ email: owner.email })
    const linked = await link(owner, person)
    expect(linked).toMatchObject({
      identity: { provider: { id: 'acme', name: 'Acme' } },
      user: { id: owner.globalId, security: { identities: [{ id: linked.identity.id }] } },
      userErrors: [],
    })
    expect([await isSignedIn(as(other.token)), await isSignedIn(owner)]).toEqual([false, true])
    expect(mailsTo(owner)[0]).toMatchObject({
      subject: 'A new way to sign in',
      text: expect.stringContaining('Acme'),
    })
    expect((await signIn(person)).user.id).toBe(owner.globalId)

    const session = (await signIn(person)).token
    const { unlinkIdentity } = await owner.api.data(UNLINK, { id: linked.identity.id })
    expect(unlinkIdentity).toEqual({ user: { security: { identities: [] } }, userErrors: [] })
    expect([await isSignedIn(as(session)), await isSignedIn(owner)]).toEqual([false, true])
    expect(mailsTo(owner)[0]).toMatchObject({ subject: 'A way to sign in was removed' })
    expect(codes(await signIn(person))).toEqual(['ACCOUNT_EXISTS'])
  })

  test('asks for a fresh proof of who one is', async () => {
    const owner = await world.person()
    const identity = (await link(owner, acme.account({ email: owner.email }))).identity.id
    world.clock.advance(11 * MINUTE)
    const input = { challengeId: 'challenge_01h455vb4pex5vsknk084sn02q', code: 'x', verifier: 'x' }
    const tries = [
      [START_LINK, { input: { providerId: 'acme', redirectUrl: APP } }],
      [LINK, { input }],
      [UNLINK, { id: identity }],
    ] as const
    for (const [query, variables] of tries)
      expect(await owner.api.errorCode(query, variables)).toBe('REAUTHENTICATION_REQUIRED')
  })

  test.each([
    ['EMAIL_NOT_VERIFIED', 'does not vouch for the address', { email_verified: false }],
    ['NOT_PERMITTED', 'knows another address', { email: `${unique()}@example.com` }],
  ])('is refused as %s where the provider %s', async (code, _, claims) => {
    const owner = await world.person()
    expect(codes(await link(owner, acme.account({ email: owner.email, ...claims })))).toEqual([code])
    expect((await viewerOf(owner)).security.identities).toEqual([])
  })

  test('is refused by an address of one’s own that is not verified', async () => {
    const owner = await world.person()
    await world.db.query('UPDATE emails SET verified_at = NULL WHERE user_id = $1', [owner.id])
    expect(codes(await link(owner, acme.account({ email: owner.email })))).toEqual(['NOT_PERMITTED'])
  })

  test('is refused for who is linked to an account already', async () => {
    const [owner, other] = [await world.person(), await world.person()]
    const person = acme.account({ email: owner.email })
    await link(owner, person)
    expect(codes(await link(owner, person))).toEqual(['TAKEN'])
    person.email = other.email
    expect(codes(await link(other, person))).toEqual(['TAKEN'])
    expect((await viewerOf(other)).security.identities).toEqual([])
  })

  test('takes a journey of one’s own', async () => {
    const [owner, other] = [await world.person(), await world.person()]
    const journey = await startLink(other)
    expect(codes(await link(owner, acme.account({ email: owner.email }), journey))).toEqual(['INVALID_CODE'])
  })
})

describe('unlinking', () => {
  test('is refused for the last way in, and not for one of several', async () => {
    const person = acme.account()
    const { token } = await signIn(person)
    const me = as(token)
    const [{ id }] = (await viewerOf(me)).security.identities
    expect((await me.api.data(UNLINK, { id })).unlinkIdentity.userErrors).toEqual([
      { code: 'NOT_PERMITTED', field: ['identityId'] },
    ])
    expect((await viewerOf(me)).security.identities).toHaveLength(1)
    const twin = acme.account({ email: person.email })
    expect(codes(await link(me, twin))).toEqual([])
    const [first, second] = (await viewerOf(me)).security.identities as { id: string }[]
    // The second is asked for while the first is on its way.
    let isDone = false
    const viewer = (await new SessionService(world.db).findViewer(token))!.viewer
    const outcome = await world.db.as({ viewer, requestId: null, address: null }).transaction(async (tx) => {
      await unlinkIdentity(tx, idOf('identity', first!.id)!)
      const asked = me.api.data(UNLINK, { id: second!.id }).finally(() => (isDone = true))
      await until(async () => isDone || (await isSomebodyWaiting()))
      return { asked }
    })
    expect(codes((await outcome.asked).unlinkIdentity)).toEqual(['NOT_PERMITTED'])
    expect((await viewerOf(me)).security.identities).toEqual([expect.objectContaining({ id: second!.id })])
  })

  const isSomebodyWaiting = async () =>
    (
      await world.db.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      )
    ).length > 0

  test('leaves no sign-in that has begun there, or ends at the same moment', async () => {
    const owner = await world.person({ password: PASSWORD })
    const person = acme.account({ email: owner.email })
    const { identity } = await link(owner, person)
    const journey = await start()
    const { code } = await travel(journey, person)
    const [step] = await Promise.all([finish(journey, code), owner.api.data(UNLINK, { id: identity.id })])
    if (step.token) expect(await isSignedIn(as(step.token))).toBe(false)
    else expect(codes(step)).not.toEqual([])

    const again = (await link(owner, person)).identity
    const { secret } = await withTotp(world, owner)
    const waiting = await signIn(person)
    await owner.api.data(UNLINK, { id: again.id })
    const input = { challengeId: waiting.challenge.id, method: 'TOTP', code: totpCode(world, secret) }
    expect(codes(await completeSignIn(world.anonymous, input))).toEqual(['INVALID_CODE'])
  })

  test('is for what is one’s own', async () => {
    const [owner, other] = [await world.person(), await world.person({ password: PASSWORD })]
    const { identity } = await link(owner, acme.account({ email: owner.email }))
    expect(await other.api.errorCode(UNLINK, { id: identity.id })).toBe('NOT_FOUND')
    expect((await viewerOf(owner)).security.identities).toHaveLength(1)
  })
})

test('R45 no code, state, secret, token or address stands in the log, whatever happens', async () => {
  const person = acme.account({ email: `log-canary-${unique()}@example.com` })
  const seen: string[] = [person.email!, person.sub, acme.entry().clientSecret]
  const note = (url: string) => {
    const { searchParams, hash } = new URL(url)
    for (const parameters of [searchParams, new URLSearchParams(hash.slice(1))])
      for (const name of ['code', 'state', 'nonce', 'code_challenge']) seen.push(...parameters.getAll(name))
  }
  const changes: ((url: URL) => void)[] = [
    () => undefined,
    (url) => url.searchParams.set('iss', 'https://evil.example.com'),
    (url) => url.searchParams.set('code', `wrong-${unique()}`),
    (url) => url.searchParams.set('error', `weird-${unique()}`),
    (url) => url.searchParams.set('state', `wrong-${unique()}`),
  ]
  for (const change of changes) {
    const journey = await start()
    note(journey.url)
    seen.push(journey.verifier)
    const back = new URL(await acme.visit(journey.url, person))
    change(back)
    note(back.href)
    const response = await callback(back.href)
    const location = response.headers.get('location')
    if (!location) continue
    note(location)
    const step = await finish(journey, fragmentOf(response).code ?? 'BCDFGHJK')
    if (step.token) seen.push(step.token)
  }
  expect(new Set(seen).size).toBeGreaterThan(25)
  const log = world.logLines.join('')
  expect(log).toContain('/sign-in/callback')
  expect(seen.filter((secret) => log.includes(secret))).toEqual([])
  // What went wrong is there, for the operator.
  expect(log).toContain('OAUTH_INVALID_RESPONSE')
})
