import { DAY, HOUR, later } from '../../src/core/clock'
import { rollUpInsight } from '../../src/modules/insight/insight.task'
import { check } from '../../src/modules/insight/roll-up'
import { useWorld, type Person } from '../support/world'

const world = useWorld()

const METRIC = `query ($name: MetricName!, $from: DateTime!, $to: DateTime!, $interval: MetricInterval!, $breakdown: MetricBreakdown, $timeZone: String) {
  metric(name: $name, from: $from, to: $to, interval: $interval, breakdown: $breakdown, timeZone: $timeZone) { from to group value isSuppressed }
}`

interface Point {
  from: string
  to: string
  group: string | null
  value: number | null
  isSuppressed: boolean
}

/** Moves time to a day of its own, so that other tests' people are on others. */
let day = 0
function aNewDay(): Date {
  const start = Date.UTC(2030, 0, 7) + 40 * DAY * day++
  world.clock.set(new Date(start + 12 * HOUR))
  return new Date(start)
}

/** Whoever looks at figures does so afterwards, when no more is counted. */
const LATER = new Date(Date.UTC(2050, 0, 1))
let analyst: Person
beforeAll(async () => {
  world.clock.set(LATER)
  analyst = await world.person({ permissions: ['analytics:read'] })
})

async function series(
  name: string,
  from: Date,
  to: Date,
  more: { interval?: string; breakdown?: string; timeZone?: string } = {},
): Promise<Point[]> {
  world.clock.set(LATER)
  await world.do(rollUpInsight, {})
  const { metric } = await analyst.api.data<{ metric: Point[] }>(METRIC, {
    ...{ name, from, to, interval: 'DAY', timeZone: 'UTC', ...more },
  })
  return metric
}

const people = (count: number) => Promise.all(Array.from({ length: count }, () => world.person()))

test('sign-ups are counted by the day on which they were', async () => {
  const today = aNewDay()
  await people(6)
  const [before, now] = await series('SIGN_UPS', later(today, -DAY), later(today, DAY))
  expect(before).toMatchObject({ from: later(today, -DAY).toISOString(), value: 0, isSuppressed: false })
  expect(now).toEqual({
    ...{ from: today.toISOString(), to: later(today, DAY).toISOString() },
    ...{ group: null, value: 6, isSuppressed: false },
  })
})

test('whoever lacks analytics:read is refused', async () => {
  const { api } = await world.person()
  const variables = { name: 'SIGN_UPS', from: new Date(0), to: new Date(DAY), interval: 'DAY' }
  expect(await api.errorCode(METRIC, variables)).toBe('FORBIDDEN')
  expect(await api.errorCode('{ metrics { name } }', {})).toBe('FORBIDDEN')
})

test('a figure about fewer than five people is kept back', async () => {
  const today = aNewDay()
  await people(4)
  const [now] = await series('SIGN_UPS', today, later(today, DAY))
  expect(now).toMatchObject({ value: null, isSuppressed: true })
})

test('what was counted is what a recount finds', async () => {
  await world.do(rollUpInsight, {})
  const found = await check(world.db)
  expect(found.filter(({ differences }) => differences > 0)).toEqual([])
})
