import { existsSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import pino from 'pino'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { readConfig, type Config } from '../../src/config/config'
import { systemClock } from '../../src/core/clock'
import { LANGUAGES } from '../../src/core/language'
import { FactorService } from '../../src/modules/factor/factor.service'
import { DevelopmentMailbox } from '../../src/modules/mail/development-mailbox'
import { MAILS } from '../../src/modules/mail/mails'
import { SAMPLE } from '../../src/modules/mail/sample-facts'
import { ModerationAction } from '../../src/modules/moderation-decision/moderation-action'
import { AuthenticationMethod } from '../../src/modules/session/authentication-method'
import { TEXTS } from '../../src/modules/sms/texts'
import { createHttp } from '../../src/server/http'
import { servePages } from '../../src/server/pages/pages'
import { passwordResetOf, SIGN_IN } from '../support/account'
import { invited } from '../support/administration'
import { freePort } from '../support/free-port'
import { TestIdentityProvider } from '../support/identity-provider'
import { completeSignIn, totpCode, withTotp } from '../support/second-factor'
import { appealTokenOf } from '../support/moderation'
import { beginEmailChange, disownTokenOf } from '../support/recovery'
import { until } from '../support/until'
import { unique, World } from '../support/world'

// A browser on a machine that is busy with other suites takes its time.
jest.setTimeout(90_000)

const CHROMIUM = '/usr/bin/chromium'

const world = new World()
let base: string
let acme: TestIdentityProvider

beforeAll(async () => {
  const port = await freePort()
  base = `http://localhost:${port}`
  acme = new TestIdentityProvider(`${base}/sign-in/callback/acme`)
  await acme.start()
  await world.start({
    PORT: String(port),
    PUBLIC_URL: base,
    OIDC_PROVIDERS: JSON.stringify([acme.entry()]),
  })
})
afterAll(async () => {
  await world.stop()
  await acme.stop()
})

const DEVELOPER_PAGES = [
  ...['/explore', '/explore/graphiql.js', '/dev/mailbox', '/dev/mailbox.json'],
  ...['/dev/mailbox/templates', '/dev/mailbox/templates/email/announcement'],
]
const all = (status: number) => DEVELOPER_PAGES.map(() => status)

/** A sign-up that waits for its code; the mail is in the mailbox. */
async function signUp() {
  const username = unique('u')
  const to = `${username}@example.com`
  const { signUp } = await world.anonymous.data(
    `mutation ($input: SignUpInput!) { signUp(input: $input) { userErrors { code } } }`,
    {
      input: { username, email: to, password: unique('a long and private phrase '), displayName: 'Ada <b>' },
    },
  )
  expect(signUp.userErrors).toEqual([])
  const [mail] = (await (await fetch(`${base}/dev/mailbox.json?to=${to}`)).json()) as Record<string, string>[]
  return { username, to, code: mail!['code']!, link: mail!['link']! }
}

describe('pages are served', () => {
  const closing: (() => Promise<unknown>)[] = []
  afterAll(() => Promise.all(closing.map((close) => close())))

  /** The pages alone, as a configuration has them. */
  async function pagesOf(changes: Partial<Config>): Promise<{ http: FastifyInstance; landingPage: unknown }> {
    const config = {
      ...readConfig({ NODE_ENV: 'test', PUBLIC_URL: 'http://portico.example.com' }),
      ...changes,
    }
    const http = await createHttp(config, pino({ level: 'silent' }))
    closing.push(() => http.close())
    return { http, landingPage: servePages(http, { config, mailbox: new DevelopmentMailbox(systemClock) }) }
  }

  async function statuses(http: FastifyInstance, paths: string[], host: string): Promise<number[]> {
    const answers = await Promise.all(paths.map((url) => http.inject({ url, headers: { host } })))
    return answers.map(({ statusCode }) => statusCode)
  }

  test('R101 in production none for developers, only the one that mails lead to', async () => {
    const { http, landingPage } = await pagesOf({ environment: 'production' })
    expect(landingPage).toBeNull()
    expect(await statuses(http, DEVELOPER_PAGES, 'localhost')).toEqual(all(404))
    expect(await statuses(http, ['/sign-up'], 'portico.example.com')).toEqual([200])
  })

  test.each(['localhost', 'localhost:4000', '127.0.0.1:4000', '[::1]:4000', 'LOCALHOST'])(
    'those for developers in development to a browser that calls this machine %s',
    async (host) => {
      const { http } = await pagesOf({ environment: 'development' })
      expect(await statuses(http, DEVELOPER_PAGES, host)).toEqual(all(200))
    },
  )

  test('R101 and to nobody who comes by the public name, though the environment was not set to production', async () => {
    const { http } = await pagesOf({ environment: 'development' })
    http.get('/graphql', async (request) => request.headers.accept)
    const { body } = await http.inject({
      url: '/graphql',
      headers: { host: 'portico.example.com', accept: 'text/html' },
    })
    expect(body).toBe('application/json')
    expect(await statuses(http, DEVELOPER_PAGES, 'portico.example.com')).toEqual(all(404))
    expect(await statuses(http, ['/sign-up'], 'portico.example.com')).toEqual([200])
  })

  test('none for the links of mails where an application of its own takes them (APP_URL)', async () => {
    const { http } = await pagesOf({ appUrl: 'https://app.example.com' })
    expect(await statuses(http, ['/sign-up'], 'localhost')).toEqual([404])
  })

  test.each([
    ['/graphql', ''],
    ['/explore', ''],
    ['/dev/mailbox', "style-src-attr 'unsafe-inline'"],
    ['/dev/mailbox/templates', ''],
    ['/dev/mailbox/templates/email/announcement', "style-src-attr 'unsafe-inline'"],
    ['/sign-up', ''],
    ['/sign-in', ''],
    ['/confirm-email', ''],
    ['/undo-email-change', ''],
    ['/secure-account', ''],
    ['/appeal', ''],
  ])('R50 %s under a policy of its own with a nonce of this answer', async (path, exception) => {
    const open = () =>
      fetch(base + path, { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } })
    const policies: string[] = []
    for (const response of [await open(), await open()]) {
      expect(response.status).toBe(200)
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
      })
      const policy = response.headers.get('content-security-policy')!
      expect(policy.split('; ')).toEqual(
        expect.arrayContaining([
          "default-src 'none'",
          "base-uri 'none'",
          "form-action 'none'",
          "frame-ancestors 'none'",
        ]),
      )
      expect(policy.replace(exception, '')).not.toContain('unsafe')
      const nonce = /'nonce-([^']{22,})'/.exec(policy)![1]!
      const page = await response.text()
      const tags = [...page.matchAll(/<(script|style)\b[^>]*>/g)].map(([tag]) => tag.replaceAll('&#34;', ''))
      expect(tags.filter((tag) => !tag.includes(nonce))).toEqual([])
      expect(page).not.toMatch(/<[^>]+\son\w+\s*=/)
      policies.push(policy)
    }
    expect(policies[0]).not.toBe(policies[1])
  })
})

