import type { Database } from '../../db/database'
import { MARKUP_VERSION, renderMarkup, type Markup } from '../markup/markup'
import type { Comment } from './comment.entity'
import { CommentRepository } from './comment.repository'

type Rendered = Pick<Comment, 'bodyHtml' | 'markupVersion'>

/** What is kept beside a text so that it need not be made anew for every reader. */
export const kept = ({ html }: Markup): Rendered => ({ bodyHtml: html, markupVersion: MARKUP_VERSION })

/** What is shown of a text, be it that an older version of Portico has made what is kept. */
export const shown = ({ body, bodyHtml, markupVersion }: Rendered & Pick<Comment, 'body'>): string =>
  markupVersion < MARKUP_VERSION ? renderMarkup(body).html : bodyHtml

/** Makes anew what an older version has made of up to so many texts; returns of how many. Nobody has changed them by that. */
export async function renderAnew(db: Database, limit: number): Promise<number> {
  return db.transaction(async (tx) => {
    const comments = new CommentRepository(tx)
    const outdated = await comments.lockRenderedBefore(MARKUP_VERSION, limit)
    await comments.saveRendered(outdated.map(({ id, body }) => ({ id, ...kept(renderMarkup(body)) })))
    return outdated.length
  })
}
