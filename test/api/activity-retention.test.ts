import { randomUUID } from 'node:crypto'
import { ActivityRetention } from '../../src/core/activity-definition'
import { DAY, later, MINUTE, monthsLater } from '../../src/core/clock'
import { idOf, type Id } from '../../src/core/id'
import { connected } from '../../src/db/connection'
import { countDueActivity, dueActivity } from '../../src/modules/activity/activity-retention'
import { forgetOldActivity, makeActivityPartitions } from '../../src/modules/activity/activity.task'
import { LegalHoldService } from '../../src/modules/legal-hold/legal-hold.service'
import { activityAt, activityMonth, makeActivityMonths } from '../support/activity-months'
import { monthAgo } from '../support/old-months'
import { legalHoldOn } from '../support/privacy'
import { useWorld } from '../support/world'

const world = useWorld()

const { SHORT, STANDARD, LONG } = ActivityRetention

const asOwner = (sql: string) =>
  connected(world.portico.config.databaseOwnerUrl!, (client) => client.query(sql))

const months = async () =>
  (
    await asOwner(
      `SELECT relname::text AS name FROM pg_inherits JOIN pg_class ON oid = inhrelid
       WHERE inhparent = 'public.activity_events'::regclass ORDER BY 1`,
    )
  ).rows.map(({ name }: { name: string }) => name)

const left = async (ids: readonly Id[]) => {
  const rows = await world.db.query<{ id: Id }>('SELECT id FROM activity_events WHERE id = ANY($1)', [ids])
  return ids.filter((id) => rows.some((row) => row.id === id))
}

const sweptUntil = async (retention: ActivityRetention) =>
  (await dueActivity(world.db)).find((class_) => class_.retention === retention)!.sweptUntil

const [OLD, ANCIENT] = [37, 40]

beforeAll(() => makeActivityMonths(world, [35, 36, OLD, ANCIENT]))

test('R95 what was done is kept as long as its class says, and no longer, wherever it stands', async () => {
  const now = world.clock.now()
  const at = (moment: Date, retention: ActivityRetention) => activityAt(world, { at: moment, retention })
  const kept = [
    await at(later(now, -29 * DAY), SHORT),
    await at(later(monthsLater(now, -13), DAY), STANDARD),
    await at(later(monthsLater(now, -36), DAY), LONG),
    await at(later(now, -MINUTE), STANDARD),
  ]
  const gone = [
    await at(later(now, -30 * DAY - MINUTE), SHORT),
    await at(later(now, -300 * DAY), SHORT),
    await at(later(monthsLater(now, -13), -DAY), STANDARD),
    await at(later(monthAgo(OLD), 5 * DAY), STANDARD),
    await at(later(monthAgo(OLD), 5 * DAY), LONG),
    await at(later(monthAgo(ANCIENT), 5 * DAY), LONG),
  ]
  for (const [retention, due] of [
    [SHORT, 2],
    [STANDARD, 2],
    [LONG, 2],
  ] as const) {
    const class_ = (await dueActivity(world.db)).find((each) => each.retention === retention)!
    expect([retention, await countDueActivity(world.db, class_)]).toEqual([retention, { due, held: 0 }])
  }
  await world.do(forgetOldActivity, {})
  expect(await left([...kept, ...gone])).toEqual(kept)
  const applied = await world.db.query<{ details: object }>(
    `SELECT details FROM audit_events WHERE action = 'retention.applied' ORDER BY id`,
  )
  expect(applied.map(({ details }) => details)).toEqual(
    [SHORT, STANDARD, LONG].map((retention) => ({ rule: `activity:forget ${retention}`, rows: 2 })),
  )
  // The months of which nothing is left are no more.
  expect((await months()).filter((name) => [OLD, ANCIENT].map(activityMonth).includes(name))).toEqual([])
})

test('R95 what a legal hold keeps stays until it is released, with what its person did before they signed in', async () => {
  const [person, other] = [await world.person(), await world.person()]
  const anonymousId = randomUUID()
  await world.db.query('INSERT INTO activity_links (id, person_id, linked_at) VALUES ($1, $2, now())', [
    anonymousId,
    person.id,
  ])
  const at = later(world.clock.now(), -31 * DAY)
  await world.do(forgetOldActivity, {})
  // As it was on the day before.
  await world.db.query('UPDATE activity_sweeps SET swept_until = $1', [later(at, -DAY)])
  const old = (whose: object) => activityAt(world, { at, retention: SHORT, ...whose })
  const held = [await old({ personId: person.id }), await old({ anonymousId })]
  const free = [await old({ personId: other.id }), await old({ anonymousId: randomUUID() }), await old({})]
  const admin = await world.person({ role: 'admin' })
  const hold = await legalHoldOn(world, person, admin)
  await world.do(forgetOldActivity, {})
  expect(await left([...held, ...free])).toEqual(held)
  expect(await sweptUntil(SHORT)).toEqual(at)
  await new LegalHoldService(await world.asViewer(admin)).release(idOf('legal_hold', hold)!)
  await world.do(forgetOldActivity, {})
  expect(await left(held)).toEqual([])
  expect((await sweptUntil(SHORT))!.getTime()).toBeGreaterThan(at.getTime())
})

test('R95 more than one step can hold goes in several', async () => {
  const at = later(world.clock.now(), -32 * DAY)
  await world.db.query('UPDATE activity_sweeps SET swept_until = $1', [later(at, -DAY)])
  await world.db.query(
    `INSERT INTO activity_events (id, occurred_at, received_at, kind, name, definition_version, retention, properties)
     SELECT overlay($1::uuid::text PLACING lpad(to_hex(n), 12, '0') FROM 25)::uuid, $2, $2, 'CUSTOM', 'many.things', 1, 'SHORT', '{}'
     FROM generate_series(1, 12000) n`,
    [await activityAt(world, { at, retention: SHORT }), at],
  )
  const before = await world.db.query(`SELECT FROM audit_events WHERE action = 'retention.applied'`)
  await world.do(forgetOldActivity, {})
  expect(
    await world.db.query(`SELECT FROM activity_events WHERE retention = 'SHORT' AND occurred_at <= $1`, [at]),
  ).toEqual([])
  const after = await world.db.query(`SELECT FROM audit_events WHERE action = 'retention.applied'`)
  expect(after.length - before.length).toBe(3)
})

describe('R90 the role of requests', () => {
  test('can have months made ahead, and what is told lies in them', async () => {
    const before = await months()
    const last = before.filter((name) => /\d$/.test(name)).at(-1)!
    await asOwner(`DROP TABLE partitions.${last}`)
    await world.do(makeActivityPartitions, {})
    expect(await months()).toEqual(before)
    await world.do(makeActivityPartitions, {})
    expect(await months()).toEqual(before)
  })

  test('can have no month dropped that may still be kept, nor anything else', async () => {
    const before = await months()
    const refusal = async (name: string | null) => {
      const error = (await world.db
        .query('SELECT drop_activity_partition($1)', [name])
        .catch((failure: unknown) => failure)) as { driverError?: { code: string } }
      return error.driverError?.code
    }
    for (const name of [activityMonth(0), activityMonth(35), activityMonth(36), 'activity_events_default'])
      expect([name, await refusal(name)]).toEqual([name, '42501'])
    for (const name of ['users', 'public.users', 'audit_events_default', '', 'x; DROP TABLE users', null])
      expect([name, await refusal(name)]).toEqual([name, '42P01'])
    expect(await months()).toEqual(before)
  })
})
