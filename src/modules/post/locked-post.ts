import { notFound } from '../../core/error'
import type { Id } from '../../core/id'
import type { Permission } from '../../core/permission'
import { requireSignedIn } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuthorityService } from '../role/authority.service'
import type { Post } from './post.entity'
import { PostRepository } from './post.repository'
import { screened } from './screen-post'

/** A post of the viewer's own, locked: who reads it, and when, nobody else says. @throws ApiError NOT_FOUND */
export async function lockOwn(tx: Database, postId: Id): Promise<Post> {
  const post = await new PostRepository(tx).lock(postId)
  if (post?.authorId === requireSignedIn(tx.caller.viewer).userId) return post
  throw notFound('post')
}

/**
 * A post of which the viewer may change what it says, locked: their own, or of somebody whom they moderate and who is not above them.
 * Any other answers as if it did not exist.
 * @throws ApiError NOT_FOUND; Rejected NOT_PERMITTED
 */
export const lockEditable = async (tx: Database, postId: Id): Promise<Post> =>
  requireReach(tx, await new PostRepository(tx).lock(postId), 'posts:moderate')

/**
 * This post, if it is the viewer's own or if they hold this over its author, who is not above them.
 * @throws ApiError NOT_FOUND; Rejected NOT_PERMITTED
 */
export async function requireReach(
  tx: Database,
  post: Post | null,
  permission: ContentPermission,
): Promise<Post> {
  const { userId } = requireSignedIn(tx.caller.viewer)
  if (post && (post.authorId === userId || (await mayActOn(tx, post, permission)))) return post
  throw notFound('post')
}

export type ContentPermission = Extract<Permission, `posts:${string}`>

/** The policy cannot know whose post it is, so the role is asked for here, as it stands by now. */
const mayActOn = (tx: Database, { authorId }: Post, permission: ContentPermission): Promise<boolean> =>
  new AuthorityService(tx).mayActOn(authorId, permission)

/** Saves what changes of a locked post, and counts its version. Answers the post as it is then: filters may hold it. @throws Rejected FILTERED */
export async function saveChange(
  tx: Database,
  post: Post,
  changes: Partial<Post>,
  at = tx.now,
  screening: Parameters<typeof screened>[3] = {},
): Promise<Post> {
  const changed = await screened(
    tx,
    { ...post, ...changes, updatedAt: at, version: post.version + 1 },
    post,
    screening,
  )
  await new PostRepository(tx).save(changed)
  return changed
}
