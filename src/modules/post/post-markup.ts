import type { Database } from '../../db/database'
import { MARKUP_VERSION, renderMarkup } from '../markup/markup'
import type { Post } from './post.entity'
import { PostRepository } from './post.repository'

type Shown = Pick<Post, 'bodyHtml' | 'excerpt' | 'markupVersion'>

/** What is kept beside a text so that it need not be made anew for every reader, and to find it by. */
export function rendered(body: string): Shown & Pick<Post, 'plainText'> {
  const { html, text, excerpt } = renderMarkup(body)
  return { bodyHtml: html, plainText: text, excerpt, markupVersion: MARKUP_VERSION }
}

/** What is shown of a text, be it that an older version of Portico has made what is kept. */
export const shown = (post: Shown & Pick<Post, 'body'>): Shown =>
  post.markupVersion < MARKUP_VERSION ? rendered(post.body) : post

/** Makes anew what an older version has made of up to so many texts; returns of how many. Nobody has changed them by that. */
export async function renderAnew(db: Database, limit: number): Promise<number> {
  return db.transaction(async (tx) => {
    const posts = new PostRepository(tx)
    const outdated = await posts.lockRenderedBefore(MARKUP_VERSION, limit)
    await posts.saveRendered(outdated.map(({ id, body }) => ({ id, ...rendered(body) })))
    return outdated.length
  })
}
