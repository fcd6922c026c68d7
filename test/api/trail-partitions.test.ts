import { DAY, later } from '../../src/core/clock'
import { newId, type Id } from '../../src/core/id'
import { connected } from '../../src/db/connection'
import { dropOldTrail } from '../../src/modules/audit/audit.task'
import { pastPartitions } from '../../src/modules/audit/trail-partitions'
import { accessAt, eventAt, makeOldMonths, monthAgo, partitionOf } from '../support/old-months'
import { legalHoldOn } from '../support/privacy'
import { examineNow, Intruder, sealNow } from '../support/tampering'
import { useWorld } from '../support/world'

const world = useWorld()
const intruder = new Intruder(world)

/** Months ago: the youngest that is past, one before it, the oldest that is kept, one of twelve years ago. */
const [PAST, BEFORE, KEPT, ANCIENT] = [73, 74, 72, 150]
const PEOPLE = ['actor', 'impersonator', 'subject', 'reader', 'read'] as const
const people = Object.fromEntries(PEOPLE.map((name) => [name, newId()])) as Record<
  (typeof PEOPLE)[number],
  Id
>
const rows: Record<string, Id> = {}

const inMonth = (months: number) => later(monthAgo(months), 10 * DAY)
const details = (months: number, table = 'audit_events') => ({
  table,
  from: monthAgo(months).toISOString(),
  until: monthAgo(months - 1).toISOString(),
  rows: 1,
})
const asOwner = (sql: string) => connected(intruder.ownerUrl, (client) => client.query(sql))

beforeAll(async () => {
  await makeOldMonths(world, [ANCIENT, BEFORE, PAST, KEPT])
  const { actor, impersonator, subject, reader, read } = people
  rows.ancient = await eventAt(world, { at: inMonth(ANCIENT) })
  rows.drop = await eventAt(world, {
    at: inMonth(BEFORE),
    action: 'trail.partition-dropped',
    details: details(ANCIENT),
  })
  rows.past = await eventAt(world, {
    at: inMonth(PAST),
    actorId: actor,
    impersonatorId: impersonator,
    subjectId: subject,
  })
  rows.alsoPast = await eventAt(world, { at: inMonth(PAST) })
  rows.kept = await eventAt(world, { at: inMonth(KEPT) })
  rows.access = await accessAt(world, inMonth(PAST), reader, read)
  await sealNow(world)
  await asOwner(
    `DROP TABLE partitions.${partitionOf('audit_events', ANCIENT)}, partitions.${partitionOf('access_records', ANCIENT)}`,
  )
})

const partitions = async () =>
  (
    await asOwner(
      `SELECT relname::text AS name FROM pg_inherits JOIN pg_class ON oid = inhrelid
       WHERE inhparent IN ('public.audit_events'::regclass, 'public.access_records'::regclass)`,
    )
  ).rows.map(({ name }: { name: string }) => name)

const problemsAfterDeleting = async (row: Id) =>
  (await intruder.problemsAfter('DELETE FROM public.audit_events WHERE id = $1', [row])).map(
    ({ kind, row: of }) => [kind, of?.id],
  )

