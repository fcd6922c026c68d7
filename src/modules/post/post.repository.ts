import { IsNull, type SelectQueryBuilder } from 'typeorm'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { holds } from '../../core/viewer'
import type { Database } from '../../db/database'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { ownOrWithinReach } from '../../db/reach'
import { Post } from './post.entity'
import { PostStatus } from './post-status'

const COLUMNS = [
  'id',
  'authorId',
  'slug',
  'title',
  'body',
  'tags',
  'status',
  'publishedAt',
  'createdAt',
  'updatedAt',
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

/** Published posts are ordered by when they were published, drafts by when they were begun. */
const orderOf = ({ status }: PostFilter, order: PostOrder): ListOrder<PostRow> => ({
  columns: [status === PostStatus.DRAFT ? 'createdAt' : 'publishedAt', 'id'],
  descending: order === PostOrder.NEWEST_FIRST,
})

/** Every question about posts. Published posts are everybody's; drafts are their author's, and `posts:moderate` sees all. */
export class PostRepository {
  constructor(private readonly db: Database) {}

  async lookup(ids: readonly Id[]): Promise<PostRow[]> {
    return this.visible().andWhere('post.id = ANY(:ids)', { ids }).getRawMany<PostRow>()
  }

  async findBySlug(slug: string): Promise<PostRow | null> {
    return (await this.visible().andWhere('post.slug = :slug', { slug }).getRawOne<PostRow>()) ?? null
  }

  async list(filter: PostFilter, order: PostOrder, page: PageRequest): Promise<Page<PostRow>> {
    return readPage(this.matching(filter), orderOf(filter, order), page)
  }

  async count(filter: PostFilter): Promise<number> {
    return this.matching(filter).getCount()
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

  async save({ id, ...columns }: Post): Promise<void> {
    await this.db.repo(Post).update({ id }, columns)
  }

  private matching({ status = PostStatus.PUBLISHED, authorId, tag }: PostFilter): SelectQueryBuilder<Post> {
    const query = this.visible().andWhere('post.status = :status', { status })
    if (authorId) query.andWhere('post.authorId = :authorId', { authorId })
    if (tag) query.andWhere('post.tags @> ARRAY[:tag]', { tag: normaliseTag(tag) })
    return query
  }

  private visible(): SelectQueryBuilder<Post> {
    const { viewer } = this.db.caller
    const query = selectRows(this.db, Post, 'post', COLUMNS).where('post.deletedAt IS NULL')
    // Published or not is then no question, and a list walks its index without one.
    if (holds(viewer, 'posts:moderate')) return query
    const [isWithinReach, parameters] = ownOrWithinReach(viewer, 'post.authorId', 'posts:moderate')
    return query.andWhere(`(post.status = :published OR ${isWithinReach})`, {
      ...parameters,
      published: PostStatus.PUBLISHED,
    })
  }
}
