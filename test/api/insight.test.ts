import { randomUUID } from 'node:crypto'
import { DAY, HOUR, later, MINUTE, SECOND } from '../../src/core/clock'
import { rollUpInsight } from '../../src/modules/insight/insight.task'
import { check } from '../../src/modules/insight/roll-up'
import { useWorld, type Person } from '../support/world'

const world = useWorld()

const METRIC = `query ($name: MetricName!, $from: DateTime!, $to: DateTime!, $interval: MetricInterval!, $breakdown: MetricBreakdown, $timeZone: String) {
  metric(name: $name, from: $from, to: $to, interval: $interval, breakdown: $breakdown, timeZone: $timeZone) { startsAt endsAt group value isSuppressed }
}`

interface Point {
  startsAt: string
  endsAt: string
  group: string | null
  value: number | null
  isSuppressed: boolean
}

/** Moves time to a day of its own, so that other tests' people are on others. */
let day = 0
function aNewDay(): Date {
  const start = Date.UTC(2030, 0, 7) + 42 * DAY * day++
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
  more: { interval?: string; breakdown?: string; timeZone?: string | null } = {},
): Promise<Point[]> {
  world.clock.set(LATER)
  await world.do(rollUpInsight, {})
  const { metric } = await analyst.api.data(METRIC, {
    ...{ name, from, to, interval: 'DAY', timeZone: 'UTC', ...more },
  })
  return metric
}

/** Somebody says so many seconds after `LATER` whether figures may be about them. */
const decides = ({ id }: Person, given: boolean, seconds: number) =>
  world.db.query(
    `INSERT INTO consents (id, user_id, purpose, text_version, locale, source, given, decided_at)
     VALUES (gen_random_uuid(), $1, 'analytics', '1', 'en', 'web', $2, $3)`,
    [id, given, later(LATER, seconds * SECOND)],
  )

const people = (count: number) => Promise.all(Array.from({ length: count }, () => world.person()))

