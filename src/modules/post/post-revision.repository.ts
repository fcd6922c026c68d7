import { LessThanOrEqual, type SelectQueryBuilder } from 'typeorm'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import type { Database } from '../../db/database'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { ownOrWithinReach } from '../../db/reach'
import { PostRevision } from './post-revision.entity'

const COLUMNS = ['postId', 'number', 'authorId', 'editorId', 'replacedAt', 'title', 'body', 'tags'] as const
export type PostRevisionRow = Pick<PostRevision, (typeof COLUMNS)[number]>

const LATEST_FIRST: ListOrder<PostRevisionRow> = { columns: ['number'], descending: true }

/** Every question about what posts said before. */
export class PostRevisionRepository {
  constructor(private readonly db: Database) {}

  async list(postId: Id, page: PageRequest): Promise<Page<PostRevisionRow>> {
    return readPage(this.of(postId), LATEST_FIRST, page)
  }

  async count(postId: Id): Promise<number> {
    return this.of(postId).getCount()
  }

  /** @visibility the use case asks whose the post is before it gives it back what it said */
  async find(postId: Id, number: number): Promise<PostRevision | null> {
    return this.db.repo(PostRevision).findOneBy({ postId, number })
  }

  /**
   * The text that took its place.
   * @visibility a part of what was changed, for whoever sees the revision
   */
  async bodyAfter({ postId, number }: Pick<PostRevision, 'postId' | 'number'>): Promise<string> {
    const [row] = await this.db.query<{ body: string }>(
      `SELECT coalesce(next.body, post.body) AS body
       FROM posts post LEFT JOIN post_revisions next ON next.post_id = post.id AND next.number = $2
       WHERE post.id = $1`,
      [postId, number + 1],
    )
    return row!.body
  }

  /**
   * Adds what a post said, under its next number, which it returns. Call it with the post locked.
   * @visibility nothing but a number is answered
   */
  async add({
    postId,
    authorId,
    editorId,
    replacedAt,
    title,
    body,
    tags,
  }: Omit<PostRevision, 'number'>): Promise<number> {
    const [added] = await this.db.query<{ number: number }>(
      `INSERT INTO post_revisions (post_id, number, author_id, editor_id, replaced_at, title, body, tags)
       SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $6, $7 FROM post_revisions WHERE post_id = $1
       RETURNING number`,
      [postId, authorId, editorId, replacedAt, title, body, tags],
    )
    return added!.number
  }

  /** Forgets the revisions of a post up to a number. */
  async forgetUpTo(postId: Id, number: number): Promise<void> {
    await this.db.repo(PostRevision).delete({ postId, number: LessThanOrEqual(number) })
  }

  private of(postId: Id): SelectQueryBuilder<PostRevision> {
    const { viewer } = this.db.caller
    return selectRows(this.db, PostRevision, 'revision', COLUMNS)
      .where('revision.postId = :postId', { postId })
      .andWhere(...ownOrWithinReach(viewer, 'revision.authorId', 'posts:moderate'))
  }
}
