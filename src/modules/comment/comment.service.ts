import { notFound, rejected, UserErrorCode } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { requireSignedIn } from '../../core/viewer'
import type { Database } from '../../db/database'
import { publish } from '../../db/event-stream'
import { assertVersion } from '../../db/version'
import { AuditService } from '../audit/audit.service'
import { BlockService } from '../block/block.service'
import { LegalHoldService } from '../legal-hold/legal-hold.service'
import { renderMarkup, type Markup } from '../markup/markup'
import { MAX_MENTIONS } from '../markup/mention'
import { ModerationCaseService } from '../moderation-case/moderation-case.service'
import { ModeratedKind } from '../moderation-decision/moderated-kind'
import { ModerationDecisionService } from '../moderation-decision/moderation-decision.service'
import { takesAdditions } from '../post/post-visibility'
import { PostService } from '../post/post.service'
import type { PostRow } from '../post/post.loader'
import { ThrottleService } from '../throttle/throttle.service'
import { UserService } from '../user/user.service'
import type { Comment } from './comment.entity'
import { kept } from './comment-markup'
import type { AddCommentInput, EditCommentInput } from './comment.input'
import { CommentRepository, type CommentFilter, type CommentRow } from './comment.repository'
import {
  assertNotRemoved,
  assertNotWaiting,
  countBy,
  lockComment,
  lockWithThread,
  mayModerate,
  saveChange,
  tell,
} from './locked-comment'
import { screened } from './screen-comment'
import type { Thread } from './thread.entity'
import { ThreadEventKind, threadTopic } from './thread-event'
import { ThreadRepository } from './thread.repository'

export type { CommentFilter, CommentRow } from './comment.repository'

/** How many comments may stand above one: a chain without end could be read by nobody. */
export const DEEPEST = 10

/** What people say to posts, and to each other. */
export class CommentService {
  private readonly comments: CommentRepository

  constructor(private readonly db: Database) {
    this.comments = new CommentRepository(db)
  }

  async lookup(ids: readonly Id[]): Promise<CommentRow[]> {
    return this.comments.lookup(ids)
  }

  async lookupHeard(ids: readonly Id[]): Promise<CommentRow[]> {
    return this.comments.lookupHeard(ids)
  }

  async list(filter: CommentFilter, page: PageRequest): Promise<Page<CommentRow>> {
    return this.comments.list(filter, page)
  }

  async count(filter: CommentFilter): Promise<number> {
    return this.comments.count(filter)
  }

  /** The first comments to each of these posts. */
  async listFirst(postIds: readonly Id[], size: number): Promise<Map<Id, Page<CommentRow>>> {
    return this.comments.listFirst(postIds, size)
  }

  /** The first answers to each of these comments. */
  async listFirstReplies(parentIds: readonly Id[], size: number): Promise<Map<Id, Page<CommentRow>>> {
    return this.comments.listFirstReplies(parentIds, size)
  }

  /** What is open to others, as far as the viewer sees it: the newest first, beyond one of these. */
  async newestShown(beyond: Id | null, limit: number): Promise<CommentRow[]> {
    return this.comments.newestShown(beyond, limit)
  }

  /** Whom each of these comments mentions. */
  async mentioned(commentIds: readonly Id[]): Promise<{ commentId: Id; userId: Id }[]> {
    return this.comments.mentioned(commentIds)
  }

  /** The threads of these posts; none of a post to which nothing has been said. Whoever asks has the posts. */
  async threadsOf(postIds: readonly Id[]): Promise<Thread[]> {
    return new ThreadRepository(this.db).lookup(postIds)
  }

