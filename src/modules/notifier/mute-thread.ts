import { rejected, UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import { requireSession } from '../../core/viewer'
import type { Database } from '../../db/database'
import { PostService } from '../post/post.service'
import type { PostRow } from '../post/post.loader'
import { ThrottleService } from '../throttle/throttle.service'
import { UserService } from '../user/user.service'
import { NotifierRepository } from './notifier.repository'

/** How many threads somebody mutes at most. */
const MAX_MUTES = 1_000

/**
 * The viewer is told nothing any more of what is said to a post, or is again; what is so stays so.
 * @throws ApiError RATE_LIMITED; Rejected NOT_FOUND; NOT_PERMITTED for too many
 */
export async function setThreadMuted(db: Database, postId: Id, isMuted: boolean): Promise<PostRow> {
  const { userId } = requireSession(db.caller.viewer)
  await new ThrottleService(db).tryWriting()
  return db.transaction(async (tx) => {
    await new UserService(tx).hold(userId)
    const [post] = await new PostService(tx).lookup([postId])
    if (!post) throw rejected('postId', UserErrorCode.NOT_FOUND, 'There is no such post.')
    const notifier = new NotifierRepository(tx)
    const isAlready = (await notifier.mutedAmong(userId, [postId])).length > 0
    if (isAlready === isMuted) return post
    if (isMuted && (await notifier.countMutes(userId)) >= MAX_MUTES) {
      const message = `You have muted ${MAX_MUTES} threads. Unmute one of them first.`
      throw rejected('postId', UserErrorCode.NOT_PERMITTED, message)
    }
    if (isMuted) await notifier.addMute({ userId, postId, createdAt: tx.now })
    else await notifier.removeMute(userId, postId)
    return post
  })
}
