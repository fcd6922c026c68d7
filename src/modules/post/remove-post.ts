import { rejected, UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { ModerationDecisionService } from '../moderation-decision/moderation-decision.service'
import { aboutPost } from './about-post'
import { saveChange } from './locked-post'
import { published } from './new-post'
import type { Post } from './post.entity'
import { PostRepository } from './post.repository'
import { PostStatus, READABLE } from './post-status'

/**
 * Takes a post from its readers, or gives it back as it was before, be that hidden, wherever it is: in the trash it comes back so.
 * Nothing happens where it is gone, or so already. Whether the viewer may, the use case asks.
 */
export async function setPostRemoved(tx: Database, postId: Id, isRemoved: boolean): Promise<void> {
  const post = await new PostRepository(tx).lockAnywhere(postId)
  if (!post || (post.status === PostStatus.REMOVED) === isRemoved) return
  const isHidden = await new ModerationDecisionService(tx).isHidden(postId)
  await saveChange(tx, post, isRemoved ? removed(post, tx.now) : { status: statusBefore(post, isHidden) })
  await new AuditService(tx).record(isRemoved ? 'post.removed' : 'post.reinstated', aboutPost(post))
}

/**
 * Hides a post from its readers until its author has changed it and a moderator agrees; false where it is gone, or hidden already. As
 * `setPostRemoved`.
 * @throws Rejected INVALID for what others do not read
 */
export async function hidePost(tx: Database, postId: Id): Promise<boolean> {
  const post = await new PostRepository(tx).lockAnywhere(postId)
  if (!post || post.status === PostStatus.HIDDEN) return false
  if (!HIDEABLE.includes(post.status)) throw nothingToHide()
  const { now } = tx
  const publishedAt = post.publishedAt ?? now
  await saveChange(tx, post, { status: PostStatus.HIDDEN, publishAt: null, publishedAt }, now)
  await new AuditService(tx).record('post.hidden', aboutPost(post))
  return true
}

/** What others read, or are about to. */
const HIDEABLE: readonly PostStatus[] = [...READABLE, PostStatus.HELD]

export const nothingToHide = () =>
  rejected('action', UserErrorCode.INVALID, 'Others do not read it, so there is nothing to hide.')

/** Lets a post go to its readers that waits for a moderator; false where it is gone, or does not. As `setPostRemoved`. */
export async function approvePost(tx: Database, postId: Id): Promise<boolean> {
  const post = await new PostRepository(tx).lockAnywhere(postId)
  if (post?.status !== PostStatus.HELD) return false
  return show(tx, post)
}

/** The same for what is hidden, where no decision holds by which it is. */
export async function showPost(tx: Database, postId: Id): Promise<boolean> {
  const post = await new PostRepository(tx).lockAnywhere(postId)
  if (post?.status !== PostStatus.HIDDEN) return false
  if (await new ModerationDecisionService(tx).isHidden(postId)) return false
  return show(tx, post)
}

async function show(tx: Database, post: Post): Promise<true> {
  const { now } = tx
  const status = post.archivedAt ? PostStatus.ARCHIVED : PostStatus.PUBLISHED
  await saveChange(tx, post, { ...published(now), status, publishedAt: post.publishedAt ?? now }, now)
  await new AuditService(tx).record('post.approved', aboutPost(post))
  return true
}

/** Should it be given back, it is what its author wanted it to be. */
const removed = ({ publishedAt, status }: Post, now: Date): Partial<Post> => ({
  status: PostStatus.REMOVED,
  publishAt: null,
  publishedAt: publishedAt ?? (status === PostStatus.HELD ? now : null),
})

function statusBefore({ archivedAt, publishedAt }: Post, isHidden: boolean): PostStatus {
  if (isHidden) return PostStatus.HIDDEN
  if (archivedAt) return PostStatus.ARCHIVED
  return publishedAt ? PostStatus.PUBLISHED : PostStatus.DRAFT
}