  /**
   * Says something to a post that the viewer sees, or to a comment there.
   * @throws ApiError NOT_FOUND, RATE_LIMITED; Rejected NOT_PERMITTED where the thread is closed, and who is silenced; FILTERED
   */
  async add({ postId, parentId, body }: AddCommentInput): Promise<Comment> {
    const { userId } = requireSignedIn(this.db.caller.viewer)
    await new ThrottleService(this.db).tryWriting()
    const markup = renderMarkup(body)
    return this.db.transaction(async (tx) => {
      await new ModerationDecisionService(tx).assertNotSilenced()
      const { now } = tx
      const id = newId(now)
      const post = await new PostService(tx).hold(postId)
      // Before the thread is locked: it may wait for what else its author writes.
      const said = { id, authorId: userId, body, ...kept(markup) }
      const { isHeld } = await screened(tx, said, null)
      const comments = new CommentRepository(tx)
      const thread = await new ThreadRepository(tx).lock(postId)
      assertOpen(post, thread)
      const parent = parentId === undefined ? null : await visibleParent(tx, parentId)
      if (parentId !== undefined && parent?.postId !== postId)
        throw rejected('parentId', UserErrorCode.NOT_FOUND, 'There is no such comment to this post.')
      if (parent) assertNotWaiting(parent, 'parentId')
      const depth = parent ? parent.depth + 1 : 0
      await assertWelcome(tx, post, parent)
      if (depth > DEEPEST) {
        const message = `Comments answer each other ${DEEPEST} deep at most: answer one that stands higher.`
        throw rejected('parentId', UserErrorCode.INVALID, message)
      }
      const comment: Comment = {
        ...said,
        postId,
        parentId: parent?.id ?? null,
        depth,
        replyCount: 0,
        createdAt: now,
        editedAt: null,
        deletedAt: null,
        removedAt: null,
        heldAt: isHeld ? now : null,
        isHidden: false,
        isUnseen: isHeld,
        version: 1,
      }
      await comments.add(comment)
      await comments.mention(comment.id, await mentionedIn(tx, markup))
      const target = toGlobalId('comment', id)
      const details = { postId: toGlobalId('post', postId) }
      await new AuditService(tx).record('comment.added', { target, details })
      if (isHeld) {
        await new AuditService(tx).record('comment.held', { target })
        return comment
      }
      if (parent) await comments.countReply(parent.id)
      await countBy(tx, thread, 1)
      await tell(tx, comment, ThreadEventKind.COMMENT_ADDED)
      return comment
    })
  }

  /**
   * Changes one's own comment, where the viewer could add one.
   * @throws ApiError NOT_FOUND, RATE_LIMITED; CONFLICT when `expectedVersion` is not the current one. Rejected NOT_PERMITTED for one
   * that was removed, or waits for a moderator, where the thread is closed, and who is silenced; FILTERED
   */
  async edit({ commentId, body, expectedVersion }: EditCommentInput): Promise<Comment> {
    const { userId } = requireSignedIn(this.db.caller.viewer)
    await new ThrottleService(this.db).tryWriting()
    const markup = renderMarkup(body)
    return this.db.transaction(async (tx) => {
      await new ModerationDecisionService(tx).assertNotSilenced()
      const keepFormer = await new LegalHoldService(tx).keeperFor(userId)
      const comments = new CommentRepository(tx)
      const [seen] = await comments.lookup([commentId])
      if (seen?.authorId !== userId) throw notFound('comment')
      const post = await new PostService(tx).hold(seen.postId)
      const locked = await lockWithThread(tx, commentId, post.id)
      if (!locked) throw notFound('comment')
      const { comment, thread } = locked
      assertNotRemoved(comment)
      // A moderator looks at what was hidden before its readers do.
      const isMended = comment.isHidden
      if (!isMended) assertNotWaiting(comment, 'commentId')
      assertOpen(post, thread)
      const [parent = null] = comment.parentId === null ? [] : await comments.lookup([comment.parentId])
      await assertWelcome(tx, post, parent)
      assertVersion(comment.version, expectedVersion, { body: comment.body })
      if (body === comment.body) return comment
      const said = { body, ...kept(markup) }
      const { isHeld: isFiltered } = await screened(tx, { ...comment, ...said }, comment)
      const isHeld = isFiltered || isMended
      if (isMended) await openMended(tx, { ...comment, body })
      await keepFormer({ writtenKind: 'comment', writtenId: commentId, text: comment.body })
      const now = tx.now
      const edited = await saveChange(tx, locked, {
        ...said,
        editedAt: now,
        heldAt: isHeld ? now : null,
        isHidden: false,
      })
      await comments.mention(commentId, await mentionedIn(tx, markup))
      const target = toGlobalId('comment', commentId)
      await new AuditService(tx).record('comment.edited', { target })
      if (isFiltered) await new AuditService(tx).record('comment.held', { target })
      await tell(tx, edited, isHeld ? ThreadEventKind.COMMENT_HELD : ThreadEventKind.COMMENT_EDITED)
      return edited
    })
  }