test('the mailbox answers programs with the mails to an address, the newest first', async () => {
  const first = await signUp()
  await signUp()
  const sentSince = (await (await fetch(`${base}/dev/mailbox.json`)).json()) as Record<string, string>[]
  expect(sentSince[1]).toEqual({
    channel: 'email',
    messageId: expect.stringMatching(/^delivery_/),
    to: first.to,
    subject: expect.stringContaining(first.code),
    text: expect.stringContaining(first.link),
    html: expect.stringContaining(first.code),
    sentAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    code: first.code,
    link: `${base}/sign-up#${new URL(first.link).hash.slice(1)}`,
  })
  const toThem = (await (
    await fetch(`${base}/dev/mailbox.json?to=${first.to.toUpperCase()}`)
  ).json()) as unknown[]
  expect(toThem).toEqual([sentSince[1]])
})

/** Nothing leaves this machine, and nothing is done twice: these pages need neither the popups of an address bar nor a process each. */
const FLAGS = [
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost',
  '--disable-gpu',
  '--disable-quic',
  '--disable-site-isolation-trials',
  '--renderer-process-limit=1',
  '--enable-features=NetworkServiceInProcess2',
  // Chromium takes the last list only, so this repeats what Playwright turns off and these pages meet.
  '--disable-features=HttpsUpgrades,PaintHolding,WebUIOmniboxPopup,WebUIOmniboxAimPopup',
]

