import type { Announcement } from './announcement.entity'

/** Where an announcement stands. */
export enum AnnouncementStatus {
  SCHEDULED = 'scheduled',
  SENDING = 'sending',
  SENT = 'sent',
  CANCELLED = 'cancelled',
  FAILED = 'failed',
}

export function statusOf({
  startedAt,
  endedAt,
  isCancelled,
  failure,
}: Pick<Announcement, 'startedAt' | 'endedAt' | 'isCancelled' | 'failure'>): AnnouncementStatus {
  if (isCancelled) return AnnouncementStatus.CANCELLED
  if (failure !== null) return AnnouncementStatus.FAILED
  if (endedAt) return AnnouncementStatus.SENT
  return startedAt ? AnnouncementStatus.SENDING : AnnouncementStatus.SCHEDULED
}