  /**
   * Deletes what one's own comment says. The empty comment stays, and the answers to it.
   * @throws ApiError NOT_FOUND, RATE_LIMITED
   */
  async delete(commentId: Id): Promise<Comment> {
    const { userId } = requireSignedIn(this.db.caller.viewer)
    await new ThrottleService(this.db).tryWriting()
    return this.db.transaction(async (tx) => {
      const keepFormer = await new LegalHoldService(tx).keeperFor(userId)
      const locked = await lockComment(tx, commentId)
      if (locked.comment.authorId !== userId) throw notFound('comment')
      await keepFormer({ writtenKind: 'comment', writtenId: commentId, text: locked.comment.body })
      const deleted = await saveChange(tx, locked, { body: '', bodyHtml: '', deletedAt: tx.now })
      await new AuditService(tx).record('comment.deleted', { target: toGlobalId('comment', commentId) })
      await tell(tx, deleted, ThreadEventKind.COMMENT_DELETED)
      return deleted
    })
  }

  /** Takes no more comments to a post: one's own, or with `posts:moderate` anybody's. @throws ApiError NOT_FOUND, RATE_LIMITED */
  async close(postId: Id): Promise<PostRow> {
    return this.setClosed(postId, true)
  }

  /** Takes comments to a post again. @throws ApiError NOT_FOUND, RATE_LIMITED; Rejected NOT_PERMITTED where a moderator has closed it */
  async reopen(postId: Id): Promise<PostRow> {
    return this.setClosed(postId, false)
  }

  private async setClosed(postId: Id, isClosed: boolean): Promise<PostRow> {
    // Whoever follows the thread is told each time.
    const { userId } = requireSignedIn(this.db.caller.viewer)
    await new ThrottleService(this.db).tryWriting()
    return this.db.transaction(async (tx) => {
      const post = await visiblePost(tx, postId)
      if (!(await mayModerate(tx, post.authorId))) throw notFound('post')
      const threads = new ThreadRepository(tx)
      const thread = await threads.lock(postId)
      const isOwn = post.authorId === userId
      if (!isClosed && isOwn && thread.isClosedByModerator)
        throw rejected(
          'postId',
          UserErrorCode.NOT_PERMITTED,
          'A moderator has closed it. Ask whoever moderates.',
        )
      const isClosedByModerator = isClosed && (thread.isClosedByModerator || !isOwn)
      if ((thread.closedAt !== null) === isClosed && thread.isClosedByModerator === isClosedByModerator)
        return post
      const closedAt = isClosed ? (thread.closedAt ?? tx.now) : null
      await threads.save({ ...thread, closedAt, isClosedByModerator })
      await new AuditService(tx).record(isClosed ? 'thread.closed' : 'thread.reopened', {
        subjectId: post.authorId,
        target: toGlobalId('post', postId),
      })
      const kind = isClosed ? ThreadEventKind.CLOSED : ThreadEventKind.REOPENED
      await publish(tx, [threadTopic(postId)], { kind, commentId: null })
      return post
    })
  }
}

async function openMended(tx: Database, { id, authorId, body }: Comment): Promise<void> {
  const about = { subjectKind: ModeratedKind.COMMENT, subjectId: id, authorId }
  await new ModerationCaseService(tx).openMended({ ...about, text: body })
}

/** @throws Rejected NOT_PERMITTED where nothing is added to what is said to a post */
function assertOpen(post: PostRow, { closedAt }: Thread): void {
  if (closedAt === null && takesAdditions(post)) return
  throw rejected([], UserErrorCode.NOT_PERMITTED, 'The thread is closed; nothing can be added to it.')
}

/** Nobody to whom the viewer would speak keeps them away. @throws Rejected NOT_PERMITTED */
async function assertWelcome(tx: Database, post: PostRow, parent: CommentRow | null): Promise<void> {
  await new BlockService(tx).assertNotKeptAway([post.authorId, ...(parent ? [parent.authorId] : [])], [])
}

/** A comment that the viewer sees, locked; null where there is none, or where it has been deleted. */
async function visibleParent(tx: Database, id: Id): Promise<Comment | null> {
  const comments = new CommentRepository(tx)
  const [seen] = await comments.lookup([id])
  return seen ? comments.lock(id) : null
}

async function visiblePost(tx: Database, postId: Id): Promise<PostRow> {
  const [post] = await new PostService(tx).lookup([postId])
  if (!post) throw notFound('post')
  return post
}

/** The people whom a text mentions; a name that nobody has mentions nobody, and whoever has blocked the viewer is not. @throws Rejected TOO_LONG */
async function mentionedIn(tx: Database, { mentions, isCrowded }: Markup): Promise<Id[]> {
  if (isCrowded) throw rejected('body', UserErrorCode.TOO_LONG, `Mention at most ${MAX_MENTIONS} people.`)
  if (mentions.length === 0) return []
  const named = await new UserService(tx).findIdsByUsername(mentions)
  const blockers = await new BlockService(tx).blockersAmong(named)
  return named.filter((id) => !blockers.includes(id))
}
