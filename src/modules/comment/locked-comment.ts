import { notFound, rejected, UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import { requireSignedIn } from '../../core/viewer'
import type { Database } from '../../db/database'
import { publish } from '../../db/event-stream'
import { AuthorityService } from '../role/authority.service'
import type { Comment } from './comment.entity'
import { CommentRepository } from './comment.repository'
import { notifyOfComment } from './notify-of-comment'
import type { Thread } from './thread.entity'
import type { ThreadEventKind } from './thread-event'
import { threadTopic } from './thread-event'
import { ThreadRepository } from './thread.repository'

export interface LockedComment {
  comment: Comment
  thread: Thread
}

/** A comment that the viewer sees, and the thread that it is part of, both locked. @throws ApiError NOT_FOUND */
export async function lockComment(tx: Database, commentId: Id): Promise<LockedComment> {
  const [seen] = await new CommentRepository(tx).lookup([commentId])
  const found = seen && (await lockWithThread(tx, commentId, seen.postId))
  if (!found) throw notFound('comment')
  return found
}

/** A comment to a post, and its thread, both locked: the thread first, as whoever adds one does. Null for one that was deleted. */
export async function lockWithThread(tx: Database, commentId: Id, postId: Id): Promise<LockedComment | null> {
  const thread = await new ThreadRepository(tx).lock(postId)
  const comment = await new CommentRepository(tx).lock(commentId)
  return comment && { comment, thread }
}

/**
 * Whether the viewer may decide about what somebody has written: themselves, or by their role as it stands by now.
 * @throws Rejected NOT_PERMITTED about somebody above them
 */
export async function mayModerate(tx: Database, authorId: Id): Promise<boolean> {
  const { userId } = requireSignedIn(tx.caller.viewer)
  return authorId === userId || new AuthorityService(tx).mayActOn(authorId, 'posts:moderate')
}

/** Tells whoever follows the thread, and whom it concerns, what has happened to a comment. */
export async function tell(tx: Database, comment: Comment, kind: ThreadEventKind): Promise<void> {
  await notifyOfComment(tx, comment, kind)
  await publish(tx, [threadTopic(comment.postId)], { kind, commentId: comment.id })
}

/** Whether a comment counts in its thread. */
export const counts = ({ deletedAt, removedAt, heldAt }: Comment): boolean =>
  deletedAt === null && removedAt === null && heldAt === null

/** Saves a locked comment, counts its version, and how many comments there are in its thread, which is locked. */
export async function saveChange(
  tx: Database,
  { comment, thread }: { comment: Comment; thread: Thread },
  changes: Partial<Comment>,
): Promise<Comment> {
  const changed: Comment = { ...comment, ...changes, version: comment.version + 1 }
  const comments = new CommentRepository(tx)
  await comments.save(changed)
  await countBy(tx, thread, Number(counts(changed)) - Number(counts(comment)))
  if (comment.isUnseen && !changed.isUnseen && comment.parentId) await comments.countReply(comment.parentId)
  return changed
}

/** So many more comments count in a thread, which is locked. */
export async function countBy(tx: Database, thread: Thread, more: number): Promise<void> {
  if (more !== 0) await new ThreadRepository(tx).save({ ...thread, commentCount: thread.commentCount + more })
}

/** @throws Rejected NOT_PERMITTED for what moderation has removed */
export function assertNotRemoved({ removedAt }: Pick<Comment, 'removedAt'>): void {
  if (removedAt !== null)
    throw rejected('commentId', UserErrorCode.NOT_PERMITTED, 'It was removed. Ask whoever moderates.')
}

/** Whoever decides about what waits decides about what they have read. @throws Rejected NOT_PERMITTED */
export function assertNotWaiting({ heldAt }: Pick<Comment, 'heldAt'>, field: string): void {
  if (heldAt !== null)
    throw rejected(
      field,
      UserErrorCode.NOT_PERMITTED,
      'It waits for a moderator. Wait until one has decided.',
    )
}
