import type { Id } from '../../core/id'
import { Database } from '../../db/database'
import type { Tools } from '../../db/tools'
import { ConsentService } from '../consent/consent.service'
import { UserService } from '../user/user.service'
import { ActivityBuffer } from './activity-buffer'
import { ActivityRepository, type NewActivity } from './activity.repository'

/** What one request tells. */
export interface ActivityBatch {
  /** Who it was; null for a visitor. */
  personId: Id | null
  /** What their client calls a visitor, who they have turned out to be where somebody is signed in. */
  anonymousId: Id | null
  rows: readonly { event: NewActivity; purposeId: string }[]
}

/** What became of a batch. */
export interface Stored {
  accepted: number
  duplicates: number
  withheld: number
}

/** A minute of what one process takes at its fastest would be far more; a client that is told to wait keeps its events. */
export const LIMITS = { rows: 20_000, rowsAtOnce: 2_000, commits: 2 }

type Buffer = ActivityBuffer<ActivityBatch['rows'][number], ActivityBatch, Stored>

const buffers = new WeakMap<Tools, Buffer>()

/** Where this process collects what is told, until it is stored. */
export function bufferOf(tools: Tools): Buffer {
  const known = buffers.get(tools)
  if (known) return known
  const db = Database.of(tools)
  const made: Buffer = new ActivityBuffer((batches) => store(db, batches), LIMITS)
  buffers.set(tools, made)
  return made
}

/** Stores what these requests tell, as far as people agree at this moment, with one statement and one commit. */
async function store(db: Database, batches: readonly ActivityBatch[]): Promise<Stored[]> {
  const isAgreed = await agreementOf(db, batches)
  const kept = batches.map(({ personId, rows }) =>
    rows
      .filter(({ purposeId }) => personId === null || isAgreed(personId, purposeId))
      .map(({ event }) => event),
  )
  const events = kept.flat()
  if (events.length === 0)
    return batches.map(({ rows }) => ({ accepted: 0, duplicates: 0, withheld: rows.length }))
  const links = batches.flatMap(({ personId, anonymousId }, index) =>
    personId === null || anonymousId === null || kept[index]!.length === 0
      ? []
      : [{ id: anonymousId, personId, linkedAt: db.now }],
  )
  const added = new Set(await new ActivityRepository(db).add(events, links))
  return batches.map(({ rows }, index) => {
    // Of two that tell the same at once, the first one has told it.
    const accepted = kept[index]!.filter(({ id }) => added.delete(id)).length
    return {
      accepted,
      duplicates: kept[index]!.length - accepted,
      withheld: rows.length - kept[index]!.length,
    }
  })
}

/** Whether what somebody does may be kept for a purpose: they have agreed, and their data is not kept and no more (GDPR art. 18). */
async function agreementOf(
  db: Database,
  batches: readonly ActivityBatch[],
): Promise<(personId: Id, purposeId: string) => boolean> {
  const wanted = new Map<string, Set<Id>>()
  for (const { personId, rows } of batches)
    if (personId !== null)
      for (const { purposeId } of rows)
        wanted.set(purposeId, (wanted.get(purposeId) ?? new Set()).add(personId))
  if (wanted.size === 0) return () => false
  const people = [...new Set([...wanted.values()].flatMap((ids) => [...ids]))]
  const shown = await new UserService(db).shownAmong(people)
  const consents = new ConsentService(db)
  const agreed = new Map<string, Set<Id>>()
  for (const [purposeId, ids] of wanted)
    agreed.set(
      purposeId,
      await consents.consenting(
        [...ids].filter((id) => shown.has(id)),
        purposeId,
      ),
    )
  return (personId, purposeId) => agreed.get(purposeId)?.has(personId) ?? false
}