test('sign-ups are counted by the day on which they were', async () => {
  const today = aNewDay()
  await people(6)
  const [before, now] = await series('SIGN_UPS', later(today, -DAY), later(today, DAY))
  expect(before).toMatchObject({ startsAt: later(today, -DAY).toISOString(), value: 0, isSuppressed: false })
  expect(now).toEqual({
    ...{ startsAt: today.toISOString(), endsAt: later(today, DAY).toISOString() },
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

/** Events of the trail by people, each at so many hours of a day. */
async function acts(happened: { person: string; at: Date; action?: string }[]): Promise<void> {
  await world.db.query(
    `INSERT INTO audit_events (id, occurred_at, action, outcome, actor_id, subject_id, owner_id, details, is_security_event)
     SELECT gen_random_uuid(), at, action, 'success', person, person, person, '{}', false
     FROM unnest($1::uuid[], $2::timestamptz[], $3::text[]) AS done (person, at, action)`,
    [
      happened.map(({ person }) => person),
      happened.map(({ at }) => at),
      happened.map(({ action = 'profile.updated' }) => action),
    ],
  )
}

/** Invented people, of whom nothing but ids is known, as the trail has them. */
const ids = (count: number) => Array.from({ length: count }, () => randomUUID())

const values = (points: Point[]) => points.map(({ value }) => value)

describe('days', () => {
  test('are those of the time zone, be they 23 or 25 hours long', async () => {
    const five = ids(5)
    const at = (moment: string) => acts(five.map((person) => ({ person, at: new Date(moment) })))
    // On 31 March 2041 Berlin has no hour from 2 to 3, on 27 October one twice.
    await at('2041-03-30T22:59:00Z')
    await at('2041-03-30T23:01:00Z')
    await at('2041-03-31T21:59:00Z')
    await at('2041-03-31T22:01:00Z')
    const spring = await series(
      'ACTIVE_PEOPLE',
      new Date('2041-03-30T12:00:00Z'),
      new Date('2041-04-01T12:00:00Z'),
      {
        timeZone: 'Europe/Berlin',
      },
    )
    expect(spring.map(({ startsAt }) => startsAt)).toEqual([
      '2041-03-29T23:00:00.000Z',
      '2041-03-30T23:00:00.000Z',
      '2041-03-31T22:00:00.000Z',
    ])
    expect(values(spring)).toEqual([5, 5, 5])
    const autumn = await series(
      'ACTIVE_PEOPLE',
      new Date('2041-10-27T00:00:00Z'),
      new Date('2041-10-27T01:00:00Z'),
      {
        timeZone: 'Europe/Berlin',
      },
    )
    expect(autumn.map(({ startsAt, endsAt }) => (Date.parse(endsAt) - Date.parse(startsAt)) / HOUR)).toEqual([
      25,
    ])
  })

  test('begin at a quarter of an hour where the clocks do', async () => {
    const five = ids(5)
    // Midnight in Kathmandu is 18:15 UTC.
    await acts(five.map((person) => ({ person, at: new Date('2042-05-01T18:14:59Z') })))
    await acts(ids(6).map((person) => ({ person, at: new Date('2042-05-01T18:15:00Z') })))
    const points = await series(
      'ACTIVE_PEOPLE',
      new Date('2042-05-01T18:00:00Z'),
      new Date('2042-05-01T19:00:00Z'),
      {
        timeZone: 'Asia/Kathmandu',
      },
    )
    expect(values(points)).toEqual([5, 6])
  })

  test('are the viewer’s own where no zone is said', async () => {
    await world.db.query(`UPDATE users SET time_zone = 'Asia/Tokyo' WHERE id = $1`, [analyst.id])
    const [point] = await series(
      'SIGN_UPS',
      new Date('2043-01-01T00:00:00Z'),
      new Date('2043-01-01T01:00:00Z'),
      {
        timeZone: null,
      },
    )
    expect(point!.startsAt).toBe('2042-12-31T15:00:00.000Z')
  })

  test('and weeks begin on Monday, months on their first day', async () => {
    const range = [new Date('2043-02-03T00:00:00Z'), new Date('2043-02-04T00:00:00Z')] as const
    const [week] = await series('SIGN_UPS', ...range, { interval: 'WEEK' })
    const [month] = await series('SIGN_UPS', ...range, { interval: 'MONTH' })
    expect([week!.startsAt, week!.endsAt]).toEqual(['2043-02-02T00:00:00.000Z', '2043-02-09T00:00:00.000Z'])
    expect([month!.startsAt, month!.endsAt]).toEqual(['2043-02-01T00:00:00.000Z', '2043-03-01T00:00:00.000Z'])
  })
})

test('people are counted once in a day, a week and a month, and stickiness is what both say', async () => {
  const [some, others] = [ids(10), ids(10)]
  const on = (people: string[], day: string) =>
    acts(people.map((person) => ({ person, at: new Date(`2044-02-${day}T10:00:00Z`) })))
  await on(some, '01')
  await on(some, '01')
  await on(some, '02')
  await on(others, '02')
  const range = [new Date('2044-02-01T00:00:00Z'), new Date('2044-02-03T00:00:00Z')] as const
  expect(values(await series('ACTIVE_PEOPLE', ...range))).toEqual([10, 20])
  expect(values(await series('ACTIVE_PEOPLE', ...range, { interval: 'MONTH' }))).toEqual([20])
  const [month] = await series('STICKINESS', ...range, { interval: 'MONTH' })
  expect(month!.value).toBeCloseTo(30 / 29 / 20, 10)
})

test('stickiness is kept back where it would tell of a day that is', async () => {
  const on = (people: string[], day: string) =>
    acts(people.map((person) => ({ person, at: new Date(`2044-04-${day}T10:00:00Z`) })))
  await on(ids(9), '04')
  await on(ids(2), '05')
  const range = [new Date('2044-04-04T00:00:00Z'), new Date('2044-04-11T00:00:00Z')] as const
  expect(values(await series('ACTIVE_PEOPLE', ...range)).slice(0, 3)).toEqual([9, null, 0])
  expect(await series('STICKINESS', ...range, { interval: 'WEEK' })).toMatchObject([
    { value: null, isSuppressed: true },
  ])
})

describe('small groups', () => {
  /** So many people on each device, all on one day. */
  async function sessions(at: Date, devices: Record<string, number>): Promise<void> {
    for (const [device, count] of Object.entries(devices)) {
      const owners = await people(count)
      await world.db.query(
        `UPDATE sessions SET created_at = $2, last_seen_at = $2, device_name = $3 WHERE user_id = ANY($1::uuid[])`,
        [owners.map(({ id }) => id), at, `Firefox on ${device}`],
      )
    }
  }

  const byDevice = (points: Point[]) =>
    Object.fromEntries(
      points.map(({ group, value, isSuppressed }) => [group, isSuppressed ? 'kept back' : value]),
    )

  test('are told together as other, and names of them not at all', async () => {
    aNewDay()
    const at = new Date('2045-01-05T10:00:00Z')
    await sessions(at, { Linux: 9, Windows: 6, iPhone: 3, iPad: 3 })
    const points = await series('SESSIONS', at, later(at, HOUR), { breakdown: 'DEVICE' })
    expect(byDevice(points)).toEqual({ Linux: 9, Windows: 6, other: 6 })
    expect(JSON.stringify(points)).not.toContain('iP')
  })

  test('are kept back, and another with them, so that the sum of all does not tell', async () => {
    aNewDay()
    const at = new Date('2045-03-05T10:00:00Z')
    await sessions(at, { Linux: 9, Windows: 6, iPhone: 3 })
    const points = await series('SESSIONS', at, later(at, HOUR), { breakdown: 'DEVICE' })
    expect(byDevice(points)).toEqual({ Linux: 9, Windows: 'kept back', other: 'kept back' })
    expect(values(await series('SESSIONS', at, later(at, HOUR)))).toEqual([18])
  })

  test('nor does a week or a month tell of the one day that is kept back', async () => {
    aNewDay()
    const on = (day: number) => new Date(Date.UTC(2046, 0, day, 12))
    await sessions(on(8), { Linux: 3 })
    await sessions(on(9), { Linux: 7 })
    await sessions(on(10), { Linux: 9 })
    const week = [on(8), on(15)] as const
    const days = await series('SESSIONS', on(8), later(on(14), HOUR))
    expect(days.map(({ value, isSuppressed }) => (isSuppressed ? 'kept back' : value))).toEqual([
      ...['kept back', 'kept back', 9],
      ...[0, 0, 0, 0],
    ])
    expect(values(await series('SESSIONS', week[0], later(week[0], DAY), { interval: 'WEEK' }))).toEqual([19])
    // However the range is chosen.
    expect((await series('SESSIONS', on(9), later(on(9), HOUR)))[0]).toMatchObject({ isSuppressed: true })
    // And an hour of a day that is kept back is, too.
    const hours = await series('SESSIONS', on(9), later(on(9), HOUR), { interval: 'HOUR' })
    expect(hours.every(({ value, isSuppressed }) => isSuppressed || value === 0)).toBe(true)
    expect(hours.some(({ isSuppressed }) => isSuppressed)).toBe(true)
  })
})

describe('left out of all figures', () => {
  test('are people whose data is restricted, and who object, also of what was before, and as soon as they say so', async () => {
    const today = aNewDay()
    const [first, second] = await people(8)
    const signUps = async () => values(await series('SIGN_UPS', today, later(today, DAY)))
    expect(await signUps()).toEqual([8])
    await world.db.query('UPDATE users SET restricted_at = $2 WHERE id = $1', [first!.id, world.clock.now()])
    expect(await signUps()).toEqual([7])
    const say = (given: boolean, seconds: number) => decides(second!, given, seconds)
    await say(false, 1)
    expect(await signUps()).toEqual([6])
    await say(true, 2)
    expect(await signUps()).toEqual([7])
    await world.db.query('UPDATE users SET restricted_at = NULL WHERE id = $1', [first!.id])
    expect(await signUps()).toEqual([8])
  })
})

describe('a question that makes no sense', () => {
  const ask = (changes: object) => {
    world.clock.set(LATER)
    return analyst.api.errorCode(METRIC, {
      ...{ name: 'SIGN_UPS', from: '2040-01-01T00:00:00Z', to: '2040-01-02T00:00:00Z', interval: 'DAY' },
      ...changes,
    })
  }
  test.each([
    ['a range that ends before it begins', { to: '2039-01-01T00:00:00Z' }],
    ['more points than there may be', { from: '2030-01-01T00:00:00Z' }],
    ['hours of a year', { from: '2039-01-02T00:00:00Z', interval: 'HOUR' }],
    ['a breakdown that the figure does not have', { breakdown: 'DEVICE' }],
    ['no time zone', { timeZone: 'Europe/Atlantis' }],
    ['a time zone that may be several', { timeZone: 'IST' }],
    ['stickiness of a day', { name: 'STICKINESS' }],
  ])('is refused: %s', async (_, changes) => {
    expect(await ask(changes)).toBe('BAD_USER_INPUT')
  })
})

describe('how long things take', () => {
  test('is the mean of what was measured', async () => {
    aNewDay()
    const at = new Date('2047-01-05T10:00:00Z')
    const owners = await people(5)
    await world.db.query(
      `UPDATE sessions SET created_at = $2, last_seen_at = $2::timestamptz + number * interval '1 minute'
       FROM unnest($1::uuid[]) WITH ORDINALITY AS owner (id, number) WHERE user_id = owner.id`,
      [owners.map(({ id }) => id), at],
    )
    expect(values(await series('SESSION_LENGTH', at, later(at, HOUR)))).toEqual([180])
    // Of nothing there is no mean.
    expect((await series('SESSION_LENGTH', later(at, 50 * DAY), later(at, 51 * DAY)))[0]).toMatchObject({
      value: null,
      isSuppressed: false,
    })
  })
})

test('how many people there are is told in steps of five, by what they prefer', async () => {
  const today = aNewDay()
  const new7 = await people(7)
  await world.db.query(
    `INSERT INTO preferences (user_id, key, value, updated_at) SELECT id, 'theme', '"dark"', now() FROM unnest($1::uuid[]) AS id`,
    [new7.map(({ id }) => id)],
  )
  const range = [later(today, -DAY), later(today, DAY)] as const
  const [before, after] = values(await series('PEOPLE', ...range)) as number[]
  expect(before! % 5).toBe(0)
  expect([5, 10]).toContain(after! - before!)
  const themes = await series('PEOPLE', ...range, { breakdown: 'THEME' })
  expect(themes.filter(({ group }) => group === 'dark').map(({ value }) => value)).toEqual([0, 5])
})

describe('retention', () => {
  const RETENTION = `query ($from: DateTime!, $to: DateTime!, $interval: MetricInterval!, $periods: Int!) {
    retention(from: $from, to: $to, interval: $interval, periods: $periods, timeZone: "UTC") {
      startsAt size isSuppressed periods { number people rate isSuppressed }
    } }`

  test('says how many of those who signed up in a week came in that one and the next', async () => {
    const monday = aNewDay()
    const arrived = await people(20)
    const inWeek = (week: number, people: Person[]) =>
      acts(people.map(({ id }) => ({ person: id, at: later(monday, 7 * week * DAY + 30 * HOUR) })))
    await inWeek(1, arrived.slice(0, 10))
    await inWeek(2, arrived.slice(0, 3))
    world.clock.set(LATER)
    await world.do(rollUpInsight, {})
    const { retention } = await analyst.api.data(RETENTION, {
      ...{ from: monday, to: later(monday, DAY), interval: 'WEEK', periods: 4 },
    })
    expect(retention).toEqual([
      {
        ...{ startsAt: monday.toISOString(), size: 20, isSuppressed: false },
        periods: [
          // All of them did something, or nothing is known of it: whoever signs up does.
          { number: 0, people: 20, rate: 1, isSuppressed: false },
          { number: 1, people: 10, rate: 0.5, isSuppressed: false },
          { number: 2, people: null, rate: null, isSuppressed: true },
          { number: 3, people: 0, rate: 0, isSuppressed: false },
        ],
      },
    ])
  })

  test('tells of no cohort whose sign-ups are kept back, so that no other one is what is left', async () => {
    const monday = aNewDay()
    for (const [index, count] of [3, 7, 9].entries()) {
      world.clock.set(later(monday, index * DAY + 12 * HOUR))
      await people(count)
    }
    const span = [monday, later(monday, 3 * DAY)] as const
    const signUps = await series('SIGN_UPS', ...span)
    const { retention } = await analyst.api.data(RETENTION, {
      ...{ from: span[0], to: span[1], interval: 'DAY', periods: 1 },
    })
    const shown = [null, null, 9]
    expect(values(signUps)).toEqual(shown)
    expect(retention.map(({ size }: { size: number | null }) => size)).toEqual(shown)
  })

  test('has no cohorts of hours', async () => {
    world.clock.set(LATER)
    const variables = { from: new Date(0), to: new Date(DAY), interval: 'HOUR', periods: 4 }
    expect(await analyst.api.errorCode(RETENTION, variables)).toBe('BAD_USER_INPUT')
  })
})

describe('a funnel', () => {
  const FUNNEL = `query ($steps: [String!]!, $from: DateTime!, $to: DateTime!, $within: Int!) {
    funnel(steps: $steps, from: $from, to: $to, within: $within) { name people rate isSuppressed } }`

  /** What somebody does, each at a minute. */
  const events = (person: string, start: Date, ...done: [name: string, minute: number][]) =>
    world.db.query(
      `INSERT INTO activity_events (id, occurred_at, received_at, person_id, kind, name, definition_version, retention, properties)
       SELECT (lpad(to_hex(round(extract(epoch FROM at) * 1000)::bigint), 12, '0') || substr(md5(random()::text), 1, 20))::uuid, at, at, $1, 'CUSTOM', name, 1, 'STANDARD', '{}' FROM unnest($2::timestamptz[], $3::text[]) AS done (at, name)`,
      [person, done.map(([, minute]) => later(start, minute * MINUTE)), done.map(([name]) => name)],
    )

  const ask = async (start: Date, steps: string[], within: number) => {
    world.clock.set(LATER)
    const { funnel } = await analyst.api.data(FUNNEL, { steps, within, from: start, to: later(start, DAY) })
    return (funnel as { people: number | null; isSuppressed: boolean }[]).map(({ people, isSuppressed }) =>
      isSuppressed ? 'kept back' : people,
    )
  }

  test('counts who did one thing after the other, in time, from any beginning', async () => {
    const start = new Date('2048-01-01T00:00:00Z')
    for (const person of ids(6)) await events(person, start, ['seen', 1], ['filled', 2], ['paid', 3])
    // Too late from the first beginning, in time from the second.
    for (const person of ids(5))
      await events(person, start, ['seen', 1], ['seen', 100], ['filled', 101], ['paid', 102])
    // In the wrong order.
    for (const person of ids(7)) await events(person, start, ['paid', 1], ['filled', 2], ['seen', 3])
    expect(await ask(start, ['seen', 'filled', 'paid'], 60)).toEqual([18, 11, 11])
    expect(await ask(start, ['seen', 'filled', 'paid'], 1)).toEqual([18, 11, 0])
    expect(await ask(start, ['paid', 'seen'], 60)).toEqual([18, 7])
  })

  test('begins and ends at a quarter of an hour, so that nobody is cut out by a moment', async () => {
    const start = new Date('2048-04-01T00:00:00Z')
    for (const person of ids(5)) await events(person, start, ['seen', 1], ['filled', 2])
    await events(ids(1)[0]!, start, ['seen', 5], ['filled', 6])
    world.clock.set(LATER)
    for (const minutes of [3, 5, 6, 14]) {
      const { funnel } = await analyst.api.data(FUNNEL, {
        ...{ steps: ['seen', 'filled'], within: 60, from: start, to: later(start, minutes * MINUTE) },
      })
      expect(funnel.map(({ people }: { people: number }) => people)).toEqual([6, 6])
    }
  })

  test('is of people and visitors: what nobody can be told for counts for nobody', async () => {
    const start = new Date('2048-05-01T00:00:00Z')
    for (const person of ids(5)) await events(person, start, ['seen', 1], ['filled', 2])
    await world.db.query(
      `INSERT INTO activity_events (id, occurred_at, received_at, kind, name, definition_version, retention, properties)
       SELECT (lpad(to_hex(round(extract(epoch FROM at) * 1000)::bigint), 12, '0') || substr(md5(random()::text), 1, 20))::uuid, at, at, 'CUSTOM', name, 1, 'STANDARD', '{}'
       FROM (VALUES ($1::timestamptz, 'seen'), ($1::timestamptz + interval '1 minute', 'filled')) AS done (at, name)`,
      [later(start, MINUTE)],
    )
    expect(await ask(start, ['seen', 'filled'], 60)).toEqual([5, 5])
  })

  test('leaves out whoever objects', async () => {
    const start = new Date('2048-06-01T00:00:00Z')
    world.clock.set(start)
    const all = await people(6)
    for (const { id } of all) await events(id, start, ['seen', 1], ['filled', 2])
    expect(await ask(start, ['seen', 'filled'], 60)).toEqual([6, 6])
    await decides(all[0]!, false, 1)
    expect(await ask(start, ['seen', 'filled'], 60)).toEqual([5, 5])
  })

  test('keeps back a step that few took, or at which few were left behind', async () => {
    const start = new Date('2048-02-01T00:00:00Z')
    for (const person of ids(6)) await events(person, start, ['seen', 1], ['filled', 2])
    for (const person of ids(3)) await events(person, start, ['seen', 1])
    expect(await ask(start, ['seen', 'filled', 'paid'], 60)).toEqual([9, 'kept back', 0])
  })

  test('one event is not two steps', async () => {
    const start = new Date('2048-03-01T00:00:00Z')
    for (const person of ids(6)) await events(person, start, ['seen', 1])
    for (const person of ids(6)) await events(person, start, ['seen', 1], ['seen', 2])
    expect(await ask(start, ['seen', 'seen'], 60)).toEqual([12, 6])
  })

  test('has two steps at least, and no endless range', async () => {
    world.clock.set(LATER)
    const start = new Date('2048-03-01T00:00:00Z')
    const given = { steps: ['seen', 'paid'], within: 60, from: start, to: later(start, DAY) }
    expect(await analyst.api.errorCode(FUNNEL, { ...given, steps: ['seen'] })).toBe('BAD_USER_INPUT')
    expect(await analyst.api.errorCode(FUNNEL, { ...given, to: later(start, 93 * DAY) })).toBe(
      'BAD_USER_INPUT',
    )
    expect(await analyst.api.errorCode(FUNNEL, { ...given, within: 0 })).toBe('BAD_USER_INPUT')
  })
})

test('every figure can be asked for, by all that it can be broken down by', async () => {
  world.clock.set(LATER)
  const { metrics } = await analyst.api.data('{ metrics { name description unit breakdowns } }')
  for (const { name, breakdowns } of metrics as { name: string; breakdowns: string[] }[])
    for (const breakdown of [undefined, ...breakdowns])
      await series(name, new Date('2049-01-05T00:00:00Z'), new Date('2049-01-06T00:00:00Z'), {
        ...{ interval: 'WEEK', breakdown },
      })
})

test('what was counted is what a recount finds', async () => {
  await world.do(rollUpInsight, {})
  const found = await check(world.db)
  expect(found.filter(({ differences }) => differences > 0)).toEqual([])
})
