import { HOUR, later } from '../../src/core/clock'
import type { Database } from '../../src/db/database'
import { factsSql, IS_THERE } from '../../src/modules/insight/fact-set'
import { METRICS } from '../../src/modules/insight/metrics'
import { InsightService, type MetricPoint } from '../../src/modules/insight/insight.service'
import { bucketsOf, MetricInterval } from '../../src/modules/insight/buckets'
import type { MetricBreakdown } from '../../src/modules/insight/fact-set'
import { check, rebuild, rollUp } from '../../src/modules/insight/roll-up'
import { PorticoProcess } from '../cli/portico-process'
import { makeChanges, makeEvents, makePeople, type Plan } from '../support/simulator'
import { testServer } from '../support/test-server'
import { useWorld } from '../support/world'

const world = useWorld()

/** What of a year takes minutes; `INSIGHT_EVENTS` for another number. */
const EVENTS = Number(process.env.INSIGHT_EVENTS ?? 100_000)
const plan: Plan = {
  seed: 11,
  people: 10_000,
  events: EVENTS,
  from: new Date('2025-01-01T00:00:00Z'),
  days: 365,
}
const YEAR = { from: plan.from, to: new Date('2026-01-01T00:00:00Z') }
const ZONE = 'Europe/Berlin'

jest.setTimeout(3_600_000)

const tell = (words: string, since: number) =>
  process.stderr.write(`    ${words}: ${((Date.now() - since) / 1_000).toFixed(1)} s\n`)

const never = { stopping: new AbortController().signal }

/** What takes longer than a statement of a job may. */
const patiently = <Result>(work: (db: Database) => Promise<Result>): Promise<Result> =>
  world.db.transaction(async (tx) => {
    await tx.query('SET LOCAL statement_timeout = 0')
    return work(tx)
  })

const differing = async () =>
  (await patiently((db) => check(db, { all: true }))).filter(({ differences }) => differences > 0)

const marks = async () =>
  (await world.db.query<{ count: number }>('SELECT count(*)::int AS count FROM insight_marks'))[0]!.count

/** Counts in a process of its own that is killed again and again, until nothing is left to count. Returns how often. */
async function countWithKills(): Promise<number> {
  const { databaseUrl, databaseOwnerUrl } = world.portico.config
  let kills = 0
  for (;;) {
    const child = new PorticoProcess(
      {
        ...{ NODE_ENV: 'test', DATABASE_URL: databaseUrl!, DATABASE_OWNER_URL: databaseOwnerUrl! },
        PORTICO_KEYRING: testServer().keyring,
      },
      [process.execPath, '-r', '@swc-node/register', 'test/support/counting-process.ts'],
    )
    await child.says(/ready/)
    // The sixth is left to finish.
    let timer: NodeJS.Timeout | undefined
    const outcome = await Promise.race([
      child.says(/counted/).then(
        () => 'counted',
        () => 'ended',
      ),
      new Promise((resolve) => {
        if (kills < 5) timer = setTimeout(() => resolve('late'), 500 + 1_500 * Math.random())
      }),
    ])
    clearTimeout(timer)
    const { stderr } = await child.end('SIGKILL')
    if (outcome === 'ended') throw new Error(stderr)
    if (outcome === 'counted') return kills
    kills++
  }
}

beforeAll(async () => {
  const since = Date.now()
  await makePeople(world.db, plan)
  await makeEvents(world.db, plan, 0, 0.6)
  tell('60 % of a year made', since)
})

test('a year of 10,000 people is counted as a recount finds it, though the worker is killed five times', async () => {
  const since = Date.now()
  expect(await countWithKills()).toBe(5)
  tell('counted from the beginning, with five kills', since)
  expect(await marks()).toBe(0)
  const before = Date.now()
  expect(await differing()).toEqual([])
  tell('recount', before)
})

test('late and duplicate events, and changes, are counted as a recount finds them', async () => {
  const since = Date.now()
  // All times of the year again: what was told is told twice, and the rest is late.
  await makeEvents(world.db, plan, 0.55, 1)
  await makeChanges(world.db, plan)
  tell('the rest of the year, late, a part of it twice, and changes', since)
  const before = Date.now()
  await rollUp({ db: world.db, ...never })
  tell('counted', before)
  expect(await differing()).toEqual([])
})

/** What a hand-written count of the tables says, by calendar months or weeks of the zone. */
async function recounted(name: string, interval: MetricInterval, breakdown: MetricBreakdown | null) {
  const { facts } = METRICS.get(name)!
  return patiently((db) =>
    db.query<{ at: Date; group: string | null; count: number; total: number; people: number }>(
      `SELECT date_trunc($1, at AT TIME ZONE $2) AT TIME ZONE $2 AS at, ${breakdown ? `groups ->> '${breakdown}'` : 'NULL::text'} AS "group",
       count(*)::float8 AS count, sum(value)::float8 AS total, count(DISTINCT person_id)::int AS people
     FROM (${factsSql(facts)}) fact
     WHERE ${IS_THERE} AND NOT EXISTS (SELECT FROM users WHERE id = person_id AND restricted_at IS NOT NULL)
       AND NOT EXISTS (SELECT FROM consents WHERE user_id = person_id AND NOT given)
     GROUP BY 1, 2`,
      [interval.toLowerCase(), ZONE],
    ),
  )
}

