import { randomUUID } from 'node:crypto'
import { DAY, later, MINUTE } from '../../src/core/clock'
import { ApiClient } from '../support/api-client'
import { outcome, track, viewOf, type ToldEvent } from '../support/activity'
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

let count = 0
/** A path that nobody else has. */
const newPath = () => `/p${++count}`

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
    // Its client may have lost who it was meanwhile.
    expect(await track(world.anonymous, events)).toEqual(outcome({ duplicates: 2 }))
    const more = Array.from({ length: 20 }, () => viewOf(world, path))
    const payloads = await Promise.all(Array.from({ length: 5 }, () => track(person.api, more)))
    expect(payloads.reduce((sum, { accepted }) => sum + Number(accepted), 0)).toBe(20)
    expect(payloads.reduce((sum, { duplicates }) => sum + Number(duplicates), 0)).toBe(80)
    expect(await storedAt(path)).toHaveLength(22)
  })
})
