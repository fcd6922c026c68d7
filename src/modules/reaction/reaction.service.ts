import { notFound, rejected, UserErrorCode } from '../../core/error'
import { toGlobalId, type Id } from '../../core/id'
import { requireSignedIn } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { BlockService } from '../block/block.service'
import type { CommentRow } from '../comment/comment.loader'
import { CommentService } from '../comment/comment.service'
import { ModerationDecisionService } from '../moderation-decision/moderation-decision.service'
import type { PostRow } from '../post/post.loader'
import { takesAdditions } from '../post/post-visibility'
import { PostService } from '../post/post.service'
import { ThrottleService } from '../throttle/throttle.service'
import type { AddReactionInput } from './reaction.input'
import { ReactionRepository, type ReactionGroupRow } from './reaction.repository'

export type { ReactionGroupRow } from './reaction.repository'

/** What can be reacted to, and is seen by the viewer. */
export interface ReactionSubject {
  post: PostRow | null
  comment: CommentRow | null
}

/** How people react to what others have written. */
export class ReactionService {
  constructor(private readonly db: Database) {}

  /** How many react to each of these, in the order in which the ways are configured. Whoever asks has them. */
  async groupsOf(subjectIds: readonly Id[]): Promise<ReactionGroupRow[]> {
    const { reactions } = this.db.tools
    const groups = await new ReactionRepository(this.db).groupsOf(subjectIds)
    return groups
      .filter(({ kind }) => reactions.includes(kind))
      .sort((one, other) => reactions.indexOf(one.kind) - reactions.indexOf(other.kind))
  }

  /**
   * Reacts to a post or comment that the viewer sees, in place of an earlier reaction of theirs.
   * @throws ApiError NOT_FOUND, RATE_LIMITED; Rejected INVALID, and NOT_PERMITTED for who is silenced
   */
  async add({ subjectId, kind }: AddReactionInput): Promise<ReactionSubject> {
    const { userId } = requireSignedIn(this.db.caller.viewer)
    const { reactions } = this.db.tools
    if (!reactions.includes(kind))
      throw rejected('kind', UserErrorCode.INVALID, `React with one of ${reactions.join(', ')}.`)
    await new ThrottleService(this.db).tryWriting()
    return this.db.transaction(async (tx) => {
      await new ModerationDecisionService(tx).assertNotSilenced()
      const subject = await subjectOf(tx, subjectId)
      const post = await new PostService(tx).hold(subject.post?.id ?? subject.comment!.postId)
      if (!takesAdditions(post))
        throw rejected('subjectId', UserErrorCode.NOT_PERMITTED, 'Nothing can be added to this post.')
      const authors = [post.authorId, ...(subject.comment ? [subject.comment.authorId] : [])]
      await new BlockService(tx).assertNotKeptAway(authors, 'subjectId')
      const isNew = await new ReactionRepository(tx).put({ subjectId, userId, kind, createdAt: tx.now })
      if (isNew)
        await new AuditService(tx).record('reaction.added', {
          target: toGlobalId(subject.post ? 'post' : 'comment', subjectId),
        })
      return subject
    })
  }

  /**
   * Takes one's own reaction back, be it to what the viewer sees no more; where there is none, nothing happens.
   * @throws ApiError NOT_FOUND, RATE_LIMITED
   */
  async remove(subjectId: Id): Promise<ReactionSubject> {
    const { userId } = requireSignedIn(this.db.caller.viewer)
    await new ThrottleService(this.db).tryWriting()
    return this.db.transaction(async (tx) => {
      const removed = await new ReactionRepository(tx).remove(subjectId, userId)
      if (removed)
        await new AuditService(tx).record('reaction.removed', {
          target: toGlobalId(removed.isPost ? 'post' : 'comment', subjectId),
        })
      const subject = await findSubject(tx, subjectId)
      if (!removed && !subject.post && !subject.comment) throw notFound('post or comment')
      return subject
    })
  }
}

/** What the viewer sees of it. */
async function findSubject(tx: Database, id: Id): Promise<ReactionSubject> {
  const [post = null] = await new PostService(tx).lookup([id])
  const [comment = null] = post ? [] : await new CommentService(tx).lookup([id])
  return { post, comment }
}

async function subjectOf(tx: Database, id: Id): Promise<ReactionSubject> {
  const { post, comment } = await findSubject(tx, id)
  // Nobody reacts to what is no longer said, or shown.
  if (!post && (!comment || comment.deletedAt || comment.removedAt || comment.heldAt))
    throw notFound('post or comment')
  return { post, comment }
}
