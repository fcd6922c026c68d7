import { notFound, rejected, UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import { viewerId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { removeDue } from '../../db/retention'
import { AuditService } from '../audit/audit.service'
import { ModerationDecisionService } from '../moderation-decision/moderation-decision.service'
import { ThrottleService } from '../throttle/throttle.service'
import { aboutPost } from './about-post'
import { lockEditable, requireReach, saveChange, type ContentPermission } from './locked-post'
import type { Post } from './post.entity'
import { PostRepository } from './post.repository'
import { PostStatus } from './post-status'
import { TRASHED, trashSince } from './trashed'

/**
 * Moves a post to the trash: one's own, or with `posts:moderate` one of somebody else that was removed. Returns its id.
 * @throws ApiError NOT_FOUND, RATE_LIMITED; Rejected NOT_PERMITTED
 */
export async function trashPost(db: Database, postId: Id): Promise<Id> {
  await new ThrottleService(db).tryWriting()
  return db.transaction(async (tx) => {
    const post = await lockEditable(tx, postId)
    assertOwnOrRemoved(tx, post)
    const isHidden = await new ModerationDecisionService(tx).isHidden(post.id)
    await saveChange(tx, post, { ...takenBack(post, isHidden), publishAt: null, deletedAt: tx.now })
    await new AuditService(tx).record('post.deleted', aboutPost(post))
    return post.id
  })
}

/** Nothing is published that somebody has deleted, nor at once when it is restored too late; what waits for a moderator waits no more,
 * but what was hidden is hidden still. */
function takenBack({ status, publishedAt }: Post, isHidden: boolean): Pick<Post, 'status' | 'publishedAt'> {
  if (status === PostStatus.HELD && isHidden) return { status: PostStatus.HIDDEN, publishedAt }
  if (status === PostStatus.HELD) return { status: PostStatus.DRAFT, publishedAt: null }
  return { status: status === PostStatus.SCHEDULED ? PostStatus.DRAFT : status, publishedAt }
}

/** Nothing is taken from its readers without a decision, of which its author learns why; what they take themselves is theirs to bring back. */
function assertOwnOrRemoved({ caller }: Database, { authorId, status }: Post): void {
  if (authorId === viewerId(caller.viewer) || status === PostStatus.REMOVED) return
  throw rejected('postId', UserErrorCode.NOT_PERMITTED, 'Decide about it first, with `moderateContent`.')
}

/**
 * Takes a post out of the trash, as it was before: one's own, or with `posts:moderate` one of somebody else that was removed.
 * @throws ApiError NOT_FOUND, RATE_LIMITED. Rejected INVALID for what is not in the trash; NOT_PERMITTED
 */
export async function restorePost(db: Database, postId: Id): Promise<Post> {
  await new ThrottleService(db).tryWriting()
  return db.transaction(async (tx) => {
    await new ModerationDecisionService(tx).assertNotSilenced()
    const post = await lockTrashed(tx, postId, 'posts:moderate')
    assertOwnOrRemoved(tx, post)
    const restored = await saveChange(tx, post, { deletedAt: null })
    await new AuditService(tx).record('post.restored', aboutPost(post))
    return restored
  })
}

/**
 * Deletes for good what is in the trash: one's own, or with `posts:purge` anybody's. What has to be kept (see `TRASHED`) is in
 * nobody's trash any more, and goes as soon as it has not: that there is a hold, or a case, is not for its author to know. Returns the
 * post's id.
 * @throws ApiError NOT_FOUND, RATE_LIMITED. Rejected INVALID for what is not in the trash
 */
export async function purgePost(db: Database, postId: Id): Promise<Id> {
  await new ThrottleService(db).tryWriting()
  return db.transaction(async (tx) => {
    const post = await lockTrashed(tx, postId, 'posts:purge')
    await saveChange(tx, post, { deletedAt: trashSince(tx.now) })
    await removeDue(tx, TRASHED, 1, post.id)
    await new AuditService(tx).record('post.purged', aboutPost(post))
    return post.id
  })
}

async function lockTrashed(tx: Database, postId: Id, permission: ContentPermission): Promise<Post> {
  const post = await requireReach(tx, await new PostRepository(tx).lockAnywhere(postId), permission)
  if (post.deletedAt === null)
    throw rejected('postId', UserErrorCode.INVALID, 'It is not in the trash. Delete it first.')
  if (post.deletedAt <= trashSince(tx.now)) throw notFound('post')
  return post
}
