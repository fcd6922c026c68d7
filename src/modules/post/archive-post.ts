import { rejected, UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { ModerationDecisionService } from '../moderation-decision/moderation-decision.service'
import { ThrottleService } from '../throttle/throttle.service'
import { aboutPost } from './about-post'
import { lockOwn, saveChange } from './locked-post'
import type { Post } from './post.entity'
import { PostStatus } from './post-status'

/**
 * Archives a published post: it can be read still, stands in no list that does not ask for it, and nothing is added to it. One
 * that is archived already stays as it is.
 * @throws ApiError NOT_FOUND, RATE_LIMITED. Rejected INVALID for what is not published
 */
export async function archivePost(db: Database, postId: Id): Promise<Post> {
  await new ThrottleService(db).tryWriting()
  return db.transaction(async (tx) => {
    const post = await lockOwn(tx, postId)
    if (post.status === PostStatus.ARCHIVED) return post
    if (post.status !== PostStatus.PUBLISHED)
      throw rejected('postId', UserErrorCode.INVALID, 'Only what is published can be archived.')
    const archived = await saveChange(tx, post, { status: PostStatus.ARCHIVED, archivedAt: tx.now })
    await new AuditService(tx).record('post.archived', aboutPost(post))
    return archived
  })
}

/**
 * Takes a post out of the archive; one that is published already stays as it is.
 * @throws ApiError NOT_FOUND, RATE_LIMITED. Rejected INVALID for what is neither
 */
export async function unarchivePost(db: Database, postId: Id): Promise<Post> {
  await new ThrottleService(db).tryWriting()
  return db.transaction(async (tx) => {
    await new ModerationDecisionService(tx).assertNotSilenced()
    const post = await lockOwn(tx, postId)
    if (post.status === PostStatus.PUBLISHED) return post
    if (post.status !== PostStatus.ARCHIVED)
      throw rejected(
        'postId',
        UserErrorCode.INVALID,
        'Only what is archived can be taken out of the archive.',
      )
    const published = await saveChange(tx, post, { status: PostStatus.PUBLISHED, archivedAt: null })
    await new AuditService(tx).record('post.unarchived', aboutPost(post))
    return published
  })
}
