import { rejected, Rejected, UserErrorCode, type Problem } from '../../core/error'
import { DAY, later } from '../../core/clock'
import { newId, toGlobalId, type Id } from '../../core/id'
import { isLocale, LOCALE_ADVICE } from '../../core/locale'
import { momentsToText } from '../../core/moments'
import type { Page, PageRequest } from '../../core/page'
import { requireSession } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { ConsentService } from '../consent/consent.service'
import type { Saying } from '../notifier/notification-saying'
import { PeopleService, type PeopleFilter } from '../people/people.service'
import type { UserFilter } from '../user/user.service'
import { Announcement, type AnnouncementWords } from './announcement.entity'
import { AnnouncementRepository, type AnnouncementRow } from './announcement.repository'
import { recordEnd, type Whom } from './announcement-run'
import { sendAnnouncement } from './announcement.task'

export type { AnnouncementRow }

export interface NewAnnouncement {
  texts: readonly (AnnouncementWords & { language: string })[]
  audience: { everybody?: boolean | null; filter?: PeopleFilter | null }
  /** Only those are told who agree to this purpose; everybody where nothing is said. */
  purposeId?: string | null
  sendAt: Date | null
  /** As many as usual where nothing is said. */
  perMinute: number | null
}

/** What many people are told: made, looked at, and cancelled. `sendAnnouncement` tells them. */
export class AnnouncementService {
  private readonly announcements: AnnouncementRepository

  constructor(private readonly db: Database) {
    this.announcements = new AnnouncementRepository(db)
  }

  async lookup(ids: readonly Id[]): Promise<AnnouncementRow[]> {
    return this.announcements.lookup(ids)
  }

  async list(page: PageRequest): Promise<Page<AnnouncementRow>> {
    return this.announcements.list(page)
  }

  async count(): Promise<number> {
    return this.announcements.count()
  }

  /** What these say, for whoever was told of them. */
  async sayingsOf(ids: readonly Id[]): Promise<Map<Id, Saying>> {
    const said = await this.announcements.saidBy(ids)
    return new Map(
      said.map(({ id, texts, purposeId, isCancelled }) => [
        id,
        { texts, purposeId, isWithdrawn: isCancelled },
      ]),
    )
  }

  async countReaders(ids: readonly Id[]): Promise<{ id: Id; count: number }[]> {
    return this.announcements.countReaders(ids)
  }

  /**
   * Has people told something, from a moment on, so many of them a minute; and returns at once. They are looked for when their turn
   * comes, with what its author may see by then.
   * @throws Rejected INVALID, REQUIRED for texts, an audience and a moment that cannot be; NOT_FOUND for a role, group or purpose that is not there
   */
  async create({
    texts,
    audience,
    purposeId = null,
    sendAt,
    perMinute: wanted,
  }: NewAnnouncement): Promise<Id> {
    const { userId, sessionId } = requireSession(this.db.caller.viewer)
    const { requestId, reason = null } = this.db.caller
    const perMinute = wanted ?? PER_MINUTE.usual
    assertSaid(texts)
    assertWithin(this.db.now, { sendAt, perMinute })
    if (purposeId !== null) new ConsentService(this.db).assertKnown(purposeId, ['purposeId'])
    const filter = await this.filterOf(audience)
    return this.db.transaction(async (tx) => {
      const { now } = tx
      const id = newId(now)
      const startsAt = sendAt !== null && sendAt > now ? sendAt : now
      const stored = momentsToText<Whom>({ filter, reason })
      await new AnnouncementRepository(tx).add({
        id,
        createdById: userId,
        sessionId,
        requestId,
        texts: Object.fromEntries(texts.map(({ language, subject, text }) => [language, { subject, text }])),
        whom: await tx.codec.seal(Announcement, 'whom', { id, ownerId: userId }, stored),
        isForEverybody: filter === null,
        purposeId,
        perMinute,
        sendAt: startsAt,
        nextAt: startsAt,
        servedUpTo: null,
        servedCount: 0,
        toldCount: 0,
        mailedCount: 0,
        createdAt: now,
        startedAt: null,
        endedAt: null,
        isCancelled: false,
        failureCount: 0,
        failure: null,
      })
      await new AuditService(tx).record('announcement.created', {
        target: toGlobalId('announcement', id),
        details: { sendAt: startsAt.toISOString(), isForEverybody: filter === null },
      })
      if (startsAt <= now) await tx.enqueue(sendAnnouncement, { announcementId: id })
      return id
    })
  }

  /**
   * Stops an announcement: nobody else is told, and mails about it that have not left stay, be it that everybody has had their turn. Who was told, was.
   * @throws Rejected NOT_FOUND where it was cancelled before
   */
  async cancel(id: Id): Promise<Id> {
    return this.db.transaction(async (tx) => {
      const announcements = new AnnouncementRepository(tx)
      const announcement = await announcements.lock(id)
      const refused = (message: string) => rejected('announcementId', UserErrorCode.NOT_FOUND, message)
      if (!announcement) throw refused('There is no such announcement.')
      if (announcement.isCancelled) throw refused('This announcement was cancelled before.')
      const cancelled = { ...announcement, isCancelled: true, endedAt: announcement.endedAt ?? tx.now }
      await announcements.save(cancelled)
      await recordEnd(tx, cancelled)
      return id
    })
  }

  /** @throws Rejected as `create` does */
  private async filterOf({ everybody, filter }: NewAnnouncement['audience']): Promise<UserFilter | null> {
    if ((everybody === true) === (filter != null)) {
      const message = 'Say whom it is for: either `everybody: true` or `filter`.'
      throw rejected('audience', UserErrorCode.INVALID, message)
    }
    return filter == null ? null : new PeopleService(this.db).resolveAll(filter, ['audience', 'filter'])
  }
}

/** @throws Rejected */
function assertSaid(texts: NewAnnouncement['texts']): void {
  const problems = texts.flatMap(({ language }, index): Problem[] => {
    const field = ['texts', `${index}`, 'language']
    if (!isLocale(language)) return [{ code: UserErrorCode.INVALID, field, message: LOCALE_ADVICE }]
    const isTwice = texts.findIndex((each) => each.language === language) < index
    return isTwice
      ? [{ code: UserErrorCode.INVALID, field, message: 'This language stands in the list twice.' }]
      : []
  })
  if (problems.length > 0) throw new Rejected(...problems)
}

/** How many people may have their turn in a minute, and have it where nobody says how many. */
const PER_MINUTE = { least: 60, usual: 6_000, most: 60_000 }

/** How long before an announcement may be made, in milliseconds. */
const AHEAD = 365 * DAY

/** @throws Rejected */
function assertWithin(
  now: Date,
  { sendAt, perMinute }: Pick<Announcement, 'perMinute'> & Pick<NewAnnouncement, 'sendAt'>,
): void {
  if (perMinute < PER_MINUTE.least || perMinute > PER_MINUTE.most)
    throw rejected(
      'perMinute',
      UserErrorCode.INVALID,
      'Between 60 and 60000 people can have their turn in a minute.',
    )
  if (sendAt !== null && sendAt > later(now, AHEAD))
    throw rejected('sendAt', UserErrorCode.INVALID, 'Within a year at most.')
}
