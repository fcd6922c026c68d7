import { randomBytes } from 'node:crypto'
import { newId } from '../../core/id'
import type { Post } from './post.entity'
import { rendered } from './post-markup'
import { PostStatus, PostVisibility } from './post-status'

/** What its author says of a new post. */
export type Written = Pick<Post, 'authorId' | 'title' | 'body' | 'tags' | 'language'> &
  Partial<Pick<Post, 'visibility'>>

/** A draft that is begun at this moment, for everybody once it is published. */
export const newPost = (written: Written, now: Date): Post => ({
  visibility: PostVisibility.PUBLIC,
  ...written,
  ...rendered(written.body),
  id: newId(now),
  slug: slugOf(written.title),
  status: PostStatus.DRAFT,
  publishAt: null,
  publishedAt: null,
  archivedAt: null,
  createdAt: now,
  updatedAt: now,
  editedAt: null,
  deletedAt: null,
  version: 1,
})

/** What changes of a draft that is published at this moment. */
export const published = (now: Date): Pick<Post, 'status' | 'publishAt' | 'publishedAt'> => ({
  status: PostStatus.PUBLISHED,
  publishAt: null,
  publishedAt: now,
})

/** A readable address of the post; the random end makes it unique, so that titles may repeat. */
export function slugOf(title: string): string {
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
