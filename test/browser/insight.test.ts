import { existsSync } from 'node:fs'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { DAY, later } from '../../src/core/clock'
import { Transport } from '../../src/modules/session/transport'
import { SessionService } from '../../src/modules/session/session.service'
import { rollUpInsight } from '../../src/modules/insight/insight.task'
import { freePort } from '../support/free-port'
import { makeEvents, makePeople, type Plan } from '../support/simulator'
import { World, type Person } from '../support/world'

// A browser on a machine that is busy with other suites takes its time.
jest.setTimeout(120_000)

const CHROMIUM = '/usr/bin/chromium'

/** Where to put pictures of the page for people to look at; nowhere where it is not set. */
const PICTURES = process.env.PICTURES

const world = new World()
let base: string
let analyst: Person
let browser: Browser

beforeAll(async () => {
  const port = await freePort()
  base = `http://localhost:${port}`
  await world.start({ PORT: String(port), PUBLIC_URL: base })
  const today = new Date(Math.floor(world.clock.now().getTime() / DAY) * DAY)
  const plan: Plan = { seed: 3, people: 300, events: 12_000, from: later(today, -84 * DAY), days: 84 }
  await makePeople(world.db, plan)
  await makeEvents(world.db, plan, 0, 1)
  await world.do(rollUpInsight, {})
  analyst = await world.person({ role: 'manager' })
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] })
})
afterAll(async () => {
  await browser?.close()
  await world.stop()
})

/** A browser in which somebody is signed in. */
async function browserOf(
  person: Person,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<BrowserContext> {
  const { token } = await world.db.transaction((tx) =>
    new SessionService(tx).start(person.id, Transport.COOKIE, 'Firefox on Linux'),
  )
  const context = await browser.newContext(options)
  await context.addCookies([
    { name: '__Host-portico', value: token, domain: 'localhost', path: '/', secure: true, httpOnly: true },
  ])
  return context
}

async function open(context: BrowserContext, query = ''): Promise<{ page: Page; problems: string[] }> {
  const page = await context.newPage()
  const problems: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || /Content Security Policy/.test(message.text()))
      problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(String(error)))
  await page.goto(`${base}/insight${query}`)
  return { page, problems }
}

const METRIC = `query ($name: MetricName!, $from: DateTime!, $to: DateTime!, $interval: MetricInterval!, $breakdown: MetricBreakdown) {
  metric(name: $name, from: $from, to: $to, interval: $interval, breakdown: $breakdown) { startsAt group value isSuppressed } }`

interface Point {
  startsAt: string
  group: string | null
  value: number | null
  isSuppressed: boolean
}

/** What the API says, as rows of numbers; null for what it does not tell. */
async function answered(name: string, from: string, to: string, interval: string, breakdown?: string) {
  const { metric } = await analyst.api.data(METRIC, {
    ...{ name, interval, breakdown, from: `${from}T00:00:00Z`, to: later(new Date(`${to}T00:00:00Z`), DAY) },
  })
  const rows = new Map<string, (number | null)[]>()
  for (const point of metric as Point[])
    rows.set(point.startsAt, [...(rows.get(point.startsAt) ?? []), point.value])
  return [...rows.values()]
}

/** What the table of a figure says. */
const told = (page: Page, name: string) =>
  page
    .locator(`#${name} tbody tr`)
    .evaluateAll((rows) =>
      rows.map((row) =>
        [...row.querySelectorAll('td')].map((cell) =>
          cell.dataset['value'] === undefined ? null : Number(cell.dataset['value']),
        ),
      ),
    )

/** How many charts have anything on them. */
const drawn = (page: Page) =>
  page.evaluate<number>(`[...document.querySelectorAll('canvas')].filter((canvas) =>
    canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value !== 0)).length`)

const shoot = async (page: Page, name: string) => {
  if (PICTURES) await page.screenshot({ path: `${PICTURES}/insight-${name}.png`, fullPage: true })
}

/** What the form holds. */
const asked = async (page: Page) => ({
  from: await page.locator('[name=from]').inputValue(),
  to: await page.locator('[name=to]').inputValue(),
})

const withChromium = existsSync(CHROMIUM) ? describe : describe.skip

