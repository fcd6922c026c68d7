import { toGlobalId, type Id } from '../../core/id'
import type { Database } from '../../db/database'
import { NotificationKind } from '../notification/notification-kind'
import { NotifierService, type Concerned } from '../notifier/notifier.service'
import type { Comment } from './comment.entity'
import { CommentRepository, type Concern } from './comment.repository'
import { ThreadEventKind } from './thread-event'

const KINDS: Record<Concern['why'], NotificationKind> = {
  mentioned: NotificationKind.MENTION,
  answered: NotificationKind.REPLY,
  'commented-on': NotificationKind.COMMENT,
}

/** What has happened to a comment of which people are told, and of which they no longer are. */
const IS_SHOWN: Partial<Record<ThreadEventKind, boolean>> = {
  [ThreadEventKind.COMMENT_ADDED]: true,
  [ThreadEventKind.COMMENT_APPROVED]: true,
  [ThreadEventKind.COMMENT_EDITED]: true,
  [ThreadEventKind.COMMENT_DELETED]: false,
  [ThreadEventKind.COMMENT_REMOVED]: false,
  [ThreadEventKind.COMMENT_HELD]: false,
}

/**
 * Tells those whom a comment concerns: whom it mentions, whom it answers, and whose post it is about; each once, whatever becomes of
 * it, and nobody any more once it is gone.
 */
export async function notifyOfComment(
  tx: Database,
  { id, authorId, postId }: Comment,
  what: ThreadEventKind,
): Promise<void> {
  const isShown = IS_SHOWN[what]
  if (isShown === undefined) return
  const notifier = new NotifierService(tx)
  const key = toGlobalId('comment', id)
  if (!isShown) return notifier.retract(key)
  const concerned = (await new CommentRepository(tx).concernedBy(id)).map(
    ({ userId, why, aboutId }): Concerned => ({ userId, kind: KINDS[why], groupKey: groupOf(why, aboutId) }),
  )
  await notifier.tell({ key, actorId: authorId, target: key, postId }, concerned)
}

const groupOf = (why: Concern['why'], aboutId: Id): string => `${why}:${aboutId}`
