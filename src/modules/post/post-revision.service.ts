import { diffLines } from 'diff'
import { rejected, UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import type { Database } from '../../db/database'
import { assertVersion } from '../../db/version'
import { AuditService } from '../audit/audit.service'
import { contentOf, editPost } from './edit-post'
import { ModerationDecisionService } from '../moderation-decision/moderation-decision.service'
import { ThrottleService } from '../throttle/throttle.service'
import { aboutPost } from './about-post'
import { lockEditable } from './locked-post'
import type { Post } from './post.entity'
import type { RestorePostRevisionInput } from './post.input'
import { filteredAsAWhole } from './screen-post'
import { PostRevisionRepository, type PostRevisionRow } from './post-revision.repository'

export type { PostRevisionRow }

/** What became of some lines of a text. */
export enum TextChangeKind {
  UNCHANGED = 'unchanged',
  REMOVED = 'removed',
  ADDED = 'added',
}

/** Some lines that follow each other, and what became of them. */
export interface TextChange {
  kind: TextChangeKind
  text: string
}

/** Lines that differ, beyond which nobody reads what the difference is; finding it takes as long as the square of them. */
const MAX_DIFFERENCES = 500

/** What posts said before they were changed: for their authors, and for holders of `posts:moderate`. */
export class PostRevisionService {
  private readonly revisions: PostRevisionRepository

  constructor(private readonly db: Database) {
    this.revisions = new PostRevisionRepository(db)
  }

  async list(postId: Id, page: PageRequest): Promise<Page<PostRevisionRow>> {
    return this.revisions.list(postId, page)
  }

  async count(postId: Id): Promise<number> {
    return this.revisions.count(postId)
  }

  /** What was made of the text when something else took its place, line by line. */
  async diff(revision: PostRevisionRow): Promise<TextChange[]> {
    return changesBetween(revision.body, await this.revisions.bodyAfter(revision))
  }

  /**
   * Gives a post the title, text and tags that it had before a change; what it says now is kept as another one.
   * @throws ApiError NOT_FOUND, RATE_LIMITED; CONFLICT when `expectedVersion` is not the current one. Rejected NOT_FOUND for a revision
   * that is not there; INVALID where the post is archived; NOT_PERMITTED where it was removed, or waits for a moderator; FILTERED
   */
  async restore({ postId, number, expectedVersion }: RestorePostRevisionInput): Promise<Post> {
    await new ThrottleService(this.db).tryWriting()
    return this.db.transaction(async (tx) => {
      await new ModerationDecisionService(tx).assertNotSilenced()
      const post = await lockEditable(tx, postId)
      assertVersion(post.version, expectedVersion, contentOf(post))
      const revision = await new PostRevisionRepository(tx).find(postId, number)
      if (!revision)
        throw rejected('number', UserErrorCode.NOT_FOUND, 'There is no such revision of this post.')
      const edited = await editPost(tx, post, contentOf(revision)).catch(filteredAsAWhole)
      if (edited.fields.length === 0) return post
      await new AuditService(tx).record('post.revision-restored', {
        ...aboutPost(post),
        details: { number, fields: edited.fields },
      })
      return edited.post
    })
  }
}

function changesBetween(before: string, after: string): TextChange[] {
  const { UNCHANGED, REMOVED, ADDED } = TextChangeKind
  const parts = diffLines(before, after, { maxEditLength: MAX_DIFFERENCES }) ?? [
    { value: before, removed: true, added: false },
    { value: after, removed: false, added: true },
  ]
  return parts.map(({ value, removed, added }) => ({
    kind: removed ? REMOVED : added ? ADDED : UNCHANGED,
    text: value,
  }))
}
