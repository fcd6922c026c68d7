import { defineLoader, keyed } from '../../context/loader'
import type { Id } from '../../core/id'
import type { AnnouncementRow } from './announcement.repository'
import { AnnouncementService } from './announcement.service'

export type { AnnouncementRow }

export const announcementById = defineLoader<Id, AnnouncementRow>(async (db, ids) =>
  keyed(await new AnnouncementService(db).lookup(ids), 'id'),
)

/** How many of those who were told of these have read it. */
export const readersOfAnnouncement = defineLoader<Id, number, number>(
  async (db, ids) =>
    new Map((await new AnnouncementService(db).countReaders(ids)).map(({ id, count }) => [id, count])),
  0,
)
