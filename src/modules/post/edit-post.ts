import { isDeepStrictEqual } from 'node:util'
import { rejected, UserErrorCode } from '../../core/error'
import { readerId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { LegalHoldService } from '../legal-hold/legal-hold.service'
import { ModerationCaseService } from '../moderation-case/moderation-case.service'
import { ModeratedKind } from '../moderation-decision/moderated-kind'
import { saveChange } from './locked-post'
import { slugOf } from './new-post'
import type { Post } from './post.entity'
import { rendered } from './post-markup'
import { PostRevisionRepository } from './post-revision.repository'
import { PostStatus } from './post-status'
import { assertNotRemoved, assertNotWaiting, textOf } from './screen-post'

/** How many revisions of a post are kept. What it said before them is forgotten, unless the law wants its author's data kept. */
const MAX_REVISIONS = 100

/** What a post says. */
export type Content = Pick<Post, 'title' | 'body' | 'tags'>

export const contentOf = ({ title, body, tags }: Content): Content => ({ title, body, tags })

/**
 * Gives a locked post another content, or shows it to others, and keeps what it said; what was hidden waits for a moderator then. Answers the post and what has changed of it.
 * @throws Rejected INVALID where what it says would change and it is archived; NOT_PERMITTED where it was removed, or waits for a moderator; FILTERED
 */
export async function editPost(
  tx: Database,
  post: Post,
  changes: Partial<Content & Pick<Post, 'language' | 'visibility'>>,
): Promise<{ post: Post; fields: string[] }> {
  const fields = (Object.keys(changes) as (keyof typeof changes)[]).filter(
    (field) => !isDeepStrictEqual(changes[field], post[field]),
  )
  if (fields.length === 0) return { post, fields }
  if (fields.every((field) => !(field in contentOf(post))))
    return { post: await saveChange(tx, post, changes), fields }
  if (post.status === PostStatus.ARCHIVED)
    throw rejected('postId', UserErrorCode.INVALID, 'It is archived. Take it out of the archive first.')
  assertNotRemoved(post)
  assertNotWaiting(tx, post)
  const { now } = tx
  // A moderator looks at what was hidden before its readers do, and at what waits as somebody else of them has changed it.
  const isMended = post.status === PostStatus.HIDDEN
  if (isMended || post.status === PostStatus.HELD) await tellModerators(tx, { ...post, ...changes }, isMended)
  await keepRevision(tx, post, now)
  const html = fields.includes('body') ? rendered(changes.body!) : {}
  // Nobody has the address yet, and a title that was thought better of is not for its readers.
  const slug = fields.includes('title') && post.publishedAt === null ? { slug: slugOf(changes.title!) } : {}
  const mended = isMended ? { status: PostStatus.HELD } : {}
  const edited = { ...changes, ...html, ...slug, ...mended, editedAt: now }
  return { post: await saveChange(tx, post, edited, now), fields }
}

async function tellModerators(tx: Database, post: Post, isMended: boolean): Promise<void> {
  const cases = new ModerationCaseService(tx)
  const text = textOf(post)
  const about = { subjectKind: ModeratedKind.POST, subjectId: post.id, authorId: post.authorId, text }
  await (isMended ? cases.openMended(about) : cases.open(about, 0, tx.now))
}

async function keepRevision(tx: Database, post: Post, replacedAt: Date): Promise<void> {
  const { id: postId, authorId } = post
  const revisions = new PostRevisionRepository(tx)
  const editorId = readerId(tx.caller.viewer)
  const number = await revisions.add({ ...contentOf(post), postId, authorId, editorId, replacedAt })
  if (number > MAX_REVISIONS && !(await new LegalHoldService(tx).isHeld(authorId)))
    await revisions.forgetUpTo(postId, number - MAX_REVISIONS)
}
