import { rejected, UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { CommentService } from '../comment/comment.service'
import { approveComment, hideComment, setCommentRemoved, showComment } from '../comment/remove-comment'
import { partsOf as partsOfComment } from '../comment/screen-comment'
import type { Part } from '../content-filter/filter-set'
import { ConversationService } from '../conversation/conversation.service'
import { setMessageRemoved } from '../conversation/remove-message'
import { ModeratedKind, type Moderated } from '../moderation-decision/moderated-kind'
import { PostStatus } from '../post/post-status'
import { PostService } from '../post/post.service'
import { approvePost, hidePost, setPostRemoved, showPost } from '../post/remove-post'
import { partsOf as partsOfPost, textOf } from '../post/screen-post'

/** What can be reported, as moderation has to know it. Another kind is another entry of `KINDS`. */
export interface ModeratedContent extends Moderated {
  authorId: Id
  isRemoved: boolean
  /** All that it says. */
  text: string
  /** When its author has last changed what is seen of it; null where they never have. */
  changedAt: Date | null
}

/** Something that others read, as filters look at it. */
export interface ShownPiece {
  id: Id
  authorId: Id
  /** When others could read it. */
  at: Date
  /** As it was written. */
  body: string
  parts(): Part[]
}

interface Kind {
  /** What is there for the viewer. */
  find(db: Database, id: Id): Promise<Omit<ModeratedContent, keyof Moderated> | null>
  /** Takes it from its readers, or gives it back, wherever it is; nothing where it is gone, or so already. */
  setRemoved(tx: Database, id: Id, isRemoved: boolean): Promise<void>
  /** Hides it until its author has changed it, wherever it is; whether it was not hidden yet. @throws Rejected INVALID where it cannot be */
  hide(tx: Database, id: Id): Promise<boolean>
  /** Lets it go to its readers where it waits, wherever it is; whether it does. */
  approve(tx: Database, id: Id): Promise<boolean>
  /** The same where it is hidden, by no decision that holds. */
  show(tx: Database, id: Id): Promise<boolean>
  /** What is open to others, the newest first, beyond one of these. */
  newest(db: Database, beyond: Id | null, limit: number): Promise<ShownPiece[]>
}

const KINDS: Record<ModeratedKind, Kind> = {
  [ModeratedKind.POST]: {
    find: async (db, id) => {
      const [post] = await new PostService(db).lookup([id])
      if (!post) return null
      const { authorId, status, updatedAt: changedAt } = post
      return { authorId, isRemoved: status === PostStatus.REMOVED, text: textOf(post), changedAt }
    },
    setRemoved: setPostRemoved,
    hide: hidePost,
    approve: approvePost,
    show: showPost,
    newest: async (db, beyond, limit) =>
      (await new PostService(db).newestShown(beyond, limit)).map((post) => ({
        ...post,
        at: post.publishedAt ?? post.createdAt,
        parts: () => partsOfPost(post),
      })),
  },
  [ModeratedKind.COMMENT]: {
    find: async (db, id) => {
      const [comment] = await new CommentService(db).lookup([id])
      if (!comment || comment.deletedAt !== null) return null
      const { authorId, removedAt, body: text, editedAt: changedAt } = comment
      return { authorId, isRemoved: removedAt !== null, text, changedAt }
    },
    setRemoved: setCommentRemoved,
    hide: hideComment,
    approve: approveComment,
    show: showComment,
    newest: async (db, beyond, limit) =>
      (await new CommentService(db).newestShown(beyond, limit)).map((comment) => ({
        ...comment,
        at: comment.createdAt,
        parts: () => partsOfComment(comment),
      })),
  },
  [ModeratedKind.MESSAGE]: {
    find: async (db, id) => {
      const conversations = new ConversationService(db)
      const [message] = await conversations.lookupMessages([id])
      if (!message || message.isHidden || message.deletedAt !== null) return null
      const [text] = await conversations.bodies([message])
      if (text instanceof Error) throw text
      const { senderId: authorId, removedAt, editedAt: changedAt } = message
      return { authorId, isRemoved: removedAt !== null, text: text ?? '', changedAt }
    },
    setRemoved: setMessageRemoved,
    hide: () =>
      Promise.reject(
        rejected('action', UserErrorCode.INVALID, 'A private message can be removed, not hidden.'),
      ),
    // None waits, and none is open to others.
    approve: () => Promise.resolve(false),
    show: () => Promise.resolve(false),
    newest: () => Promise.resolve([]),
  },
}

/** The thing with this id, of whichever kind, that the viewer sees; null where there is none any more. */
export async function contentOf(db: Database, id: Id): Promise<ModeratedContent | null> {
  for (const subjectKind of Object.values(ModeratedKind)) {
    const found = await KINDS[subjectKind].find(db, id)
    if (found) return { ...found, subjectKind, subjectId: id }
  }
  return null
}

/** Takes a thing from its readers, or gives it back; nothing where it is gone, or so already. Whether the viewer may, the use case asks. */
export const setContentRemoved = (
  tx: Database,
  { subjectKind, subjectId }: Moderated,
  isRemoved: boolean,
): Promise<void> => KINDS[subjectKind].setRemoved(tx, subjectId, isRemoved)

/** Lets a thing go to its readers that waits for a moderator; false where it is gone, or does not. As `setContentRemoved`. */
export const approveContent = (tx: Database, { subjectKind, subjectId }: Moderated): Promise<boolean> =>
  KINDS[subjectKind].approve(tx, subjectId)

/** Hides a thing until its author has changed it; false where it is gone, or hidden already. As `setContentRemoved`. @throws Rejected INVALID where it cannot be */
export const hideContent = (tx: Database, { subjectKind, subjectId }: Moderated): Promise<boolean> =>
  KINDS[subjectKind].hide(tx, subjectId)

/** Shows a thing again that is hidden, by no decision that holds; what its author has changed waits. As `setContentRemoved`. */
export const showContent = (tx: Database, { subjectKind, subjectId }: Moderated): Promise<boolean> =>
  KINDS[subjectKind].show(tx, subjectId)

/** What is open to others of a kind, as far as the viewer sees it: the newest first, beyond one of these. */
export const newestShown = (
  db: Database,
  kind: ModeratedKind,
  beyond: Id | null,
  limit: number,
): Promise<ShownPiece[]> => KINDS[kind].newest(db, beyond, limit)
