import { randomUUID } from 'node:crypto'
import type { Id } from '../../src/core/id'
import { personalTables } from '../../src/db/personal-tables'
import { ActivityService } from '../../src/modules/activity/activity.service'
import { flatten, type Explained, type Plan } from '../support/plans'
import { useWorld, type Person } from '../support/world'

const world = useWorld()

/** How many events of others there are in each of four months. */
const OTHERS = 20_000

let person: Person

beforeAll(async () => {
  person = await world.person()
  const anonymousId = randomUUID()
  await world.db.query('INSERT INTO activity_links (id, person_id, linked_at) VALUES ($1, $2, now())', [
    anonymousId,
    person.id,
  ])
  const add = (count: number, personId: string, visitor: string, parameters: Id[]) =>
    world.db.query(
      `INSERT INTO activity_events (id, occurred_at, received_at, person_id, anonymous_id, kind, name, definition_version, retention, properties)
       SELECT gen_random_uuid(), at, at, CASE WHEN n % 2 = 0 THEN ${personId} END, CASE WHEN n % 2 = 1 THEN ${visitor} END,
         'CUSTOM', 'some.thing', 1, 'STANDARD', '{}'
       FROM generate_series(1, ${count}) n, LATERAL (SELECT now() + (n % 4) * interval '28 days' AS at) moment`,
      parameters,
    )
  await add(4 * OTHERS, 'gen_random_uuid()', 'gen_random_uuid()', [])
  await add(40, '$1::uuid', '$2::uuid', [person.id, anonymousId])
  await world.db.query('ANALYZE activity_events')
}, 60_000)

/** The tables that a plan reads from beginning to end. */
const scanned = (plan: Plan): (string | undefined)[] =>
  flatten(plan)
    .filter((step) => step['Node Type'] === 'Seq Scan')
    .map((step) => step['Relation Name'])
    .filter((name) => name!.startsWith('activity_events'))

const planOf = async (sql: string, parameters: unknown[]): Promise<Plan> => {
  const [row] = await world.db.query<{ 'QUERY PLAN': [Explained] }>(
    `EXPLAIN (FORMAT JSON) ${sql}`,
    parameters,
  )
  return row!['QUERY PLAN'][0].Plan
}

test('R93 what somebody has done is found for their copy and their erasure along indexes, of every month', async () => {
  const { name, isTheirs } = personalTables().find((table) => table.name === 'activity_events')!
  const [counted] = await world.db.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM ${name} WHERE ${isTheirs}`,
    [person.id],
  )
  expect(counted!.count).toBe(40)
  for (const sql of [
    `SELECT * FROM ${name} WHERE ${isTheirs}`,
    `DELETE FROM ${name} WHERE ${isTheirs}`,
    `SELECT count(*) FROM ${name} WHERE ${isTheirs}`,
  ]) {
    const plan = await planOf(sql.replaceAll('$1', `'${person.id}'`), [])
    // An empty month costs nothing to read.
    expect(scanned(plan).filter((table) => table !== 'activity_events_default' && !isEmpty(table!))).toEqual(
      [],
    )
    expect(flatten(plan).some((step) => step['Index Name']?.includes('person_id'))).toBe(true)
    expect(flatten(plan).some((step) => step['Index Name']?.includes('anonymous_id'))).toBe(true)
  }
})

let empty: Set<string> | undefined
const isEmpty = (table: string): boolean => empty!.has(table)
beforeAll(async () => {
  const rows = await world.db.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relname LIKE 'activity_events%' AND reltuples <= 0`,
  )
  empty = new Set(rows.map(({ name }) => name))
})

test('a page of what somebody has done is read along an index, of every month', async () => {
  const db = await world.asViewer(person)
  const sent = await world.sent(() => new ActivityService(db).list(person.id, { first: 20 }))
  expect(sent).toHaveLength(2)
  for (const [sql, parameters] of sent) {
    const plan = await planOf(sql, [...parameters])
    expect(scanned(plan).filter((table) => table !== 'activity_events_default' && !isEmpty(table!))).toEqual(
      [],
    )
  }
})