test('every figure, by week and month and all that it can be broken down by, is what the tables say', async () => {
  const insight = new InsightService(world.db)
  let compared = 0
  let kept = 0
  const since = Date.now()
  const slowest = { took: 0, what: '' }
  for (const { name, measure, breakdowns } of METRICS.values()) {
    if (measure === 'stickiness' || measure === 'running') continue
    for (const breakdown of [null, ...breakdowns]) {
      for (const interval of [MetricInterval.MONTH, MetricInterval.WEEK]) {
        const asked = Date.now()
        const points = await insight.series({ ...YEAR, name, interval, breakdown, timeZone: ZONE })
        if (Date.now() - asked > slowest.took)
          Object.assign(slowest, { took: Date.now() - asked, what: `${name} ${interval} ${breakdown ?? ''}` })
        const found = new Map(
          (await recounted(name, interval, breakdown)).map((row) => [
            `${row.at.getTime()} ${row.group}`,
            row,
          ]),
        )
        const told = new Set(points.map(({ group }) => group))
        for (const point of points) {
          if (point.isSuppressed) {
            kept++
            continue
          }
          // What is told together is compared by its parts.
          const rows =
            point.group === 'other'
              ? [...found.values()].filter(
                  ({ at, group }) =>
                    at.getTime() === point.startsAt.getTime() && (group === 'other' || !told.has(group)),
                )
              : [found.get(`${point.startsAt.getTime()} ${point.group}`)].filter((row) => row !== undefined)
          if (measure === 'people' && rows.length > 1) continue
          const sum = (of: 'count' | 'total' | 'people') => rows.reduce((all, row) => all + row[of], 0)
          const expected =
            measure === 'people'
              ? sum('people')
              : measure === 'mean'
                ? sum('count') === 0
                  ? null
                  : sum('total') / sum('count')
                : sum('count')
          expect({ name, breakdown, ...point, value: point.value }).toEqual({
            name,
            breakdown,
            ...point,
            value: expected,
          })
          compared++
        }
      }
    }
  }
  tell(
    `${compared} figures compared, ${kept} kept back; the slowest was ${slowest.what} with ${slowest.took} ms`,
    since,
  )
  expect(compared).toBeGreaterThan(1_500)
  expect(kept).toBeLessThan(compared)
})

test('days, stickiness, cohorts and funnels are told of the whole year', async () => {
  const insight = new InsightService(world.db)
  const timed = async <Result>(what: string, work: () => Promise<Result>): Promise<Result> => {
    const since = Date.now()
    const result = await work()
    tell(what, since)
    return result
  }
  const days = await timed('daily active people of a year', () =>
    insight.series({ ...YEAR, name: 'ACTIVE_PEOPLE', interval: MetricInterval.DAY, timeZone: 'UTC' }),
  )
  const [row] = await world.db.query<{ people: number }>(
    `SELECT count(DISTINCT person)::int AS people FROM (
       SELECT actor_id AS person FROM audit_events WHERE occurred_at >= '2025-10-01Z' AND occurred_at < '2025-10-02Z' AND outcome = 'success'
       UNION SELECT person_id FROM activity_events WHERE occurred_at >= '2025-10-01Z' AND occurred_at < '2025-10-02Z'
     ) done WHERE person NOT IN (SELECT id FROM users WHERE restricted_at IS NOT NULL) AND person NOT IN (SELECT user_id FROM consents)`,
  )
  expect(days.find(({ startsAt }) => startsAt.getTime() === Date.UTC(2025, 9, 1))!.value).toBe(row!.people)
  const stickiness: MetricPoint[] = await timed('stickiness of a year', () =>
    insight.series({ ...YEAR, name: 'STICKINESS', interval: MetricInterval.MONTH, timeZone: ZONE }),
  )
  for (const { value } of stickiness) if (value !== null) expect(value).toBeLessThanOrEqual(1)
  const cohorts = await timed('cohorts of a year', () =>
    insight.retention({ ...YEAR, interval: MetricInterval.MONTH, periods: 12, timeZone: ZONE }),
  )
  expect(cohorts.reduce((sum, { size }) => sum + (size ?? 0), 0)).toBeGreaterThan(9_000)
  const funnel = await timed('a funnel of a quarter of a year', () =>
    insight.funnel({
      ...{ from: new Date('2025-09-01T00:00:00Z'), to: new Date('2025-12-01T00:00:00Z'), within: 1_440 },
      steps: ['page.viewed', 'cart.filled', 'checkout.begun', 'checkout.completed'],
    }),
  )
  const people = funnel.map((step) => step.people ?? 0)
  expect([...people].sort((one, other) => other - one)).toEqual(people)
  expect(bucketsOf({ from: plan.from, to: later(plan.from, HOUR) }, MetricInterval.HOUR, ZONE)).toHaveLength(
    1,
  )
})

test('counted anew from the beginning, nothing is different', async () => {
  const since = Date.now()
  const found = await patiently((db) => rebuild({ db, ...never }, { all: true }))
  tell('counted anew', since)
  expect(found.filter(({ differences }) => differences > 0)).toEqual([])
  expect(await differing()).toEqual([])
})
