import type { Id } from '../../core/id'
import type { Message } from '../../db/pub-sub'

/** What happens in a thread. */
export enum ThreadEventKind {
  COMMENT_ADDED = 'comment-added',
  COMMENT_EDITED = 'comment-edited',
  COMMENT_DELETED = 'comment-deleted',
  COMMENT_REMOVED = 'comment-removed',
  COMMENT_REINSTATED = 'comment-reinstated',
  COMMENT_HELD = 'comment-held',
  COMMENT_APPROVED = 'comment-approved',
  CLOSED = 'closed',
  REOPENED = 'reopened',
}

export interface ThreadEvent extends Message {
  kind: ThreadEventKind
  /** Null for what concerns the thread as a whole. */
  commentId: Id | null
}

/** The topic of what happens in the thread of a post. */
export const threadTopic = (postId: Id): string => `thread:${postId}`
