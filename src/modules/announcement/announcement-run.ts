import { HOUR, later, MINUTE } from '../../core/clock'
import { toGlobalId, type Id } from '../../core/id'
import { momentsFromText } from '../../core/moments'
import { nextAttempt, type Timetable } from '../../core/retry'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { ConsentService } from '../consent/consent.service'
import { NotificationKind } from '../notification/notification-kind'
import { NotifierService } from '../notifier/notifier.service'
import { PeopleService } from '../people/people.service'
import { callerByNow } from '../role/caller-by-now'
import { UserService, type UserFilter } from '../user/user.service'
import { Announcement } from './announcement.entity'
import { AnnouncementRepository, groupOf } from './announcement.repository'

/** Whom an announcement is for, as it is stored. */
export interface Whom {
  /** Null for everybody. */
  filter: UserFilter | null
  /** Why, where the request said so: some roles give nothing without a reason. */
  reason: string | null
}

/** How many people have their turn at once, at most: few enough that it takes a fraction of a second, after which it can be cancelled. */
const AT_ONCE = 200

/** What is next: nothing, as it has ended, or the next people, from a moment on. */
export type Next = null | { nextAt: Date }

/**
 * Tells the next of those whom an announcement is for, where their turn has come. That they are told, and that they have had their
 * turn, is one transaction.
 */
export async function tellNext(db: Database, id: Id): Promise<Next> {
  return db.transaction(async (tx) => {
    const announcements = new AnnouncementRepository(tx)
    const announcement = await announcements.lock(id)
    if (!announcement || announcement.endedAt) return null
    const { now } = tx
    if (announcement.nextAt > now) return { nextAt: announcement.nextAt }
    const people = await peopleFor(tx, announcement)
    const told = people === null ? NOBODY_TOLD : await tell(tx, announcement, people)
    const served = people?.length ?? 0
    const isOver = served < atOnce(announcement)
    const updated: Announcement = {
      ...announcement,
      servedUpTo: people?.at(-1) ?? announcement.servedUpTo,
      servedCount: announcement.servedCount + served,
      toldCount: announcement.toldCount + told.toldCount,
      mailedCount: announcement.mailedCount + told.mailedCount,
      nextAt: later(now, (served / announcement.perMinute) * MINUTE),
      failureCount: 0,
      startedAt: announcement.startedAt ?? now,
      endedAt: isOver ? now : null,
      // Whoever made it is gone, or may not send it any more, or nobody could be found by then.
      isCancelled: people === null,
    }
    await announcements.save(updated)
    if (!isOver) return { nextAt: updated.nextAt }
    await recordEnd(tx, updated)
    return null
  })
}

/** No more than in a minute. */
const atOnce = ({ perMinute }: Announcement): number => Math.min(AT_ONCE, perMinute)

const NOBODY_TOLD = { toldCount: 0, mailedCount: 0 }

/** Those whose turn is next; null where nobody is told any more. */
async function peopleFor(tx: Database, announcement: Announcement): Promise<Id[] | null> {
  const { createdById, createdAt, sessionId, requestId, servedUpTo } = announcement
  if (createdById === null) return null
  const row = { ...announcement, ownerId: createdById }
  const [text] = await tx.codec.open(Announcement, 'whom', [row], ({ whom }) => whom)
  if (text == null) return null
  const { filter, reason } = momentsFromText<Whom>(text)
  const caller = await callerByNow(tx, {
    userId: createdById,
    sessionId,
    authenticatedAt: createdAt,
    requestId,
    reason,
  })
  if (!caller?.viewer.permissions.has('announcements:send')) return null
  const users = new UserService(tx.as(caller))
  const wanted = filter ?? {}
  if (!users.canFilterBy(wanted) || !(await new PeopleService(tx).isThere(wanted))) return null
  return users.findIds(wanted, servedUpTo, atOnce(announcement))
}

async function tell(tx: Database, { id, purposeId }: Announcement, people: readonly Id[]) {
  const groupKey = groupOf(id)
  const agreeing = purposeId === null ? null : await new ConsentService(tx).consenting(people, purposeId)
  return new NotifierService(tx).tell(
    { key: groupKey, actorId: null, postId: null, target: toGlobalId('announcement', id) },
    people
      .filter((userId) => agreeing?.has(userId) ?? true)
      .map((userId) => ({ userId, kind: NotificationKind.ANNOUNCEMENT, groupKey })),
  )
}

/**
 * How long is waited after each try that has failed, in milliseconds: over four hours in all, in which whoever operates Portico can see
 * what is the matter. After the last one it is given up.
 */
const TIMETABLE: Timetable = {
  waits: [MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR],
  jitter: (wait) => wait,
}

/** Notes that the next people could not be told, and has it tried again later, or gives it up. */
export async function noteFailure(db: Database, id: Id, error: unknown): Promise<void> {
  await db.transaction(async (tx) => {
    const announcements = new AnnouncementRepository(tx)
    const announcement = await announcements.lock(id)
    if (!announcement || announcement.endedAt) return
    const { now } = tx
    const failureCount = announcement.failureCount + 1
    const nextAt = nextAttempt(TIMETABLE, failureCount, now, null)
    if (nextAt !== null) return announcements.save({ ...announcement, failureCount, nextAt })
    const failed = { ...announcement, failureCount, endedAt: now, failure: codeOf(error) }
    await announcements.save(failed)
    await recordEnd(tx, failed)
  })
}

/** What is known of an error without its words, which may tell of people. */
function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown }
  return typeof code === 'string' ? code : 'UNEXPECTED'
}

/** Notes in the trail that an announcement has ended, and how. */
export async function recordEnd(tx: Database, announcement: Announcement): Promise<void> {
  const { id, createdById, isCancelled, failure, servedCount, toldCount } = announcement
  const ended = isCancelled ? 'cancelled' : failure === null ? 'sent' : 'failed'
  await new AuditService(tx).record(`announcement.${ended}`, {
    subjectId: createdById,
    target: toGlobalId('announcement', id),
    details: { served: servedCount, told: toldCount },
  })
}
