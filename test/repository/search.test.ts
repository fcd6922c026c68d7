import type { ObjectLiteral } from 'typeorm'
import { newId, type Id } from '../../src/core/id'
import { selectRows, type ReadStretch, type Stretch } from '../../src/db/page'
import { searching, type Condition } from '../../src/db/search'
import { User } from '../../src/modules/user/user.entity'
import { UserSearch } from '../../src/modules/user/user-search.entity'
import { useWorld } from '../support/world'

const world = useWorld()

/** Every place from before the first to behind the last of so many people, whose usernames are in the order of their age. */
const PEOPLE = 30
const people: { id: Id; number: number; createdAt: Date }[] = []

beforeAll(async () => {
  for (let number = 0; number < PEOPLE; number++) {
    people.push({ id: newId(), number, createdAt: new Date(Date.UTC(2020, 0, 1 + Math.floor(number / 3))) })
  }
  // Three each are made in one moment, where the id decides.
  people.sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1))
  people.forEach((person, number) => (person.number = number))
  await world.db.query(
    `INSERT INTO users (id, username, display_name, bio, locale, time_zone, status, created_at, updated_at, version)
     SELECT id, 'user' || lpad(number::text, 2, '0'), 'Name', number, 'en', 'UTC', 'active', at, at, 1
     FROM unnest($1::uuid[], $2::int[], $3::timestamptz[]) AS person (id, number, at)`,
    [
      people.map(({ id }) => id),
      people.map(({ number }) => number),
      people.map(({ createdAt }) => createdAt),
    ],
  )
})

interface Meeting {
  condition: Condition
  meets: (number: number) => boolean
}
const among = (numbers: string, how: Omit<Condition, 'sql' | 'parameters'> = {}): Condition => ({
  sql: `right(entry.username, 2)::int ${numbers}`,
  parameters: {},
  ...how,
})
const elsewhere = (numbers: string): Condition => ({
  sql: `EXISTS (SELECT FROM users other WHERE other.id = entry.id AND other.bio::int ${numbers})`,
  parameters: {},
  looksUp: true,
})

/** What can be asked, and who meets it. */
const MEETINGS: Record<string, Meeting[]> = {
  'no conditions': [],
  everybody: [{ condition: among('>= 0'), meets: () => true }],
  nobody: [{ condition: among('< 0'), meets: () => false }],
  'few, scattered': [{ condition: among('% 9 = 4'), meets: (number) => number % 9 === 4 }],
  'those at one end': [{ condition: among('< 7'), meets: (number) => number < 7 }],
  'those along the order': [
    { condition: among('>= 12', { along: 'createdAt' }), meets: (number) => number >= 12 },
  ],
  one: [{ condition: among('= 17', { isOne: true }), meets: (number) => number === 17 }],
  'many, looked up': [{ condition: elsewhere('% 2 = 0'), meets: (number) => number % 2 === 0 }],
  'what comes together': [
    { condition: among('>= 5', { along: 'createdAt' }), meets: (number) => number >= 5 },
    { condition: among('% 2 = 0'), meets: (number) => number % 2 === 0 },
    { condition: elsewhere('% 3 = 0'), meets: (number) => number % 3 === 0 },
  ],
}

const BUDGETS = [
  { near: { entries: 100, lookUpsPerRow: 100 }, far: 4, promise: 1, candidates: 100 },
  { near: { entries: 4, lookUpsPerRow: 1 }, far: 2, promise: 1, candidates: 3 },
  { near: { entries: 4, lookUpsPerRow: 2 }, far: 4, promise: 0, candidates: 3 },
  { near: { entries: 1, lookUpsPerRow: 1 }, far: 2, promise: 3, candidates: 0 },
  { near: { entries: 1, lookUpsPerRow: 100 }, far: 1, promise: 1, candidates: 100 },
]

/** Stretches from every kind of place, in either direction. */
function* stretches(keyset: (number: number) => unknown[]): Generator<[Stretch, (place: number) => boolean]> {
  for (const backward of [false, true]) {
    for (const limit of [2, 100]) {
      yield [{ bounds: [], backward, limit }, () => true]
      for (const at of [10, PEOPLE - 1]) {
        yield [{ bounds: [{ side: 'after', keyset: keyset(at) }], backward, limit }, (place) => place > at]
        yield [{ bounds: [{ side: 'before', keyset: keyset(at) }], backward, limit }, (place) => place < at]
        yield [{ bounds: [{ side: 'upTo', keyset: keyset(at) }], backward, limit }, (place) => place <= at]
        yield [{ bounds: [{ side: 'from', keyset: keyset(at) }], backward, limit }, (place) => place >= at]
      }
      const bounds: Stretch['bounds'] = [
        { side: 'after', keyset: keyset(3) },
        { side: 'before', keyset: keyset(20) },
      ]
      yield [{ bounds, backward, limit }, (place) => place > 3 && place < 20]
    }
  }
}

describe('whichever way a search takes, it finds the same', () => {
  const orders = {
    'by age': { columns: ['createdAt', 'id'], descending: false },
    'by age, descending': { columns: ['createdAt', 'id'], descending: true },
    'by username': { columns: ['username'], descending: false },
  } as const

  test.each(Object.keys(MEETINGS))('%s', async (name) => {
    const meetings = MEETINGS[name]!
    for (const [orderName, order] of Object.entries(orders)) {
      const inOrder = order.descending ? people.toReversed() : people
      const keyset = (place: number) => {
        const { createdAt, id, number } = inOrder[place]!
        return order.columns.length === 2 ? [createdAt, id] : [`user${String(number).padStart(2, '0')}`]
      }
      for (const budget of BUDGETS) {
        const conditions = meetings.map(({ condition }) => condition)
        const rows = (db: typeof world.db) => selectRows(db, User, 'user', ['id', 'bio'])
        const read: ReadStretch = searching(
          world.db,
          { entries: UserSearch, conditions, order, rows },
          budget,
        )
        for (const [stretch, lies] of stretches(keyset)) {
          const expected = inOrder
            .filter(({ number }, place) => lies(place) && meetings.every(({ meets }) => meets(number)))
            .map(({ number }) => String(number))
          if (stretch.backward) expected.reverse()
          const found = (await read(stretch)).map(({ bio }: ObjectLiteral) => bio as string)
          expect({ orderName, budget, stretch, found }).toEqual({
            ...{ orderName, budget, stretch },
            found: expected.slice(0, stretch.limit),
          })
        }
      }
    }
  })
})
