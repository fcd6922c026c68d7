import { ACTIVITY_SPANS, ActivityRetention } from '../../core/activity-definition'
import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { untilUnlocked } from '../../db/lock-timeout'
import { pastPartitionsOf } from '../../db/partitions'
import type { DueRows } from '../../db/retention'
import { AuditService } from '../audit/audit.service'

/*
 * How long activity is kept. Events of a class go once they are older than it says, step by step in the order of time, and each night goes
 * on where the one before has ended: nothing that was looked through is looked through again. A month in which nothing is left is dropped.
 */

/** How many events go with one commit, so that nobody waits long for them. */
const STEP = 5_000

/** Whoever is under a legal hold keeps what they have done, before they signed in too. */
const HELD_PEOPLE = 'ARRAY(SELECT user_id FROM legal_holds WHERE released_at IS NULL)'
const IS_HELD = `(person_id = ANY (${HELD_PEOPLE})
  OR anonymous_id = ANY (ARRAY(SELECT id FROM activity_links WHERE person_id = ANY (${HELD_PEOPLE}))))`

/** The lowest id of a moment, as ids begin with it. */
const floorOf = (moment: Date): Id => {
  const time = moment.getTime().toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`
}

/** A class of retention, and from when until when it is to be looked through. */
export interface DueActivity {
  retention: ActivityRetention
  /** The moment before which it is. */
  due: Date
  /** Up to when it was looked through before; null where it never was. */
  sweptUntil: Date | null
}

/** Every class. */
export async function dueActivity(db: Database): Promise<DueActivity[]> {
  const classes = Object.values(ActivityRetention)
  return db.query<DueActivity>(
    `SELECT class.retention, $3::timestamptz - class.span::interval AS due, sweep.swept_until AS "sweptUntil"
     FROM unnest($1::text[], $2::text[]) class (retention, span) LEFT JOIN activity_sweeps sweep USING (retention)`,
    [classes, classes.map((each) => ACTIVITY_SPANS[each]), db.now],
  )
}

/** What is due of a class. */
export async function countDueActivity(
  db: Database,
  { retention, due, sweptUntil }: DueActivity,
): Promise<DueRows> {
  const [row] = await db.query<DueRows>(
    `SELECT count(*)::int AS due, min(occurred_at) AS oldest, count(*) FILTER (WHERE ${IS_HELD})::int AS held
     FROM activity_events WHERE retention = $1 AND occurred_at >= $2 AND occurred_at < $3`,
    [retention, sweptUntil ?? '-infinity', due],
  )
  return row!
}

/** Removes what is due of a class, each step with its event in the trail; returns how many. */
export async function sweepActivity(
  db: Database,
  { retention, due, sweptUntil }: DueActivity,
  stopping: AbortSignal,
): Promise<number> {
  let after = sweptUntil === null ? NIL : floorOf(sweptUntil)
  for (let removed = 0; ;) {
    const step = await db.transaction((tx) => removeSome(tx, retention, { after, sweptUntil, due }))
    removed += step.rows
    if (step.last === null) {
      await db.transaction((tx) => noteSweep(tx, retention, due))
      return removed
    }
    after = step.last
    stopping.throwIfAborted()
  }
}

const NIL: Id = '00000000-0000-0000-0000-000000000000'

async function removeSome(
  tx: Database,
  retention: ActivityRetention,
  { after, sweptUntil, due }: { after: Id; sweptUntil: Date | null; due: Date },
): Promise<{ rows: number; last: Id | null }> {
  // A hold that is being placed is waited for, and none is placed until this is committed.
  await tx.query('LOCK TABLE legal_holds IN SHARE MODE')
  const [step] = await tx.query<{ rows: number; seen: number; last: Id | null }>(
    `WITH due AS (
       SELECT id, occurred_at, coalesce(${IS_HELD}, false) AS is_held FROM activity_events
       WHERE id > $1 AND id < $2 AND occurred_at >= $3 AND occurred_at < $4 AND retention = $5 ORDER BY id LIMIT ${STEP}
     ), removed AS (
       DELETE FROM activity_events event USING due
       WHERE event.id = due.id AND event.occurred_at = due.occurred_at AND NOT due.is_held RETURNING 1
     )
     SELECT (SELECT count(*)::int FROM removed) AS rows, count(*)::int AS seen,
       (SELECT id FROM due ORDER BY id DESC LIMIT 1) AS last FROM due`,
    [after, floorOf(due), sweptUntil ?? '-infinity', due, retention],
  )
  const { rows, seen, last } = step!
  if (rows > 0)
    await new AuditService(tx).record('retention.applied', {
      details: { rule: `activity:forget ${retention}`, rows },
    })
  return { rows, last: seen < STEP ? null : last }
}

/** What a hold keeps is looked at again the next time. */
async function noteSweep(tx: Database, retention: ActivityRetention, due: Date): Promise<void> {
  await tx.query('LOCK TABLE legal_holds IN SHARE MODE')
  await tx.query(
    `INSERT INTO activity_sweeps (retention, swept_until)
     SELECT $1, least($2::timestamptz, min(occurred_at)) FROM activity_events
     WHERE retention = $1 AND occurred_at < $2 AND ${IS_HELD}
     ON CONFLICT (retention) DO UPDATE SET swept_until = excluded.swept_until`,
    [retention, due],
  )
}

/** Drops the months that the longest class is over for and in which nothing is left; returns their names. */
export async function dropEmptyMonths(db: Database, stopping: AbortSignal): Promise<string[]> {
  const dropped: string[] = []
  for (const { name, from, until } of await pastPartitionsOf(
    db,
    'activity_events',
    ACTIVITY_SPANS[ActivityRetention.LONG],
  )) {
    const [row] = await db.query<{ isEmpty: boolean }>(
      `SELECT NOT EXISTS (SELECT FROM activity_events WHERE occurred_at >= $1 AND occurred_at < $2) AS "isEmpty"`,
      [from, until],
    )
    if (!row!.isEmpty) continue
    await untilUnlocked(() => db.query('SELECT drop_activity_partition($1)', [name]), stopping)
    dropped.push(name)
  }
  return dropped
}