describe('R95 a partition of the trail', () => {
  const refusal = async (name: string | null) => {
    const error = (await world.db
      .query('SELECT drop_trail_partition($1)', [name])
      .catch((failure: unknown) => failure)) as { driverError?: { code: string; message: string } }
    return [error.driverError?.code, error.driverError?.message]
  }

  test('R95 is not dropped before the last of it has been kept for six years, whatever the caller sets', async () => {
    const before = await partitions()
    const young = [partitionOf('audit_events', KEPT), partitionOf('access_records', KEPT)]
    for (const name of [...young, 'audit_events_past', 'access_records_past'])
      expect(await refusal(name)).toEqual(['42501', expect.stringContaining('kept for six years, until 20')])
    expect(await refusal('audit_events_default')).toEqual([
      '42501',
      'audit_events_default stays: its rows may be of any time.',
    ])
    await world.db
      .transaction(async (tx) => {
        await tx.query(
          `SET LOCAL datestyle = 'SQL, DMY'; SET LOCAL timezone = 'Pacific/Kiritimati'; SET LOCAL search_path = pg_temp`,
        )
        await expect(tx.query('SELECT public.drop_trail_partition($1)', [young[0]])).rejects.toThrow(
          'kept for six years',
        )
        throw new Error('enough')
      })
      .catch(() => undefined)
    expect(await partitions()).toEqual(before)
  })

  test('R95 is all that is dropped', async () => {
    await asOwner(
      "CREATE TABLE partitions.other PARTITION OF public.audit_events FOR VALUES FROM (MINVALUE) TO ('1970-01-01'); ALTER TABLE public.audit_events DETACH PARTITION partitions.other",
    )
    for (const name of [
      'other',
      'users',
      'public.users',
      'audit_events',
      'audit_seals',
      '',
      `x; DROP TABLE users`,
      null,
    ])
      expect(await refusal(name)).toEqual(['42P01', expect.stringContaining('is no partition of the trail')])
    await asOwner('DROP TABLE partitions.other')
  })

  test('R95 is due once all of it has been kept for six years', async () => {
    expect(
      (await pastPartitions(world.db)).map(({ name, rows: count, held }) => [name, count, held]),
    ).toEqual([
      [partitionOf('audit_events', BEFORE), 1, 0],
      [partitionOf('audit_events', PAST), 2, 0],
      [partitionOf('access_records', BEFORE), 0, 0],
      [partitionOf('access_records', PAST), 1, 0],
    ])
  })
})

describe('R82 a row that is gone', () => {
  test('R82 of a month that is kept, or is past and was not dropped, is told', async () => {
    expect(await examineNow(world)).toMatchObject({ problemCount: 0, dropped: 1 })
    expect(await problemsAfterDeleting(rows.kept!)).toEqual([['row-missing', rows.kept]])
    expect(await problemsAfterDeleting(rows.past!)).toEqual([['row-missing', rows.past]])
  })

  test.each([
    ['of a month that is still kept', details(KEPT), new Date()],
    [
      'of a month that is still kept, with the date of a day on which it will not be',
      details(KEPT),
      later(new Date(), 900 * DAY),
    ],
    [
      'of more months than have been kept',
      { ...details(PAST), until: monthAgo(KEPT - 1).toISOString() },
      new Date(),
    ],
    ['of all until now', { ...details(0), from: null }, new Date()],
    [
      'of a part of a month',
      { ...details(PAST), from: later(monthAgo(PAST), DAY).toISOString() },
      new Date(),
    ],
    ['of the other table', details(PAST, 'access_records'), new Date()],
    ['of nothing that could be read', { ...details(PAST), until: 'soon' }, new Date()],
  ])(
    'R82 is told although somebody wrote an event %s, before it is sealed and after',
    async (_, said, at) => {
      const row = said.until === details(PAST).until || said.until === 'soon' ? rows.past! : rows.kept!
      await eventAt(world, { at, action: 'trail.partition-dropped', details: said })
      expect(await problemsAfterDeleting(row)).toContainEqual(['row-missing', row])
      await sealNow(world)
      expect(await problemsAfterDeleting(row)).toEqual([['row-missing', row]])
    },
  )

  test('R82 is told although an event says that it was dropped which was made of another after it was sealed', async () => {
    const id = await eventAt(world, { at: world.clock.now() })
    await sealNow(world)
    const { problems } = await intruder.finds(async (client) => {
      await client.query(
        `UPDATE public.audit_events SET action = 'trail.partition-dropped', details = $2 WHERE id = $1`,
        [id, details(PAST)],
      )
      await client.query('DELETE FROM public.audit_events WHERE id = $1', [rows.past])
    })
    expect(problems.map(({ kind, row }) => [kind, row?.id]).sort()).toEqual([
      ['row-changed', id],
      ['row-missing', rows.past],
    ])
  })
})

