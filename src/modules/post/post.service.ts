import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { notFound } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { requireSignedIn } from '../../core/viewer'
import type { Database } from '../../db/database'
import { assertVersion } from '../../db/version'
import { AuditService } from '../audit/audit.service'
import { AuthorityService } from '../role/authority.service'
import type { Post } from './post.entity'
import { PostStatus } from './post-status'
import type { CreatePostInput, UpdatePostInput } from './post.input'
import {
  normaliseTag,
  PostRepository,
  type PostFilter,
  type PostOrder,
  type PostRow,
} from './post.repository'

/*
 * The use cases of one concept. Each is a method: check the input, open a transaction, check what the row as it stands
 * allows, write through the repository, record the event. Imitate it: `npm run new:module <name>` copies this folder.
 */
export class PostService {
  private readonly posts: PostRepository

  constructor(private readonly db: Database) {
    this.posts = new PostRepository(db)
  }

  async lookup(ids: readonly Id[]): Promise<PostRow[]> {
    return this.posts.lookup(ids)
  }

  async findBySlug(slug: string): Promise<PostRow | null> {
    return this.posts.findBySlug(slug)
  }

  async list(filter: PostFilter, order: PostOrder, page: PageRequest): Promise<Page<PostRow>> {
    return this.posts.list(filter, order, page)
  }

  async count(filter: PostFilter): Promise<number> {
    return this.posts.count(filter)
  }

  /** Writes a post of the viewer's own: a draft, or published at once. */
  async create({ title, body, tags, publish }: CreatePostInput): Promise<Post> {
    const { userId } = requireSignedIn(this.db.caller.viewer)
    return this.db.transaction(async (tx) => {
      const { now } = tx
      const post: Post = {
        id: newId(now),
        authorId: userId,
        slug: slugOf(title),
        title,
        body,
        tags: normaliseTags(tags ?? []),
        status: publish ? PostStatus.PUBLISHED : PostStatus.DRAFT,
        publishedAt: publish ? now : null,
        createdAt: now,
        updatedAt: now,
        deletedAt: null,
        version: 1,
      }
      await new PostRepository(tx).add(post)
      const audit = new AuditService(tx)
      await audit.record('post.created', { target: toGlobalId('post', post.id) })
      if (publish) await audit.record('post.published', { target: toGlobalId('post', post.id) })
      return post
    })
  }

  /**
   * Changes a post: one's own, or with `posts:moderate` anybody's.
   * @throws ApiError NOT_FOUND; CONFLICT when `expectedVersion` is not the current one.
   */
  async update({ postId, expectedVersion, ...changes }: UpdatePostInput): Promise<Post> {
    return this.db.transaction(async (tx) => {
      const post = await lockOwn(tx, postId)
      const { title, body, tags } = post
      assertVersion(post.version, expectedVersion, { title, body, tags })
      const content = {
        title: changes.title ?? title,
        body: changes.body ?? body,
        tags: changes.tags ? normaliseTags(changes.tags) : tags,
      }
      const fields = (['title', 'body', 'tags'] as const).filter(
        (field) => !isDeepStrictEqual(content[field], post[field]),
      )
      if (fields.length === 0) return post
      const updated: Post = { ...post, ...content, updatedAt: tx.now, version: post.version + 1 }
      await new PostRepository(tx).save(updated)
      await new AuditService(tx).record('post.updated', {
        subjectId: post.authorId,
        target: toGlobalId('post', post.id),
        details: { fields },
      })
      return updated
    })
  }

  /** Publishes a draft; a post that is published already stays as it is. */
  async publish(postId: Id): Promise<Post> {
    return this.db.transaction(async (tx) => {
      const post = await lockOwn(tx, postId)
      if (post.status === PostStatus.PUBLISHED) return post
      const published: Post = {
        ...post,
        status: PostStatus.PUBLISHED,
        publishedAt: tx.now,
        updatedAt: tx.now,
        version: post.version + 1,
      }
      await new PostRepository(tx).save(published)
      await new AuditService(tx).record('post.published', {
        subjectId: post.authorId,
        target: toGlobalId('post', post.id),
      })
      return published
    })
  }

  /** Deletes a post and all that was written in it: one's own, or with `posts:moderate` anybody's. Returns its id. */
  async delete(postId: Id): Promise<Id> {
    return this.db.transaction(async (tx) => {
      const post = await lockOwn(tx, postId)
      await new PostRepository(tx).save({
        ...post,
        // Unique, as a slug has to be, and says nothing.
        slug: post.id,
        title: '',
        body: '',
        tags: [],
        deletedAt: tx.now,
        updatedAt: tx.now,
        version: post.version + 1,
      })
      await new AuditService(tx).record('post.deleted', {
        subjectId: post.authorId,
        target: toGlobalId('post', post.id),
      })
      return post.id
    })
  }
}

/** A post that the viewer may change, locked. Somebody else's answers as if it did not exist. */
async function lockOwn(tx: Database, postId: Id): Promise<Post> {
  const viewer = requireSignedIn(tx.caller.viewer)
  const post = await new PostRepository(tx).lock(postId)
  if (post?.authorId === viewer.userId) return post
  // The policy cannot know whose post it is, so the role is asked for here, as it stands by now.
  const mayModerate = post && (await new AuthorityService(tx).reaches(post.authorId, 'posts:moderate'))
  if (!mayModerate) throw notFound('post')
  return post
}

/** A readable address of the post; the random end makes it unique, so that titles may repeat. */
function slugOf(title: string): string {
  const words = title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
  // By code points: half of one is no text.
  const beginning = [...words]
    .slice(0, 60)
    .join('')
    .replace(/^-+|-+$/g, '')
  return [beginning, randomBytes(5).toString('hex')].filter(Boolean).join('-')
}

const normaliseTags = (tags: readonly string[]): string[] => [...new Set(tags.map(normaliseTag))]
