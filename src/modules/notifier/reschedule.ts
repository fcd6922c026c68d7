import { later } from '../../core/clock'
import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { NotifierRepository } from './notifier.repository'
import { GATHERING, NotifierService, PAUSE } from './notifier.service'

/**
 * Decides anew when people are written to of what they have yet to be told: how they want to be told, or where they live, may be another
 * thing by now. What is due already stays so; the job asks again. Whoever wants summaries by now gets one of what there is to tell.
 */
export async function reschedule(db: Database, userIds: readonly Id[]): Promise<void> {
  await db.transaction(async (tx) => {
    const notifier = new NotifierRepository(tx)
    const people = await notifier.waiting(userIds)
    if (people.length === 0) return
    const settings = await new NotifierService(tx).settingsOf(people)
    const { now } = tx
    const mails = await notifier.mailsOf(people.map(({ userId }) => userId))
    await notifier.setMailsDue(
      mails.map(({ notificationId, userId, createdAt, mailedAt }) => {
        const ready = mailedAt === null ? later(createdAt, GATHERING) : later(mailedAt, PAUSE)
        return { notificationId, dueAt: settings.get(userId)!.undisturbedFrom(ready > now ? ready : now) }
      }),
    )
    const digests = await notifier.digestsOf(people.map(({ userId }) => userId))
    await notifier.removeDigests(
      digests.flatMap(({ userId }) => (settings.get(userId)!.wantsDigests ? [] : userId)),
    )
    await notifier.setDigestsDue(
      digests.flatMap(({ userId, slotAt }) => {
        const of = settings.get(userId)!
        // One whose time has come and which was put off is not skipped, whenever the next one is.
        const due = slotAt <= now ? { slotAt, dueAt: of.undisturbedFrom(now) } : of.nextDigest(now)
        return of.wantsDigests && due !== null ? [{ userId, ...due }] : []
      }),
    )
    await notifier.addDigests(
      (await notifier.untoldAmong(people.map(({ userId }) => userId))).flatMap((userId) => {
        const due = settings.get(userId)!.nextDigest(now)
        return due === null ? [] : [{ userId, ...due }]
      }),
    )
  })
}

/** How many members of a group are looked at in one transaction. */
const AT_ONCE = 200

/** The members of a group who have something to come, some at a time. */
export async function* waitingMembers(db: Database, groupId: Id): AsyncGenerator<Id[]> {
  let members: Id[] | null = null
  do {
    members = await new NotifierRepository(db).waitingMembers(groupId, members?.at(-1) ?? null, AT_ONCE)
    if (members.length > 0) yield members
  } while (members.length === AT_ONCE)
}
