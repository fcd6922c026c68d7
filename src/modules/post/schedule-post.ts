import { DAY, later } from '../../core/clock'
import { rejected, UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { ModerationDecisionService } from '../moderation-decision/moderation-decision.service'
import { ThrottleService } from '../throttle/throttle.service'
import { aboutPost } from './about-post'
import { lockOwn, saveChange } from './locked-post'
import { published } from './new-post'
import type { Post } from './post.entity'
import type { SchedulePostInput } from './post.input'
import { PostRepository } from './post.repository'
import { PostStatus } from './post-status'
import { assertPublishable, filteredAsAWhole } from './screen-post'

/** How far ahead a post is scheduled at most, in milliseconds. */
const FURTHEST = 365 * DAY

/**
 * Lets a draft be published at a moment to come; one that is scheduled already, at this one.
 * @throws ApiError NOT_FOUND, RATE_LIMITED. Rejected INVALID for a moment that is not within the next year, and for what is no draft;
 * NOT_PERMITTED for who is silenced; FILTERED
 */
export async function schedulePost(db: Database, { postId, publishAt }: SchedulePostInput): Promise<Post> {
  await new ThrottleService(db).tryWriting()
  return db.transaction(async (tx) => {
    await new ModerationDecisionService(tx).assertNotSilenced()
    const { now } = tx
    const post = await lockOwn(tx, postId)
    if (post.status !== PostStatus.DRAFT && post.status !== PostStatus.SCHEDULED)
      throw rejected('postId', UserErrorCode.INVALID, 'Only a draft can be scheduled.')
    if (publishAt <= now || publishAt > later(now, FURTHEST))
      throw rejected('publishAt', UserErrorCode.INVALID, 'Choose a moment within the next year.')
    if (post.publishAt?.getTime() === publishAt.getTime()) return post
    await assertPublishable(tx, { ...post, ...published(publishAt) }).catch(filteredAsAWhole)
    await new AuditService(tx).record('post.scheduled', {
      ...aboutPost(post),
      details: { publishAt: publishAt.toISOString() },
    })
    return saveChange(tx, post, { status: PostStatus.SCHEDULED, publishAt })
  })
}

/**
 * Makes a scheduled post a draft again; a draft stays one.
 * @throws ApiError NOT_FOUND, RATE_LIMITED. Rejected INVALID for what is neither
 */
export async function unschedulePost(db: Database, postId: Id): Promise<Post> {
  await new ThrottleService(db).tryWriting()
  return db.transaction(async (tx) => {
    const post = await lockOwn(tx, postId)
    if (post.status === PostStatus.DRAFT) return post
    if (post.status !== PostStatus.SCHEDULED)
      throw rejected('postId', UserErrorCode.INVALID, 'Only what is scheduled can be made a draft again.')
    await new AuditService(tx).record('post.unscheduled', aboutPost(post))
    return saveChange(tx, post, { status: PostStatus.DRAFT, publishAt: null })
  })
}

/**
 * Publishes up to so many posts whose moment has come, as their authors would; returns how many were dealt with. Those of somebody who
 * may not use their account, or is silenced, or whose data is kept and no more, wait; what filters would hold or refuse by now, for a
 * moderator.
 */
export async function publishDue(db: Database, limit: number): Promise<number> {
  return db.transaction(async (tx) => {
    const due = await new PostRepository(tx).lockDue(limit)
    const { now } = tx
    for (const post of due) {
      const changed = await saveChange(tx, post, published(now), now, { isUnattended: true })
      if (changed.status === PostStatus.PUBLISHED)
        await new AuditService(tx).record('post.published', { ...aboutPost(post), actorId: post.authorId })
    }
    return due.length
  })
}
