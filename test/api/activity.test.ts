import { randomUUID } from 'node:crypto'
import { DAY, later, MINUTE, SECOND } from '../../src/core/clock'
import { toGlobalId } from '../../src/core/id'
import { eraseRows, findRemains } from '../../src/modules/erasure/erase'
import { exportedTables, subjectRows, type SubjectRow } from '../../src/modules/data-export/subject-rows'
import { UserService } from '../../src/modules/user/user.service'
import { ApiClient } from '../support/api-client'
import { outcome, track, TRACK, viewOf } from '../support/activity'
import { useWorld, type Person } from '../support/world'

const DEFINITIONS = [
  {
    key: 'checkout.completed',
    kind: 'TRANSACTION',
    description: 'A basket was paid.',
    retention: 'LONG',
    version: 2,
    schema: {
      type: 'object',
      properties: { total: { type: 'integer', minimum: 0 }, coupon: { type: 'string', maxLength: 20 } },
      required: ['total'],
      additionalProperties: false,
    },
    older: [
      {
        version: 1,
        schema: { type: 'object', properties: { price: { type: 'integer' } }, additionalProperties: false },
      },
    ],
  },
  { key: 'door.opened', description: 'A door was opened.', purpose: 'newsletter', retention: 'SHORT' },
  { key: 'secret.thing', description: 'Nobody is asked for it.', purpose: 'unheard-of' },
]

const world = useWorld({ ACTIVITY_DEFINITIONS: JSON.stringify(DEFINITIONS) })

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

interface Stored {
  id: string
  person_id: string | null
  anonymous_id: string | null
  [column: string]: unknown
}

/** What is kept at a path, oldest first. */
const storedAt = (path: string) =>
  world.db.query<Stored>('SELECT * FROM activity_events WHERE path = $1 ORDER BY id', [path])

const linkOf = async (anonymousId: string) =>
  (
    await world.db.query<{ person_id: string }>('SELECT person_id FROM activity_links WHERE id = $1', [
      anonymousId,
    ])
  )[0]?.person_id

let count = 0
/** A path that nobody else has. */
const newPath = () => `/p${++count}`

const change = (person: Person, name: string, input: object) =>
  person.api.data(
    `mutation ($input: ${name[0]!.toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { userErrors { code } } }`,
    { input },
  )

