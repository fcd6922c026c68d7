import { notFound, rejected, UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { requireSignedIn, viewerId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { assertVersion } from '../../db/version'
import { AuditService } from '../audit/audit.service'
import { isLocale, LOCALE_ADVICE } from '../../core/locale'
import { UserService } from '../user/user.service'
import { contentOf, editPost } from './edit-post'
import { ModerationDecisionService } from '../moderation-decision/moderation-decision.service'
import { ThrottleService } from '../throttle/throttle.service'
import { aboutPost } from './about-post'
import { lockEditable, lockOwn, saveChange } from './locked-post'
import { newPost, published } from './new-post'
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
import {
  assertNotHidden,
  assertNotRemoved,
  assertNotWaiting,
  filteredAsAWhole,
  screened,
} from './screen-post'
import { trashSince } from './trashed'

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

  /**
   * A post that the viewer sees, which stays as it is until the transaction ends: what is added to it meets no change of it. Call it
   * before anything that belongs to the post is locked.
   * @throws ApiError NOT_FOUND
   */
  async hold(id: Id): Promise<PostRow> {
    const post = await this.posts.hold(id)
    if (!post) throw notFound('post')
    return post
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

  /** What is open to others, as far as the viewer sees it: the latest begun first, beyond one of these. */
  async newestShown(beyond: Id | null, limit: number): Promise<PostRow[]> {
    return this.posts.newestShown(beyond, limit)
  }

  /** What the viewer has moved to the trash, the latest first. */
  async listTrash(page: PageRequest): Promise<Page<PostRow>> {
    return this.posts.listTrash(trashSince(this.db.now), page)
  }

  async countTrash(): Promise<number> {
    return this.posts.countTrash(trashSince(this.db.now))
  }

  /**
   * Writes a post of the viewer's own: a draft, or published at once.
   * @throws ApiError RATE_LIMITED; Rejected NOT_PERMITTED for who is silenced; INVALID for a language that is none; FILTERED
   */
  async create({ title, body, tags, language, visibility, publish }: CreatePostInput): Promise<Post> {
    const { userId } = requireSignedIn(this.db.caller.viewer)
    checkLanguage(language)
    await new ThrottleService(this.db).tryWriting()
    return this.db.transaction(async (tx) => {
      await new ModerationDecisionService(tx).assertNotSilenced()
      const { now } = tx
      const draft = newPost(
        {
          authorId: userId,
          title,
          body,
          tags: normaliseTags(tags ?? []),
          language: language ?? (await new UserService(tx).localeOf(userId)),
          visibility,
        },
        now,
      )
      await new AuditService(tx).record('post.created', aboutPost(draft))
      const post = await screened(tx, publish ? { ...draft, ...published(now) } : draft, null)
      await new PostRepository(tx).add(post)
      await recordPublished(tx, post)
      return post
    })
  }

  /**
   * Changes a post: one's own, or with `posts:moderate` what that of somebody else says.
   * @throws ApiError NOT_FOUND, RATE_LIMITED; CONFLICT when `expectedVersion` is not the current one. Rejected INVALID where more than its
   * visibility would change and it is archived, and for a language that is none; NOT_PERMITTED the same where it was removed, or waits for a moderator,
   * for the visibility of somebody else's, and about somebody above; FILTERED
   */
  async update({ postId, expectedVersion, ...changes }: UpdatePostInput): Promise<Post> {
    checkLanguage(changes.language)
    await new ThrottleService(this.db).tryWriting()
    return this.db.transaction(async (tx) => {
      await new ModerationDecisionService(tx).assertNotSilenced()
      const post = await lockEditable(tx, postId)
      const { language, visibility } = post
      if (changes.visibility && changes.visibility !== visibility) assertIsAuthor(tx, post)
      assertVersion(post.version, expectedVersion, { ...contentOf(post), language, visibility })
      const edited = await editPost(tx, post, {
        title: changes.title ?? post.title,
        body: changes.body ?? post.body,
        tags: changes.tags ? normaliseTags(changes.tags) : post.tags,
        language: changes.language ?? post.language,
        visibility: changes.visibility ?? visibility,
      })
      const { fields } = edited
      if (fields.length > 0)
        await new AuditService(tx).record('post.updated', { ...aboutPost(post), details: { fields } })
      return edited.post
    })
  }

  /**
   * Publishes a draft, be it scheduled or not; a post that is published already stays as it is.
   * @throws ApiError NOT_FOUND, RATE_LIMITED. Rejected INVALID for what is archived; NOT_PERMITTED for what was removed or hidden, or waits for a moderator;
   * FILTERED
   */
  async publish(postId: Id): Promise<Post> {
    await new ThrottleService(this.db).tryWriting()
    return this.db.transaction(async (tx) => {
      await new ModerationDecisionService(tx).assertNotSilenced()
      const post = await lockOwn(tx, postId)
      if (post.status === PostStatus.PUBLISHED) return post
      if (post.status === PostStatus.ARCHIVED)
        throw rejected('postId', UserErrorCode.INVALID, 'It is archived. Take it out of the archive.')
      assertNotRemoved(post)
      assertNotHidden(post)
      assertNotWaiting(tx, post)
      // A moderator decides about the case instead.
      if (post.status === PostStatus.HELD) return post
      const changed = await saveChange(tx, post, published(tx.now)).catch(filteredAsAWhole)
      await recordPublished(tx, changed)
      return changed
    })
  }
}

/** Where a filter holds a post, it is not published. */
async function recordPublished(tx: Database, post: Post): Promise<void> {
  if (post.status === PostStatus.PUBLISHED)
    await new AuditService(tx).record('post.published', aboutPost(post))
}

function assertIsAuthor({ caller }: Database, { authorId }: Post): void {
  if (authorId !== viewerId(caller.viewer))
    throw rejected('visibility', UserErrorCode.NOT_PERMITTED, 'Its author alone says who reads it.')
}

function checkLanguage(language: string | undefined): void {
  if (language !== undefined && !isLocale(language))
    throw rejected('language', UserErrorCode.INVALID, LOCALE_ADVICE)
}

const normaliseTags = (tags: readonly string[]): string[] => [...new Set(tags.map(normaliseTag))]
