import { In, IsNull, type SelectQueryBuilder } from 'typeorm'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { holdsSomewhere, ownId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { isHidden } from '../../db/reach'
import { PLANNED_ANEW } from '../../db/preparing-client'
import { inSlices, type Span } from '../../db/time-slices'
import { isActive } from '../user/user-status'
import { Post } from './post.entity'
import { PostStatus, PostVisibility, READABLE } from './post-status'
import { isSilenced } from '../moderation-decision/silence-condition'
import { isPostListed, isPostVisible } from './post-visibility'

const COLUMNS = [
  'id',
  'authorId',
  'slug',
  'title',
  'body',
  'bodyHtml',
  'excerpt',
  'markupVersion',
  'tags',
  'language',
  'status',
  'visibility',
  'publishAt',
  'publishedAt',
  'archivedAt',
  'createdAt',
  'updatedAt',
  'editedAt',
  'deletedAt',
  'version',
] as const
export type PostRow = Pick<Post, (typeof COLUMNS)[number]>

export interface PostFilter {
  /** Published posts where nothing is said. */
  status?: PostStatus
  authorId?: Id
  tag?: string
}

export enum PostOrder {
  NEWEST_FIRST = 'NEWEST_FIRST',
  OLDEST_FIRST = 'OLDEST_FIRST',
}

/** The one form in which a tag is stored and looked for. */
export const normaliseTag = (tag: string): string => tag.toLowerCase()

/** What has been published is ordered by when it was, everything else by when it was begun. */
const orderOf = ({ status = PostStatus.PUBLISHED }: PostFilter, order: PostOrder): ListOrder<PostRow> => ({
  columns: [isReadable(status) ? 'publishedAt' : 'createdAt', 'id'],
  descending: order === PostOrder.NEWEST_FIRST,
})

const isReadable = (status: PostStatus): boolean => READABLE.some((one) => one === status)

/** What stands in lists that do not ask for anything else, as SQL. */
export const IS_LISTED = `status = '${PostStatus.PUBLISHED}' AND deleted_at IS NULL`

const LATEST_IN_TRASH: ListOrder<PostRow> = { columns: ['deletedAt', 'id'], descending: true }

/** Every question about posts. */
export class PostRepository {
  constructor(private readonly db: Database) {}

  async lookup(ids: readonly Id[]): Promise<PostRow[]> {
    return this.visible().andWhere('post.id = ANY(:ids)', { ids }).getRawMany<PostRow>()
  }

  /** A post that the viewer sees, which stays as it is until the transaction ends. */
  async hold(id: Id): Promise<PostRow | null> {
    const query = this.visible().andWhere('post.id = :id', { id }).setLock('pessimistic_read')
    return (await query.getRawOne<PostRow>()) ?? null
  }

  async findBySlug(slug: string): Promise<PostRow | null> {
    return (await this.visible().andWhere('post.slug = :slug', { slug }).getRawOne<PostRow>()) ?? null
  }

  async list(filter: PostFilter, order: PostOrder, page: PageRequest): Promise<Page<PostRow>> {
    const query = this.matching(filter)
    const inOrder = orderOf(filter, order)
    const { tag, status = PostStatus.PUBLISHED, authorId } = filter
    // Somebody's posts are few enough to be walked along, or known for what they are about.
    if (!tag || authorId || status !== PostStatus.PUBLISHED)
      return readPage(tag ? query.comment(PLANNED_ANEW) : query, inOrder, page)
    const sliced = { query, moment: 'post.publishedAt', span: await this.span() }
    return readPage(query, inOrder, page, inSlices(this.db, sliced, inOrder))
  }

  /**
   * From when until when posts were published; null where none was.
   * @visibility nobody is told
   */
  async span(): Promise<Span | null> {
    const [row] = await this.db.query<{ oldest: Date | null }>(
      `SELECT min(published_at) AS oldest FROM posts WHERE ${IS_LISTED}`,
    )
    return row!.oldest && { oldest: row!.oldest, newest: this.db.now }
  }

  async count(filter: PostFilter): Promise<number> {
    return this.matching(filter).getCount()
  }

  /** What is open to others, the latest begun first, beyond one of these: ids sort by age. */
  async newestShown(beyond: Id | null, limit: number): Promise<PostRow[]> {
    const query = this.visible()
      .andWhere('post.status = ANY(:shown) AND post.visibility <> :closed', {
        shown: READABLE,
        closed: PostVisibility.ONLY_ME,
      })
      .orderBy('post.id', 'DESC')
      .limit(limit)
    if (beyond) query.andWhere('post.id < :beyond', { beyond })
    return query.getRawMany<PostRow>()
  }

  /** What the viewer has moved to the trash since a moment. */
  async listTrash(since: Date, page: PageRequest): Promise<Page<PostRow>> {
    return readPage(this.trash(since), LATEST_IN_TRASH, page)
  }

  async countTrash(since: Date): Promise<number> {
    return this.trash(since).getCount()
  }

  async add(post: Post): Promise<void> {
    await this.db.repo(Post).insert(post)
  }

  /**
   * The whole row, locked until the transaction ends, so that a check and the change that it allows are one.
   * @visibility the use case asks whose it is before it changes or shows anything
   */
  async lock(id: Id): Promise<Post | null> {
    return this.db
      .repo(Post)
      .findOne({ where: { id, deletedAt: IsNull() }, lock: { mode: 'pessimistic_write' } })
  }

  /**
   * The same, be it in the trash.
   * @visibility as `lock`
   */
  async lockAnywhere(id: Id): Promise<Post | null> {
    return this.db.repo(Post).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } })
  }

  async save({ id, ...columns }: Post): Promise<void> {
    await this.db.repo(Post).update({ id }, columns)
  }

  /**
   * Texts that an older version has rendered, locked; those on which somebody else works are left to them.
   * @visibility what is made of them is shown to whoever sees them anyway
   */
  async lockRenderedBefore(version: number, limit: number): Promise<Pick<Post, 'id' | 'body'>[]> {
    return this.db.query(
      'SELECT id, body FROM posts WHERE markup_version < $1 LIMIT $2 FOR UPDATE SKIP LOCKED',
      [version, limit],
    )
  }

  async saveRendered(
    posts: readonly Pick<Post, 'id' | 'bodyHtml' | 'plainText' | 'excerpt' | 'markupVersion'>[],
  ): Promise<void> {
    await this.db.query(
      `UPDATE posts SET body_html = made.body_html, plain_text = made.plain_text, excerpt = made.excerpt,
         markup_version = made.markup_version
       FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::integer[])
         AS made (id, body_html, plain_text, excerpt, markup_version)
       WHERE posts.id = made.id`,
      [
        posts.map(({ id }) => id),
        posts.map(({ bodyHtml }) => bodyHtml),
        posts.map(({ plainText }) => plainText),
        posts.map(({ excerpt }) => excerpt),
        posts.map(({ markupVersion }) => markupVersion),
      ],
    )
  }

  /**
   * Some of what is due, whole and locked; what somebody else is changing is left for the next time.
   * @visibility a task asks, which shows nobody anything
   */
  async lockDue(limit: number): Promise<Post[]> {
    const due = await this.db.query<{ id: Id }>(
      `SELECT post.id FROM posts post JOIN users author ON author.id = post.author_id
       WHERE post.status = '${PostStatus.SCHEDULED}' AND post.deleted_at IS NULL AND post.publish_at <= $1
         AND ${isActive('author', '$1')} AND NOT ${isHidden('author')} AND NOT ${isSilenced('author.id', '$1')}
       ORDER BY post.publish_at, post.id LIMIT $2 FOR UPDATE OF post SKIP LOCKED`,
      [this.db.now, limit],
    )
    const ids = due.map(({ id }) => id)
    return this.db.repo(Post).find({ where: { id: In(ids) }, order: { publishAt: 'ASC', id: 'ASC' } })
  }

  /**
   * What somebody has published since a moment, or wants to, the latest first, up to so many.
   * @visibility a filter compares it with what they write now, and shows it to nobody
   */
  async bodiesSince(authorId: Id, since: Date, limit: number): Promise<string[]> {
    const rows = await this.db.query<{ body: string }>(
      `SELECT body FROM (
         SELECT body, published_at AS at FROM posts WHERE author_id = $1 AND published_at > $2
         UNION ALL SELECT body, updated_at FROM posts
           WHERE author_id = $1 AND status = '${PostStatus.HELD}' AND updated_at > $2 AND published_at IS NULL
       ) written ORDER BY at DESC LIMIT $3`,
      [authorId, since, limit],
    )
    return rows.map(({ body }) => body)
  }

  private matching({ status = PostStatus.PUBLISHED, authorId, tag }: PostFilter): SelectQueryBuilder<Post> {
    const { viewer } = this.db.caller
    const query = this.rows().where('post.status = :status', { status })
    for (const condition of isPostListed(viewer, 'post', { authorId }, this.db.now))
      query.andWhere(...condition)
    // Nobody else's, of whom there is more than can be looked through.
    if (!isReadable(status) && !holdsSomewhere(viewer, 'posts:moderate'))
      query.andWhere('post.authorId = :viewer', { viewer: ownId(viewer, 'posts:moderate') })
    if (tag) query.andWhere('post.tags @> ARRAY[:tag]', { tag: normaliseTag(tag) })
    return query
  }

  private trash(since: Date): SelectQueryBuilder<Post> {
    const { viewer } = this.db.caller
    return this.rows()
      .where('post.authorId = :author', { author: ownId(viewer, 'posts:moderate') })
      .andWhere('post.deletedAt > :since', { since })
  }

  private visible(): SelectQueryBuilder<Post> {
    const { viewer } = this.db.caller
    return this.rows().where(...isPostVisible(viewer, 'post'))
  }

  private rows(): SelectQueryBuilder<Post> {
    return selectRows(this.db, Post, 'post', COLUMNS)
  }
}