describe('R95 each night', () => {
  test.each(PEOPLE)(
    'R95 what is past stays while a legal hold is in force on the %s in one of its rows',
    async (name) => {
      const id = people[name]
      await world.db.query(
        `INSERT INTO legal_holds (id, user_id, hold_reason, placed_at) VALUES ($1, $2, '', now())`,
        [newId(), id],
      )
      const keeps = partitionOf(
        name === 'reader' || name === 'read' ? 'access_records' : 'audit_events',
        PAST,
      )
      const held = (await pastPartitions(world.db)).filter((partition) => partition.held > 0)
      expect(held.map((partition) => [partition.name, partition.held])).toEqual([[keeps, 1]])
      await world.db.query('UPDATE legal_holds SET released_at = now() WHERE user_id = $1', [id])
    },
  )

  const droppedSince = async (since: Date) =>
    (
      await world.db.query<{ details: unknown }>(
        `SELECT details FROM audit_events WHERE action = 'trail.partition-dropped' AND occurred_at BETWEEN $1 AND $2 ORDER BY occurred_at, id`,
        [since, later(since, DAY)],
      )
    ).map(({ details: said }) => said)

  test('R95 what is past is dropped, each with its event, unless a person in it is held', async () => {
    const person = await world.person()
    await asOwner(
      `CREATE TABLE partitions.access_records_old PARTITION OF public.access_records FOR VALUES FROM ('${monthAgo(80).toISOString()}') TO ('${monthAgo(79).toISOString()}')`,
    )
    await accessAt(world, inMonth(80), people.reader, person.id)
    await legalHoldOn(world, person)
    const before = await partitions()
    const since = world.clock.now()
    await world.do(dropOldTrail, {})
    const gone = [
      partitionOf('audit_events', BEFORE),
      partitionOf('audit_events', PAST),
      partitionOf('access_records', BEFORE),
      partitionOf('access_records', PAST),
    ]
    expect(before.filter((name) => !gone.includes(name)).sort()).toEqual((await partitions()).sort())
    expect(await partitions()).toContain('access_records_old')
    // In any order: some are of one moment.
    const said = [
      details(ANCIENT),
      details(BEFORE),
      { ...details(PAST), rows: 2 },
      { ...details(BEFORE, 'access_records'), rows: 0 },
      details(PAST, 'access_records'),
    ]
    const told = await droppedSince(since)
    expect(told).toHaveLength(said.length)
    expect(told).toEqual(expect.arrayContaining(said))
    expect(world.logLines.filter((line) => line.includes(gone[1]!))).toHaveLength(1)
    // Nothing is left to drop.
    await world.do(dropOldTrail, {})
    expect(await partitions()).toContain('access_records_old')
  })

  test('R82 the trail is what was sealed without them, before the events of it are sealed and after', async () => {
    await asOwner('TRUNCATE partitions.access_records_old')
    for (const seals of [false, true]) {
      if (seals) await sealNow(world)
      // With what the month of twelve years ago had held, of which the older event has gone too.
      expect(await examineNow(world)).toMatchObject({ problems: [], dropped: 5 })
    }
    expect(await problemsAfterDeleting(rows.kept!)).toEqual([['row-missing', rows.kept]])
  })

  test('R82 the event of it cannot be changed or taken away unnoticed', async () => {
    const which = `action = 'trail.partition-dropped' AND details->>'table' = 'access_records' AND details->>'rows' = '1' AND details->>'until' = '${monthAgo(PAST - 1).toISOString()}'`
    for (const sql of [
      `DELETE FROM public.audit_events WHERE ${which}`,
      `UPDATE public.audit_events SET request_id = 'another' WHERE ${which}`,
    ]) {
      const problems = await intruder.problemsAfter(sql)
      expect(problems).toContainEqual(
        expect.objectContaining({ kind: 'row-missing', row: expect.objectContaining({ id: rows.access }) }),
      )
    }
  })
})
