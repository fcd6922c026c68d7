import { spanOf } from '../../core/personal-data'
import type { Database } from '../../db/database'
import { untilUnlocked } from '../../db/lock-timeout'
import { pastPartitionsOf, type Partition } from '../../db/partitions'
import { classifiedTables } from '../../db/personal-tables'
import type { AuditDetails } from './audit-event'
import { AuditService } from './audit.service'
import { TRAILS, type Trail } from './trail-row'

/** How long the trail is kept (HIPAA § 164.316 (b) (2) (i)). */
export const KEPT_FOR = spanOf('6 years')!

/** A partition of the trail of which every row is older than the trail is kept. */
export interface PastPartition extends Partition {
  trail: Trail
  rows: number
  /** On how many people of whom it tells a legal hold is in force; it stays while there is one. */
  held: number
}

/** The partitions whose time is over, the oldest first. The event of one that is dropped must not be too early; see `pastPartitionsOf`. */
export async function pastPartitions(db: Database): Promise<PastPartition[]> {
  const past: PastPartition[] = []
  for (const trail of TRAILS) {
    for (const found of await pastPartitionsOf(db, trail, KEPT_FOR)) {
      const partition = { ...found, trail }
      const [counted] = await db.query<{ rows: number }>(
        `SELECT count(*)::int AS rows FROM ${trail} WHERE ${IN_SPAN}`,
        spanIn(partition),
      )
      past.push({ ...partition, rows: counted!.rows, held: await countHeld(db, partition) })
    }
  }
  return past
}

/**
 * Drops a partition that `pastPartitions` has told, and says so in the trail. False where it stays for a legal hold: one that is
 * being placed is waited for. Whoever reads or writes the trail holds it up, and is not held up by it.
 * @throws Error when PostgreSQL refuses it, or somebody reads or writes the trail for minutes.
 */
export const dropPartition = (
  db: Database,
  partition: PastPartition,
  stopping?: AbortSignal,
): Promise<boolean> => untilUnlocked(() => tryToDrop(db, partition), stopping)

const tryToDrop = (db: Database, partition: PastPartition): Promise<boolean> =>
  db.transaction(async (tx) => {
    await tx.query('LOCK TABLE legal_holds IN SHARE MODE')
    if ((await countHeld(tx, partition)) > 0) return false
    const { name, trail, from, until, rows } = partition
    // What the partition says of those that were dropped before goes with it; entries of their rows stay, so it is said again.
    const before = trail === 'audit_events' ? await droppedIn(tx, partition) : []
    const said = { table: trail, from: from?.toISOString() ?? null, until: until.toISOString(), rows }
    await new AuditService(tx).recordAll(
      'trail.partition-dropped',
      [...before, said].map((details) => ({ details })),
    )
    // Last: from here to the end of the transaction nobody else can use the trail.
    await tx.query('SELECT drop_trail_partition($1)', [name])
    return true
  })

/** Drops what is past and not held; returns what it has dropped. */
export async function dropPastPartitions(db: Database, stopping: AbortSignal): Promise<PastPartition[]> {
  const dropped: PastPartition[] = []
  for (const partition of await pastPartitions(db)) {
    if (await dropPartition(db, partition, stopping)) dropped.push(partition)
  }
  return dropped
}

type Span = Pick<PastPartition, 'trail' | 'from' | 'until'>

const IN_SPAN = 'occurred_at >= $1 AND occurred_at < $2'
const spanIn = ({ from, until }: Span) => [from ?? '-infinity', until]

/** Of how many people under a legal hold a partition tells, as whoever acted, was acted for or acted on, or looked. */
async function countHeld(db: Database, span: Span): Promise<number> {
  const isNamed = namesOf(span.trail).map(
    (column) => `EXISTS (SELECT FROM ${span.trail} WHERE ${column} = hold.user_id AND ${IN_SPAN})`,
  )
  const [counted] = await db.query<{ held: number }>(
    `SELECT count(*)::int AS held FROM (SELECT DISTINCT user_id FROM legal_holds WHERE released_at IS NULL) hold
     WHERE ${isNamed.join(' OR ')}`,
    spanIn(span),
  )
  return counted!.held
}

/** The columns that name people. */
const namesOf = (trail: Trail): string[] =>
  classifiedTables()
    .find(({ name }) => name === trail)!
    .columns.filter(({ type, classification }) => type === 'uuid' && typeof classification === 'object')
    .map(({ name }) => name)

async function droppedIn(db: Database, span: Span): Promise<AuditDetails<'trail.partition-dropped'>[]> {
  const said = await db.query<{ details: AuditDetails<'trail.partition-dropped'> }>(
    `SELECT details FROM audit_events WHERE action = 'trail.partition-dropped' AND ${IN_SPAN} ORDER BY occurred_at, id`,
    spanIn(span),
  )
  return said.map(({ details }) => details)
}
