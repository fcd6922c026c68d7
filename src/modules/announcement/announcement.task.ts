import { setTimeout as sleep } from 'node:timers/promises'
import { SECOND } from '../../core/clock'
import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { isRetryable } from '../../db/database-error'
import { defineTask, type Task } from '../../db/task'
import { defineRetention } from '../retention/retention'
import { noteFailure, tellNext, type Next } from './announcement-run'
import { Announcement } from './announcement.entity'
import { AnnouncementRepository } from './announcement.repository'

/** How long an announcement goes on before it lets other jobs have their turn, in milliseconds. */
const TURN = 10 * SECOND

/** Tells those whom an announcement is for, as fast as it may. What a process was doing when it died another goes on with. */
export const sendAnnouncement: Task<{ announcementId: Id }> = defineTask<{ announcementId: Id }>({
  name: 'announcement:send',
  work: async ({ db, payload, stopping }) => {
    const { announcementId } = payload
    const end = performance.now() + TURN
    for (let next = await tryNext(db, announcementId); next; next = await tryNext(db, announcementId)) {
      stopping.throwIfAborted()
      const wait = next.nextAt.getTime() - db.now.getTime()
      if (performance.now() + wait > end)
        return db.enqueue(sendAnnouncement, payload, { key: announcementId, runAt: next.nextAt })
      if (wait > 0) await sleep(wait, null, { signal: stopping }).catch(() => stopping.throwIfAborted())
    }
  },
})

/** What goes wrong is noted with the announcement, which is tried again when that says so; the job is done. */
async function tryNext(db: Database, announcementId: Id): Promise<Next> {
  try {
    return await tellNext(db, announcementId)
  } catch (error) {
    if (isRetryable(error)) throw error
    db.tools.onEffectError(error)
    await noteFailure(db, announcementId, error)
    return null
  }
}

/** Begins those whose time has come, and goes on with those that a process has left. */
export const sendDueAnnouncements = defineTask({
  name: 'announcement:send-due',
  schedule: '* * * * *',
  work: async ({ db }) => {
    for (const announcementId of await new AnnouncementRepository(db).due())
      await db.enqueue(sendAnnouncement, { announcementId }, { key: announcementId })
  },
})

export const forgetOldAnnouncements = defineRetention({
  name: 'announcement:forget-old',
  schedule: '17 3 * * *',
  entity: Announcement,
  retention: '90 days after it ends',
  since: 'ended_at',
})