const hasBrowser = existsSync(CHROMIUM)
if (!hasBrowser)
  process.stderr.write(`No browser at ${CHROMIUM}: the tests of test/browser that need one are SKIPPED.\n`)

;(hasBrowser ? describe : describe.skip)('in a browser', () => {
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let complaints: string[] = []

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS })
    context = await browser.newContext()
    context.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    context.on('weberror', (error) => complaints.push(error.error().message))
    page = await context.newPage()
  })
  afterAll(async () => {
    await browser.close()
    expect(complaints).toEqual([])
  })

  // All visits happen in one tab of one window, for both take long to open; cookies and other tabs stay with their test.
  beforeEach(() => context.clearCookies())
  afterEach(async () => {
    const others = context.pages().filter((tab) => tab !== page)
    await Promise.all(others.map((tab) => tab.close()))
    // What the policy of a page blocks, the browser reports as an error.
    expect(complaints.splice(0)).toEqual([])
  })

  const viewerIn = (tab: Page) =>
    tab.evaluate(async () => {
      const headers = { 'content-type': 'application/json' }
      const response = await fetch('/graphql', {
        method: 'POST',
        headers,
        body: '{"query":"{ viewer { username } }"}',
      })
      return ((await response.json()) as { data: { viewer: { username: string } | null } }).data.viewer
    })

  // One visit, for GraphiQL takes long to load. It begins with the first operation, which only those see who typed nothing yet.
  describe('GraphiQL', () => {
    let post: Awaited<ReturnType<World['post']>>
    beforeAll(async () => {
      post = await world.post()
      await page.goto(`${base}/explore`)
    })
    const execute = () => page.getByRole('button', { name: /^Execute query/ }).click()
    const result = (text: string) => page.getByLabel('Result Window').getByText(text).first().waitFor()

    test('comes from disk and answers its first operation at the press of a button', async () => {
      const asked = page.waitForRequest((request) => request.postData()?.includes('NewestPosts') === true)
      await execute()

      await result(post.title)
      await result(post.author.username)
      const request = await asked
      expect(request.postDataJSON()).toMatchObject({ operationName: 'NewestPosts', variables: { first: 5 } })
      expect(await request.allHeaders()).toMatchObject({ 'accept-language': 'en' })
    })

    test('sends the cookie, and subscribes over a socket', async () => {
      const person = await world.person()
      await context.addCookies([
        {
          name: '__Host-portico',
          value: person.token,
          domain: 'localhost',
          path: '/',
          secure: true,
          httpOnly: true,
        },
      ])
      await write(page, 'Me', 'query Me { viewer { username } }')
      await execute()
      await result(person.username)

      await context.clearCookies()
      const socket = page.waitForEvent('websocket')
      await write(page, 'Sessions', 'subscription Sessions { viewerSessionsChanged { __typename } }')
      await execute()
      await result('UNAUTHENTICATED')
      expect((await socket).url()).toBe(`${base.replace('http', 'ws')}/graphql`)
    })

    test('keeps what was typed when it is opened again', async () => {
      await write(page, 'Mine', 'query Mine { viewer { username } }')
      await page.waitForFunction(() => {
        const { localStorage } = globalThis as unknown as {
          localStorage: Record<string, string | undefined>
        }
        return localStorage['graphiql:tabState']?.includes('Mine')
      })
      await page.reload()
      await page.locator('.graphiql-query-editor').getByText('Mine').waitFor()
    })
  })

  test('the path of the API shows Sandbox with a first operation, and cookies on', async () => {
    // What Apollo's network would serve is here empty, but for the name that its script defines.
    await page.route(
      (url) => url.origin !== base,
      (route) =>
        route.request().resourceType() === 'script'
          ? route.fulfill({
              contentType: 'text/javascript',
              body: 'window.EmbeddedSandbox = class { constructor(given) { window.given = given } }',
            })
          : route.fulfill({
              contentType: route.request().resourceType() === 'stylesheet' ? 'text/css' : 'text/plain',
              body: '',
            }),
    )
    await page.goto(`${base}/graphql`)
    const given = await page.evaluate<Record<string, unknown>>('window.given')
    expect(given).toMatchObject({
      initialEndpoint: `${base}/graphql`,
      runTelemetry: false,
      initialState: { includeCookies: true, variables: { first: 5 }, headers: { 'accept-language': 'en' } },
    })
    const { document } = given['initialState'] as { document: string }
    expect(document).toMatch(/mutation SignIn/)
    const { posts } = await world.anonymous.data(document, { first: 5 })
    expect(posts.pageInfo).toBeDefined()
    expect(await page.getByRole('link', { name: 'GraphiQL' }).getAttribute('href')).toBe('explore')
    await page.unrouteAll()
  })

  test('a code that was mailed is in the mailbox, and the link of the mail leads to a page that finishes the sign-up', async () => {
    const { username, to, code } = await signUp()
    await page.goto(`${base}/dev/mailbox?to=${to}`)
    const mails = page.getByRole('article')
    expect(await mails.count()).toBe(1)
    expect(await mails.locator('code').textContent()).toBe(code)
    const mail = page.frameLocator('iframe')
    await mail.getByText(code, { exact: true }).waitFor()

    const [tab] = await Promise.all([context.waitForEvent('page'), mail.getByRole('link').click()])
    await tab.getByRole('button', { name: 'Create my account' }).click()
    await tab.getByRole('heading', { name: 'Welcome, Ada <b>' }).waitFor()
    expect(await viewerIn(tab)).toEqual({ username })
    const cookies = await context.cookies()
    expect(cookies).toMatchObject([
      { name: '__Host-portico', httpOnly: true, secure: true, sameSite: 'Lax', path: '/' },
    ])
    expect(tab.url()).toBe(`${base}/sign-up`)
    expect(world.logLines.filter((line) => line.includes(code))).toEqual([])
  })

  test('every template is shown in every language, with facts that are made up', async () => {
    await page.goto(`${base}/dev/mailbox`)
    await page.getByRole('link', { name: 'Templates' }).click()
    const links = await page
      .getByRole('listitem')
      .getByRole('link')
      .evaluateAll((found) => found.map((link) => (link as unknown as { href: string }).href))
    expect(links).toHaveLength(Object.keys(MAILS).length + Object.keys(TEXTS).length)
    for (const link of links) {
      const content = await (await fetch(link)).text()
      for (const language of LANGUAGES) expect(content).toContain(`<article class="card" lang="${language}">`)
      expect(content).not.toMatch(/undefined|\[object|Invalid/)
    }
    await page.goto(links.find((link) => link.endsWith('/email/signUpCode'))!)
    for (const place of LANGUAGES.keys())
      await page.frameLocator('iframe').nth(place).getByText(SAMPLE.code, { exact: true }).waitFor()
    expect((await fetch(`${base}/dev/mailbox/templates/email/constructor`)).status).toBe(404)
  })

  test('the page to sign in offers the identity providers, and finishes what began in this tab', async () => {
    const person = acme.account({ name: 'Ada <b>' })
    const tab = await context.newPage()
    await tab.goto(`${base}/sign-in`)
    await tab.setExtraHTTPHeaders({ 'x-error': 'access_denied' })
    await tab.getByRole('button', { name: 'Continue with Acme' }).click()
    await tab.getByRole('heading', { name: 'You are not signed in' }).waitFor()

    await tab.setExtraHTTPHeaders({ 'x-sub': person.sub })
    await tab.getByRole('button', { name: 'Continue with Acme' }).click()
    await tab.getByRole('heading', { name: 'Welcome, Ada <b>' }).waitFor()
    expect(await viewerIn(tab)).toEqual({ username: person.preferred_username })
    expect(tab.url()).toBe(`${base}/sign-in`)
    expect(await tab.evaluate<number>('sessionStorage.length')).toBeLessThanOrEqual(1)
    await tab.close()
  })

  test('and nothing that somebody else has begun', async () => {
    const { startProviderSignIn } = await world.anonymous.data(
      'mutation { startProviderSignIn(input: { providerId: "acme" }) { url } }',
    )
    await context.clearCookies()
    const tab = await context.newPage()
    await tab.setExtraHTTPHeaders({ 'x-sub': acme.account().sub })
    await tab.goto(startProviderSignIn.url)
    await tab.getByRole('heading', { name: 'You are not signed in' }).waitFor()
    expect(await viewerIn(tab)).toBeNull()
    await tab.close()
  })

  test('the page for a sign-up waits for a press, and a link that was used says what to do', async () => {
    const { link } = await signUp()
    await page.goto(link)
    await page.getByRole('button', { name: 'Create my account' }).waitFor()
    expect(await viewerIn(page)).toBeNull()
    await page.reload()
    await page.getByRole('button', { name: 'Create my account' }).click()
    await page.getByRole('heading', { name: /^Welcome/ }).waitFor()

    await page.goto(link)
    await page.getByRole('button', { name: 'Create my account' }).click()
    await page.getByRole('heading', { name: 'This link does not work any more' }).waitFor()
    await page.getByText('sign up again, and a new link comes by mail').waitFor()
    expect(await page.getByRole('button').count()).toBe(0)

    await page.goto(`${base}/sign-up`)
    await page.getByRole('heading', { name: 'This link is incomplete' }).waitFor()
  })

  test('the page for a forgotten password says why one is refused, and takes another', async () => {
    const person = await world.person({ password: 'a password of some length' })
    const { token } = await passwordResetOf(world, person)
    await page.goto(`${base}/reset-password#token=${token}`)
    await page.getByLabel('New password').fill('fourteen chars')
    await page.getByRole('button', { name: 'Change my password' }).click()
    await page.getByRole('heading', { name: 'Choose another password' }).waitFor()
    await page.getByText('Use at least 15 characters.').waitFor()
    await page.getByLabel('New password').fill('harbour lantern at dusk')
    await page.getByRole('button', { name: 'Change my password' }).click()
    await page.getByRole('heading', { name: 'Your password was changed' }).waitFor()
    expect(page.url()).toBe(`${base}/reset-password`)
    const { signIn } = await world.anonymous.data(SIGN_IN, {
      input: { login: person.username, password: 'harbour lantern at dusk' },
    })
    expect(signIn.userErrors).toEqual([])
  })

  test('the link of an invitation leads to the same page, which speaks of a first password', async () => {
    const person = await invited(world)
    await page.goto(world.portico.mailbox!.read(person.email)[0]!.link!)
    await page.getByRole('heading', { name: 'Welcome' }).waitFor()
    await page.getByLabel('New password').fill('harbour lantern at dusk')
    await page.getByRole('button', { name: 'Choose this password' }).click()
    await page.getByRole('heading', { name: 'Your account is ready' }).waitFor()
    expect(page.url()).toBe(`${base}/reset-password`)
    const { signIn } = await world.anonymous.data(SIGN_IN, {
      input: { login: person.username, password: 'harbour lantern at dusk' },
    })
    expect(signIn.userErrors).toEqual([])
  })

  const requestSignInLink = async ({ email }: { email: string }) => {
    await world.anonymous.data(
      `mutation { requestSignInLink(input: { login: "${email}" }) { userErrors { code } } }`,
    )
    return world.portico.mailbox!.read(email)[0]!.link!
  }

  test('the page of a link to sign in signs in, and asks for the second factor where one is on', async () => {
    const person = await world.person()
    await page.goto(await requestSignInLink(person))
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: /^Welcome/ }).waitFor()
    expect(await viewerIn(page)).toEqual({ username: person.username })
    expect(page.url()).toBe(`${base}/sign-in`)

    await context.clearCookies()
    const { secret } = await withTotp(world, person)
    await page.goto(await requestSignInLink(person))
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByLabel('Code from your authenticator app').fill('000000')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'That was not right' }).waitFor()
    expect(await viewerIn(page)).toBeNull()
    await page.getByLabel('Code from your authenticator app').fill(totpCode(world, secret))
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: /^Welcome/ }).waitFor()
    expect(await viewerIn(page)).toEqual({ username: person.username })
    expect(await page.getByRole('button').count()).toBe(0)
  })

  test('which can be a recovery code, or a code that is mailed once somebody asks for it', async () => {
    const person = await world.person({ password: 'a password of some length' })
    const [recoveryCode] = (await withTotp(world, person)).recoveryCodes
    await page.goto(await requestSignInLink(person))
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('button', { name: 'Use a recovery code' }).click()
    await page.getByLabel('Recovery code').fill(recoveryCode!)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: /^Welcome/ }).waitFor()

    const account = acme.account()
    const tab = await context.newPage()
    await tab.setExtraHTTPHeaders({ 'x-sub': account.sub })
    const comeByAcme = async () => {
      await context.clearCookies()
      await tab.goto(`${base}/sign-in`)
      await tab.getByRole('button', { name: 'Continue with Acme' }).click()
    }
    await comeByAcme()
    await tab.getByRole('heading', { name: /^Welcome/ }).waitFor()
    const [made] = await world.db.query<{ id: string }>('SELECT id FROM users WHERE username = $1', [
      account.preferred_username,
    ])
    await new FactorService(world.db).put(made!.id, AuthenticationMethod.EMAIL_CODE, null, null)
    await comeByAcme()
    await tab.getByLabel('Code from the mail').waitFor()
    const newestCode = () => world.portico.mailbox!.read(account.email)[0]?.code
    await until(() => newestCode() !== undefined)
    await tab.getByLabel('Code from the mail').fill(newestCode()!)
    await tab.getByRole('button', { name: 'Sign in' }).click()
    await tab.getByRole('heading', { name: /^Welcome/ }).waitFor()
    expect(await viewerIn(tab)).toEqual({ username: account.preferred_username })
    await tab.close()
  })

  test('a passkey is registered with a real authenticator, signs in by itself, and is the second step of a link', async () => {
    const devtools = await context.newCDPSession(page)
    await devtools.send('WebAuthn.enable')
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    })
    await page.goto(`${base}/sign-in`)
    const person = await world.person()

    const { startPasskeyRegistration } = await person.api.data(
      'mutation { startPasskeyRegistration { challenge { id passkeyOptions } } }',
    )
    const made = await authenticate(page, 'create', startPasskeyRegistration.challenge.passkeyOptions)
    const { registerPasskey } = await person.api.data(
      `mutation ($input: RegisterPasskeyInput!) {
        registerPasskey(input: $input) { passkey { name } recoveryCodes userErrors { code message } }
      }`,
      { input: { challengeId: startPasskeyRegistration.challenge.id, passkey: made, name: 'This browser' } },
    )
    expect(registerPasskey).toMatchObject({ passkey: { name: 'This browser' }, userErrors: [] })

    const { startPasskeySignIn } = await world.anonymous.data(
      'mutation { startPasskeySignIn { challenge { id passkeyOptions } } }',
    )
    const passkey = await authenticate(page, 'get', startPasskeySignIn.challenge.passkeyOptions)
    const done = await completeSignIn(world.anonymous, {
      challengeId: startPasskeySignIn.challenge.id,
      method: 'PASSKEY',
      passkey,
    })
    expect(done).toMatchObject({ user: { id: person.globalId }, session: { methods: ['PASSKEY'] } })

    await page.goto(await requestSignInLink(person))
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'One more step' }).waitFor()
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: /^Welcome/ }).waitFor()
    expect(await viewerIn(page)).toEqual({ username: person.username })
    await devtools.detach()
  })

  test('the page for a new address changes it at a press, and the one for the old address takes that back', async () => {
    const person = await world.person({ password: 'a password of some length' })
    const { email, token } = await beginEmailChange(world, person)
    const address = async () => (await person.api.data('{ viewer { email } }')).viewer?.email
    await page.goto(`${base}/confirm-email#token=${token}`)
    await page.getByRole('button', { name: 'Use this address' }).waitFor()
    expect(await address()).toBe(person.email)
    await page.getByRole('button', { name: 'Use this address' }).click()
    await page.getByRole('heading', { name: 'Your address was changed' }).waitFor()
    expect(await address()).toBe(email)
    expect(page.url()).toBe(`${base}/confirm-email`)

    const [told] = world.portico.mailbox!.read(person.email)
    await page.goto(told!.link!)
    await page.getByRole('button', { name: 'Take it back' }).click()
    await page.getByRole('heading', { name: 'Your address is yours again' }).waitFor()
    expect(await address()).toBeUndefined()
    expect(world.portico.mailbox!.read(person.email)[0]!.subject).toMatch(/^Your account is safe/)

    await page.goto(told!.link!)
    await page.getByRole('button', { name: 'Take it back' }).click()
    await page.getByRole('heading', { name: 'This link does not work any more' }).waitFor()
    expect(await page.getByRole('button').count()).toBe(0)
  })

  test('“It was not me” in a mail leads to a page that secures the account at a press', async () => {
    const person = await world.person()
    const token = await disownTokenOf(world, person)
    await page.goto(`${base}/secure-account`)
    await page.getByRole('heading', { name: 'This link is incomplete' }).waitFor()
    await page.goto(`${base}/secure-account#token=${token}`)
    await page.getByRole('button', { name: 'It was not me' }).click()
    await page.getByRole('heading', { name: 'Your account is safe' }).waitFor()
    expect((await person.api.data('{ viewer { id } }')).viewer).toBeNull()
    expect(world.logLines.filter((line) => line.includes(token))).toEqual([])
  })

  test('the mail of a decision leads to a page where its reasons are given to somebody else', async () => {
    const post = await world.post()
    const token = await appealTokenOf(world, post, ModerationAction.SUSPEND)
    await page.goto(`${base}/appeal`)
    await page.getByRole('heading', { name: 'This link is incomplete' }).waitFor()
    await page.goto(`${base}/appeal#token=${token}`)
    await page.getByLabel('Your reasons').fill('It was a joke.')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByRole('heading', { name: 'We have your objection' }).waitFor()
    expect(await world.db.query('SELECT FROM appeals WHERE user_id = $1', [post.author.id])).toHaveLength(1)
    await page.goto('about:blank')
    await page.goto(`${base}/appeal#token=${token}`)
    await page.getByLabel('Your reasons').fill('Once more.')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByRole('heading', { name: 'This cannot be done any more' }).waitFor()
    expect(world.logLines.filter((line) => line.includes(token))).toEqual([])
  })

  test('the page for a sign-up lets one try again when Portico could not be reached', async () => {
    const { link } = await signUp()
    await page.goto(link)
    await page.route('**/graphql', (route) => route.abort())
    await page.getByRole('button', { name: 'Create my account' }).click()
    await page.getByRole('heading', { name: 'Portico cannot be reached' }).waitFor()
    await page.unroute('**/graphql')
    await page.getByRole('button', { name: 'Create my account' }).click()
    await page.getByRole('heading', { name: /^Welcome/ }).waitFor()
    complaints = complaints.filter((complaint) => !complaint.includes('ERR_FAILED'))
  })
})

/** What the browser's authenticator answers. */
const authenticate = (page: Page, step: 'create' | 'get', options: object): Promise<object> =>
  page.evaluate(
    async ([how, json]) => {
      const { PublicKeyCredential: credentials, navigator: browser } = globalThis as unknown as {
        PublicKeyCredential: Record<string, (json: unknown) => unknown>
        navigator: {
          credentials: Record<string, (options: unknown) => Promise<{ toJSON(): object }>>
        }
      }
      const parse = how === 'create' ? 'parseCreationOptionsFromJSON' : 'parseRequestOptionsFromJSON'
      const publicKey = credentials[parse]!(json)
      return (await browser.credentials[how as string]!({ publicKey })).toJSON()
    },
    [step, options] as const,
  )

/** Puts a whole text at once into GraphiQL's editor, which closes brackets while one types, and waits until it is taken in. */
async function write(page: Page, operation: string, text: string): Promise<void> {
  await page.locator('.graphiql-query-editor .CodeMirror').evaluate((element, value) => {
    const { CodeMirror } = element as unknown as { CodeMirror: { setValue(value: string): void } }
    CodeMirror.setValue(value)
  }, text)
  await page.getByRole('tab', { name: operation }).waitFor()
}
