import { toGlobalId, type Id } from '../../core/id'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { ModerationDecisionService } from '../moderation-decision/moderation-decision.service'
import { nothingToHide } from '../post/remove-post'
import type { Comment } from './comment.entity'
import { CommentRepository } from './comment.repository'
import { lockWithThread, saveChange, tell, type LockedComment } from './locked-comment'
import { ThreadEventKind } from './thread-event'

/**
 * Takes the text of a comment from its readers, or gives it back as it was, be that hidden, whoever sees the post by now; its author,
 * and whoever moderates them, read it still. Nothing happens where it is gone, or so already. Whether the viewer may, the use case asks.
 */
export async function setCommentRemoved(tx: Database, commentId: Id, isRemoved: boolean): Promise<void> {
  const locked = await lockAnywhere(tx, commentId)
  if (!locked || (locked.comment.removedAt !== null) === isRemoved) return
  const isHidden = !isRemoved && (await new ModerationDecisionService(tx).isHidden(commentId))
  const changed = await saveChange(tx, locked, {
    removedAt: isRemoved ? tx.now : null,
    heldAt: isHidden ? tx.now : null,
    isHidden,
    isUnseen: (isRemoved || isHidden) && locked.comment.isUnseen,
  })
  await new AuditService(tx).record(isRemoved ? 'comment.removed' : 'comment.reinstated', about(changed))
  const { COMMENT_REMOVED, COMMENT_HELD, COMMENT_REINSTATED } = ThreadEventKind
  const given = isHidden ? COMMENT_HELD : shownAs(locked.comment, COMMENT_REINSTATED)
  await tell(tx, changed, isRemoved ? COMMENT_REMOVED : given)
}

/**
 * Hides what a comment says until its author has changed it and a moderator agrees; false where it is gone, or hidden already. As
 * `setCommentRemoved`.
 * @throws Rejected INVALID for what was removed
 */
export async function hideComment(tx: Database, commentId: Id): Promise<boolean> {
  const locked = await lockAnywhere(tx, commentId)
  if (!locked || locked.comment.isHidden) return false
  if (locked.comment.removedAt !== null) throw nothingToHide()
  const hidden = await saveChange(tx, locked, { heldAt: tx.now, isHidden: true })
  await new AuditService(tx).record('comment.hidden', about(hidden))
  await tell(tx, hidden, ThreadEventKind.COMMENT_HELD)
  return true
}

/** Lets a comment go to its readers that waits for a moderator; false where it is gone, or does not. As `setCommentRemoved`. */
export async function approveComment(tx: Database, commentId: Id): Promise<boolean> {
  const locked = await lockAnywhere(tx, commentId)
  if (!locked || locked.comment.heldAt === null || locked.comment.isHidden) return false
  return show(tx, locked)
}

/** The same for what is hidden, where no decision holds by which it is. */
export async function showComment(tx: Database, commentId: Id): Promise<boolean> {
  const locked = await lockAnywhere(tx, commentId)
  if (!locked?.comment.isHidden) return false
  if (await new ModerationDecisionService(tx).isHidden(commentId)) return false
  return show(tx, locked)
}

async function show(tx: Database, locked: LockedComment): Promise<true> {
  const shown = await saveChange(tx, locked, { heldAt: null, isUnseen: false, isHidden: false })
  await new AuditService(tx).record('comment.approved', about(shown))
  await tell(tx, shown, shownAs(locked.comment, ThreadEventKind.COMMENT_APPROVED))
  return true
}

/** A comment and its thread, both locked, whoever sees the post; null where it is gone. */
async function lockAnywhere(tx: Database, commentId: Id) {
  const postId = await new CommentRepository(tx).postOf(commentId)
  return postId === null ? null : lockWithThread(tx, commentId, postId)
}

const about = ({ id, authorId }: Comment) => ({ subjectId: authorId, target: toGlobalId('comment', id) })

/** Of what nobody has seen before, followers are told as of any that is added. */
const shownAs = ({ isUnseen }: Comment, otherwise: ThreadEventKind): ThreadEventKind =>
  isUnseen ? ThreadEventKind.COMMENT_ADDED : otherwise