withChromium('/insight', () => {
  test('shows a chart and a table of each figure, and what these say is what the API says', async () => {
    const { page, problems } = await open(await browserOf(analyst))
    await page.locator('.chart:not([hidden])').first().waitFor()
    const { from, to } = await asked(page)
    for (const name of ['SIGN_UPS', 'ACTIVE_PEOPLE', 'SESSION_LENGTH', 'STICKINESS']) {
      const rows = await told(page, name)
      expect(rows.length).toBeGreaterThan(10)
      expect(rows).toEqual(await answered(name, from, to, 'WEEK'))
    }
    expect(await page.locator('#RETENTION tbody tr').count()).toBeGreaterThan(10)
    expect(await drawn(page)).toBe(await page.locator('canvas').count())
    await shoot(page, 'light')
    expect(problems).toEqual([])
  })

  test('changes its range, its interval and by what it is broken down with a plain form', async () => {
    const { page, problems } = await open(await browserOf(analyst, { colorScheme: 'dark' }))
    const before = await asked(page)
    const from = later(new Date(`${before.to}T00:00:00Z`), -20 * DAY)
      .toISOString()
      .slice(0, 10)
    await page.locator('[name=from]').fill(from)
    await page.locator('[name=interval]').selectOption('DAY')
    await page.getByRole('button', { name: 'Show' }).click()
    await page.waitForURL(/interval=DAY/)
    expect(await told(page, 'SESSIONS')).toEqual(await answered('SESSIONS', from, before.to, 'DAY'))
    await shoot(page, 'dark-days')
    await page.locator('[name=interval]').selectOption('WEEK')
    await page.locator('[name=breakdown]').selectOption('DEVICE')
    await page.getByRole('button', { name: 'Show' }).click()
    await page.waitForURL(/breakdown=DEVICE/)
    const rows = await told(page, 'SESSIONS')
    expect(rows[0]!.length).toBeGreaterThan(2)
    expect(rows).toEqual(await answered('SESSIONS', from, before.to, 'WEEK', 'DEVICE'))
    expect(await page.locator('#SIGN_UPS').count()).toBe(0)
    await shoot(page, 'dark-devices')
    expect(problems).toEqual([])
  })

  test('shows a funnel of the events that are named', async () => {
    const { page, problems } = await open(
      await browserOf(analyst),
      '?steps=page.viewed,cart.filled,checkout.completed',
    )
    const rows = (await told(page, 'FUNNEL')).map(([people]) => people!)
    expect(rows).toHaveLength(3)
    expect(rows[0]).toBeGreaterThanOrEqual(rows[1]!)
    await shoot(page, 'funnel')
    expect(problems).toEqual([])
  })

  test('can be read and printed without JavaScript', async () => {
    const { page } = await open(
      await browserOf(analyst, { javaScriptEnabled: false, viewport: { width: 390, height: 844 } }),
    )
    expect(await page.locator('#SIGN_UPS tbody tr').count()).toBeGreaterThan(10)
    expect(await page.locator('.chart:visible').count()).toBe(0)
    await shoot(page, 'phone')
    await page.emulateMedia({ media: 'print' })
    expect(await page.locator('form').isVisible()).toBe(false)
    await shoot(page, 'print')
  })

  test('has a name for everything that a reader of screens comes to', async () => {
    const { page } = await open(await browserOf(analyst))
    await page.locator('.chart:not([hidden])').first().waitFor()
    for (const role of ['img', 'region', 'table'] as const)
      expect(await page.getByRole(role).count()).toBeGreaterThan(10)
    const nameless = await page
      .locator('input, select, button, canvas, [role=region]')
      .evaluateAll(
        (all) =>
          all.filter((one) => !one.getAttribute('aria-label') && !one.closest('label') && !one.textContent)
            .length,
      )
    expect(nameless).toBe(0)
    expect(await page.textContent('h1')).toBe('Insight')
  })

  test('says in a sentence to whom it is not shown, and runs nothing inline', async () => {
    const stranger = await open(await browser.newContext())
    expect(await stranger.page.textContent('h1')).toBe('Sign in first')
    const { page } = await open(await browserOf(await world.person()))
    expect(await page.textContent('h1')).toBe('This is not for you')
    const answer = await fetch(`${base}/insight`)
    expect(answer.status).toBe(401)
    const context = await browserOf(analyst)
    const shown = await (await context.newPage()).goto(`${base}/insight`)
    const policy = shown!.headers()['content-security-policy']!
    expect(policy).toMatch(/default-src 'none'/)
    expect(policy).not.toMatch(/unsafe/)
    expect(await shown!.text()).not.toMatch(/<script(?![^>]*src=)/)
  })

  test('says what is wrong with a question in the words of the API', async () => {
    const { page } = await open(await browserOf(analyst), '?from=2020-01-01&to=2026-01-01&interval=HOUR')
    expect(await page.locator('[role=alert]').textContent()).toMatch(/more than 500 points/)
  })
})
