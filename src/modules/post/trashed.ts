import { DAY, later } from '../../core/clock'
import type { RetentionRule } from '../../db/retention'
import { Post } from './post.entity'
import { PostRevision } from './post-revision.entity'

/** How long something stays in the trash, in milliseconds; its columns say the same. */
const TRASH_TIME = 30 * DAY

/** From when on what was moved to the trash is in it at a moment. */
export const trashSince = (now: Date): Date => later(now, -TRASH_TIME)

/**
 * What goes from the trash for good, with all that others have said to it: not while somebody of them is under a legal hold, nor while
 * somebody has yet to decide about any of it.
 */
export const TRASHED: RetentionRule = {
  entity: Post,
  retention: '30 days after it is deleted',
  since: 'deleted_at',
  parts: { entity: PostRevision, column: 'post_id' },
  isKept: `
    EXISTS (SELECT FROM legal_holds hold JOIN comments said ON said.author_id = hold.user_id AND said.post_id = posts.id
      WHERE hold.released_at IS NULL)
    OR EXISTS (SELECT FROM moderation_cases opened WHERE opened.subject_id = posts.id AND opened.status = 'open')
    OR EXISTS (SELECT FROM moderation_cases opened JOIN comments said ON said.id = opened.subject_id AND said.post_id = posts.id
      WHERE opened.status = 'open')`,
}