describe('what is told', () => {
  test('is kept with who it was, on what, and from where only as coarsely as a town', async () => {
    const person = await world.person()
    const path = newPath()
    const api = new ApiClient(world.url, person.token, { 'user-agent': FIREFOX })
    const event = viewOf(world, `${path}?token=secret#part`, { properties: { title: 'Home' } })
    expect(await track(api, [event])).toEqual(outcome({ accepted: 1 }))
    expect(await storedAt(path)).toEqual([
      {
        id: expect.any(String),
        occurred_at: event.occurredAt,
        received_at: expect.any(Date),
        person_id: person.id,
        anonymous_id: null,
        session_id: person.sessionId,
        kind: 'PAGE_VIEW',
        name: 'page.viewed',
        definition_version: 1,
        retention: 'STANDARD',
        properties: { title: 'Home' },
        path,
        device_class: 'desktop',
        browser: 'Firefox',
        os: 'Linux',
        network: '127.0.0.0/24',
      },
    ])
  })

  test('of a visitor is kept under what their client calls them', async () => {
    const path = newPath()
    const anonymousId = randomUUID()
    expect(await track(world.anonymous, [viewOf(world, path)], { anonymousId })).toEqual(
      outcome({ accepted: 1 }),
    )
    expect(await storedAt(path)).toMatchObject([
      { person_id: null, anonymous_id: anonymousId, session_id: null },
    ])
  })

  test('twice is kept once, be it by another request, in one, or at the same moment', async () => {
    const path = newPath()
    const person = await world.person()
    const events = [viewOf(world, path), viewOf(world, path)]
    expect(await track(person.api, [...events, events[0]!])).toEqual(outcome({ accepted: 2, duplicates: 1 }))
    // Its client may have lost who it was meanwhile, and writes ids in capitals.
    const again = events.map((event) => ({ ...event, clientId: event.clientId.toUpperCase() }))
    expect(await track(world.anonymous, again)).toEqual(outcome({ duplicates: 2 }))
    const more = Array.from({ length: 20 }, () => viewOf(world, path))
    const payloads = await Promise.all(Array.from({ length: 5 }, () => track(person.api, more)))
    expect(payloads.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(20)
    expect(payloads.reduce((sum, { duplicates }) => sum + duplicates, 0)).toBe(80)
    expect(await storedAt(path)).toHaveLength(22)
  })

  test('is kept as it was written, whatever it is made of', async () => {
    const titles = [
      '"',
      '\\',
      '\\"{},NULL',
      'a\tb\nc',
      'ж𝄞é',
      '\u2028',
      "'; DROP TABLE users; --",
      '{"a":[1]}',
    ]
    const path = newPath()
    const told = [...titles, 'NULL', '{}'].map((title) => viewOf(world, path, { properties: { title } }))
    expect(await track(world.anonymous, told)).toEqual(outcome({ accepted: told.length }))
    expect((await storedAt(path)).map(({ properties }) => properties)).toEqual(
      expect.arrayContaining(told.map(({ properties }) => properties)),
    )
    for (const odd of ['NULL', '{}', '\\', '"', ',']) {
      await track(world.anonymous, [viewOf(world, `${path}${odd}`)])
      expect(await storedAt(`${path}${odd}`)).toHaveLength(1)
    }
  })

  test('late lies in the month in which it happened', async () => {
    const path = newPath()
    const ages = [0, 1, 3, 6]
    const told = ages.map((days) =>
      viewOf(world, path, { occurredAt: later(world.clock.now(), -days * DAY) }),
    )
    expect(await track(world.anonymous, told)).toEqual(outcome({ accepted: 4 }))
    const rows = await world.db.query<{ part: string; month: string }>(
      `SELECT tableoid::regclass::text AS part, to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY_MM') AS month
       FROM activity_events WHERE path = $1`,
      [path],
    )
    for (const { part, month } of rows) expect(part).toBe(`partitions.activity_events_${month}`)
  })

  test('wrongly is refused one by one, and is in nobody’s way', async () => {
    const path = newPath()
    const now = world.clock.now()
    const good = viewOf(world, path)
    const wrong = (more: object) => viewOf(world, path, more)
    const payload = await track(world.anonymous, [
      good,
      wrong({ clientId: '1' }),
      wrong({ name: 'page.veiwed' }),
      wrong({ name: 'x'.repeat(5_000) }),
      wrong({ name: 'api.requested' }),
      wrong({ definitionVersion: 7 }),
      wrong({ occurredAt: later(now, 6 * MINUTE) }),
      wrong({ occurredAt: later(now, -8 * DAY) }),
      wrong({ properties: { titel: 'Home' } }),
      wrong({ path: `/${'x'.repeat(500)}` }),
      wrong({ path: 'two\nlines' }),
      wrong({ name: 'checkout.completed', properties: { price: 3 } }),
      wrong({ name: 'checkout.completed', definitionVersion: 1, properties: { price: 3 } }),
      wrong({ properties: { title: 'x'.repeat(201) } }),
    ])
    expect(payload).toMatchObject({ accepted: 2, duplicates: 0, withheld: 0, userErrors: [] })
    expect(payload.refused).toEqual(
      [
        [1, 'clientId', 'Use a UUID such as'],
        [2, 'name', 'There is no such activity. Did you mean "page.viewed"?'],
        [3, 'name', 'There is no such activity. `activityDefinitions` lists those that there are.'],
        [4, 'name', 'Portico records this by itself.'],
        [5, 'definitionVersion', 'There is no such version of it; there is 1.'],
        [6, 'occurredAt', 'This lies ahead'],
        [7, 'occurredAt', 'This is too long ago'],
        [8, 'properties', 'There is no `titel`. Use an object with title, referrer.'],
        [9, 'path', 'Use at most 500 characters, in one line.'],
        [10, 'path', 'Use at most 500 characters, in one line.'],
        [11, 'properties', '`total` is missing.'],
        [13, 'properties', 'At `title`, use text of 1 to 200 characters.'],
      ].map(([index, field, message]) => ({
        ...{ index, field },
        message: expect.stringContaining(message as string),
      })),
    )
    const kept = await storedAt(path)
    expect(kept).toHaveLength(2)
    expect(kept.find(({ name }) => name === 'checkout.completed')).toMatchObject({
      ...{ definition_version: 1, retention: 'LONG', properties: { price: 3 } },
    })
  })

  test('altogether wrongly is an error of the input, by its place', async () => {
    const path = newPath()
    expect(await track(world.anonymous, [viewOf(world, path, { clientId: '1' })])).toEqual({
      ...outcome({}),
      refused: [{ index: 0, field: 'clientId', message: expect.any(String) }],
      userErrors: [{ code: 'INVALID', field: ['events', '0', 'clientId'], message: expect.any(String) }],
    })
  })

  test('in more than a hundred events, or none, is told again in smaller parts', async () => {
    const input = (length: number) => ({ events: Array.from({ length }, () => viewOf(world)) })
    for (const [length, code] of [
      [101, 'TOO_LONG'],
      [0, 'REQUIRED'],
    ] as const)
      expect((await world.anonymous.data(TRACK, { input: input(length) })).trackActivity).toMatchObject({
        accepted: null,
        userErrors: [{ code, field: ['events'] }],
      })
    expect(
      (await world.anonymous.data(TRACK, { input: { ...input(1), anonymousId: 'me' } })).trackActivity,
    ).toMatchObject({ accepted: null, userErrors: [{ code: 'INVALID', field: ['anonymousId'] }] })
  })
})

describe('nothing is kept of anybody without agreement', () => {
  test('to the purpose of what they do: not after an objection, until it is given', async () => {
    const person = await world.person()
    const path = newPath()
    const tell = (name: string) => track(person.api, [viewOf(world, path, { name })])
    expect(await tell('page.viewed')).toEqual(outcome({ accepted: 1 }))
    expect(await tell('door.opened')).toEqual(outcome({ withheld: 1 }))
    expect(await tell('secret.thing')).toEqual(outcome({ withheld: 1 }))
    await change(person, 'objectToProcessing', { purposeId: 'analytics' })
    await change(person, 'giveConsent', { purposeId: 'newsletter', version: '1', locale: 'en' })
    expect(await tell('page.viewed')).toEqual(outcome({ withheld: 1 }))
    expect(await tell('door.opened')).toEqual(outcome({ accepted: 1 }))
    await change(person, 'withdrawConsent', { purposeId: 'newsletter' })
    expect(await tell('door.opened')).toEqual(outcome({ withheld: 1 }))
    expect((await storedAt(path)).map(({ name }) => name)).toEqual(['page.viewed', 'door.opened'])
  })

  test('of a visitor, of whose agreement their client knows', async () => {
    const path = newPath()
    const tell = (consentedPurposeIds: string[]) =>
      track(world.anonymous, [viewOf(world, path), viewOf(world, path, { name: 'door.opened' })], {
        consentedPurposeIds,
      })
    expect(await tell([])).toEqual(outcome({ accepted: 1, withheld: 1 }))
    expect(await tell(['newsletter'])).toEqual(outcome({ accepted: 2 }))
    const secret = () => [viewOf(world, path, { name: 'secret.thing' })]
    expect(await track(world.anonymous, secret(), { consentedPurposeIds: ['unheard-of'] })).toEqual(
      outcome({ withheld: 1 }),
    )
    expect(await storedAt(path)).toHaveLength(3)
  })

  test('where the client asks that nobody is followed', async () => {
    const path = newPath()
    const { api } = await world.person()
    for (const headers of [{ 'sec-gpc': '1' }, { dnt: '1' }] as Record<string, string>[]) {
      expect(await track(api.with(headers), [viewOf(world, path)])).toEqual(outcome({ withheld: 1 }))
      expect(await track(world.anonymous.with(headers), [viewOf(world, path)])).toEqual(
        outcome({ withheld: 1 }),
      )
    }
    expect(await track(api.with({ 'sec-gpc': '0', dnt: '0' }), [viewOf(world, path)])).toEqual(
      outcome({ accepted: 1 }),
    )
    expect(await storedAt(path)).toHaveLength(1)
  })

  test('whose data is kept and no more', async () => {
    const person = await world.person()
    const path = newPath()
    await new UserService(world.db).restrict(person.id)
    const anonymousId = randomUUID()
    expect(await track(person.api, [viewOf(world, path)], { anonymousId })).toEqual(outcome({ withheld: 1 }))
    expect(await storedAt(path)).toEqual([])
    expect(await linkOf(anonymousId)).toBeUndefined()
    await new UserService(world.db).liftRestriction(person.id)
    expect(await track(person.api, [viewOf(world, path)])).toEqual(outcome({ accepted: 1 }))
  })
})

describe('a visitor who signs in', () => {
  const ACTIVITY = `query ($first: Int, $last: Int, $after: String, $before: String) { viewer { activity(first: $first, last: $last, after: $after, before: $before) {
    totalCount edges { cursor node { name kind path occurredAt receivedAt definitionVersion retention properties deviceClass browser os network } } pageInfo { hasNextPage hasPreviousPage } } } }`
  const pathsOf = async (person: Person, page: Record<string, unknown> = {}) => {
    const { edges, ...rest } = (await person.api.data(ACTIVITY, page)).viewer.activity
    return { ...rest, paths: edges.map(({ node }: { node: { path: string } }) => node.path), edges }
  }

  test('turns out to be the person, with what they did before, and never becomes another', async () => {
    const [ada, eve] = [await world.person(), await world.person()]
    const anonymousId = randomUUID()
    const at = (seconds: number) => ({ occurredAt: later(world.clock.now(), -seconds * SECOND) })
    const told = [5, 4, 3].map((ago) => viewOf(world, `/before${ago}`, at(ago)))
    await track(world.anonymous, told, { anonymousId })
    expect(await pathsOf(ada)).toMatchObject({ paths: [], totalCount: 0 })
    await track(ada.api, [viewOf(world, '/mine2', at(2))], { anonymousId: anonymousId.toUpperCase() })
    // Somebody else at the same machine.
    await track(eve.api, [viewOf(world, '/hers', at(1))], { anonymousId })
    await track(ada.api, [viewOf(world, '/mine1', at(1))])
    expect(await linkOf(anonymousId)).toBe(ada.id)
    const all = ['/mine1', '/mine2', '/before3', '/before4', '/before5']
    expect(await pathsOf(ada)).toMatchObject({ paths: all, totalCount: 5 })
    expect(await pathsOf(eve)).toMatchObject({ paths: ['/hers'], totalCount: 1 })
    const first = await pathsOf(ada, { first: 2 })
    expect(first).toMatchObject({
      paths: all.slice(0, 2),
      pageInfo: { hasNextPage: true, hasPreviousPage: false },
    })
    const second = await pathsOf(ada, { first: 2, after: first.edges.at(-1).cursor })
    expect(second).toMatchObject({
      paths: all.slice(2, 4),
      pageInfo: { hasNextPage: true, hasPreviousPage: true },
    })
    expect(await pathsOf(ada, { last: 3 })).toMatchObject({ paths: all.slice(2) })
    expect(await pathsOf(ada, { last: 2, before: second.edges.at(-1).cursor })).toMatchObject({
      paths: all.slice(1, 3),
    })
  })

  test('takes all of it along, into their copy, and with them when they are erased', async () => {
    const [person, other] = [await world.person(), await world.person()]
    const anonymousId = randomUUID()
    const path = newPath()
    await track(world.anonymous, [viewOf(world, path)], { anonymousId })
    await track(person.api, [viewOf(world, path)], { anonymousId })
    await track(other.api, [viewOf(world, path)], { anonymousId: randomUUID() })
    const rows = await world.db.transaction(async (tx) => {
      const table = exportedTables().find(({ name }) => name === 'activity_events')!
      const found: SubjectRow[] = []
      for await (const some of subjectRows(tx, table, person.id)) found.push(...some)
      return found
    })
    expect(rows.map((row) => [row.path, row.personId, row.anonymousId])).toEqual(
      expect.arrayContaining([
        [path, person.id, null],
        [path, null, anonymousId],
      ]),
    )
    expect(rows).toHaveLength(2)
    await world.db.transaction((tx) => eraseRows(tx, person.id, tx.now))
    expect(await findRemains(world.db, person.id)).toEqual([])
    expect(await storedAt(path)).toMatchObject([{ person_id: other.id }])
    expect(await linkOf(anonymousId)).toBeUndefined()
  })

  test('is seen by them, and by whoever handles requests about data, who is noted', async () => {
    const [person, stranger] = [await world.person(), await world.person({ role: 'manager' })]
    const officer = await world.person({ permissions: ['privacy:manage'] })
    const path = newPath()
    await track(person.api, [viewOf(world, path)])
    const query = `query ($id: ID!) { user(id: $id) { activity { edges { node { path } } } } }`
    expect((await officer.api.data(query, { id: person.globalId })).user.activity.edges).toEqual([
      { node: { path } },
    ])
    expect(await stranger.api.errorCode(query, { id: person.globalId })).toBe('FORBIDDEN')
    expect(await world.anonymous.errorCode(query, { id: person.globalId })).toBe('UNAUTHENTICATED')
    const [record] = await world.db.query<{ fields: string[] }>(
      'SELECT fields FROM access_records WHERE subject_id = $1 AND reader_id = $2',
      [person.id, officer.id],
    )
    expect(record!.fields).toEqual(['activity'])
    expect(toGlobalId('user', person.id)).toBe(person.globalId)
  })
})

test('what there is to be told is listed, with what it may say', async () => {
  const { activityDefinitions } = await world.anonymous.data(
    '{ activityDefinitions { key kind description purposeId retention version schema } }',
  )
  expect(activityDefinitions.map(({ key }: { key: string }) => key)).toEqual([
    ...['page.viewed', 'screen.viewed', 'transaction.completed', 'api.requested'],
    ...['checkout.completed', 'door.opened', 'secret.thing'],
  ])
  expect(activityDefinitions).toContainEqual({
    ...{ key: 'checkout.completed', kind: 'TRANSACTION', description: 'A basket was paid.' },
    ...{ purposeId: 'analytics', retention: 'LONG', version: 2, schema: DEFINITIONS[0]!.schema },
  })
})
