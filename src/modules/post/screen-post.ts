import { isDeepStrictEqual } from 'node:util'
import { concerningTheWhole, Rejected, rejected, UserErrorCode } from '../../core/error'
import { viewerId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import type { Part } from '../content-filter/filter-set'
import { FilteredKind } from '../content-filter/filter-terms'
import { assertNotRefused, screenContent, type Piece } from '../content-filter/screen-content'
import { shownText } from '../markup/shown-text'
import { aboutPost } from './about-post'
import type { Post } from './post.entity'
import { PostRepository } from './post.repository'
import { PostStatus } from './post-status'
import { isOpenToOthers } from './post-visibility'

/**
 * Shows filters a post that others are about to read, or to read otherwise, and holds it where one says so. Every change of a post goes
 * through here. What a post said in the trash, it says out of it.
 * @throws Rejected FILTERED
 */
export async function screened(
  tx: Database,
  post: Post,
  before: Post | null,
  { isUnattended = false } = {},
): Promise<Post> {
  const wasOpen = before !== null && isOpenToOthers({ ...before, deletedAt: null })
  const isNews = !wasOpen || !isDeepStrictEqual(readOf(post), readOf(before))
  if (!isOpenToOthers(post) || !isNews) return post
  const { isHeld } = await screenContent(tx, pieceOf(tx, post, wasOpen ? before : null), { isUnattended })
  if (!isHeld) return post
  await new AuditService(tx).record('post.held', { ...aboutPost(post), actorId: post.authorId })
  return { ...post, status: PostStatus.HELD, publishAt: null, publishedAt: before?.publishedAt ?? null }
}

/** A draft that is published later is not refused as the filters are by now. @throws Rejected FILTERED */
export const assertPublishable = (tx: Database, post: Post): Promise<void> =>
  assertNotRefused(tx, pieceOf(tx, post, null))

/** What filters say of a post, where the input has no field for it. */
export function filteredAsAWhole(error: unknown): never {
  const isFiltered =
    error instanceof Rejected && error.problems.every(({ code }) => code === UserErrorCode.FILTERED)
  if (isFiltered) return concerningTheWhole(error)
  throw error
}

/** What is given back is what was decided about. @throws Rejected NOT_PERMITTED for what moderation has removed */
export function assertNotRemoved({ status }: Pick<Post, 'status'>): void {
  if (status === PostStatus.REMOVED)
    throw rejected('postId', UserErrorCode.NOT_PERMITTED, 'It was removed. Ask whoever moderates.')
}

/** It is shown again once its author has changed it and a moderator agrees. @throws Rejected NOT_PERMITTED */
export function assertNotHidden({ status }: Pick<Post, 'status'>): void {
  if (status === PostStatus.HIDDEN)
    throw rejected(
      'postId',
      UserErrorCode.NOT_PERMITTED,
      'It is hidden. Change what is wrong with it; your moderation decisions say what.',
    )
}

/** Whoever decides about what waits decides about what they have read. @throws Rejected NOT_PERMITTED */
export function assertNotWaiting(tx: Database, { status, authorId }: Post): void {
  if (status === PostStatus.HELD && authorId === viewerId(tx.caller.viewer))
    throw rejected(
      'postId',
      UserErrorCode.NOT_PERMITTED,
      'It waits for a moderator. Wait until one has decided, or delete it.',
    )
}

const readOf = ({ title, body, tags }: Pick<Post, 'title' | 'body' | 'tags'>) => ({ title, body, tags })

const pieceOf = (tx: Database, post: Post, before: Post | null): Piece => ({
  kind: FilteredKind.POST,
  id: post.id,
  authorId: post.authorId,
  body: post.body,
  text: textOf(post),
  parts: () => partsOf(post),
  before: before && (() => partsOf(before)),
  earlier: (since, limit) => new PostRepository(tx).bodiesSince(post.authorId, since, limit),
})

/** All that a post says, as it was written. */
export const textOf = ({ title, body, tags }: Pick<Post, 'title' | 'body' | 'tags'>): string =>
  [title, body, tags.map((tag) => `#${tag}`).join(' ')].filter(Boolean).join('\n\n')

/** What is read of a post, by field. */
export const partsOf = ({ title, bodyHtml, tags }: Pick<Post, 'title' | 'bodyHtml' | 'tags'>): Part[] => [
  { field: 'title', text: title, addresses: [] },
  { field: 'body', ...shownText(bodyHtml) },
  { field: 'tags', text: tags.join('\n'), addresses: [] },
]
