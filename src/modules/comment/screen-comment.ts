import type { Database } from '../../db/database'
import { FilteredKind } from '../content-filter/filter-terms'
import { screenContent } from '../content-filter/screen-content'
import type { Part } from '../content-filter/filter-set'
import { shownText } from '../markup/shown-text'
import type { Comment } from './comment.entity'
import { CommentRepository } from './comment.repository'

type Said = Pick<Comment, 'id' | 'authorId' | 'body' | 'bodyHtml'>

/** Shows filters what a comment says from now on; whether it has to wait for a moderator. @throws Rejected FILTERED */
export const screened = (tx: Database, comment: Said, before: Said | null): Promise<{ isHeld: boolean }> =>
  screenContent(tx, {
    kind: FilteredKind.COMMENT,
    id: comment.id,
    authorId: comment.authorId,
    body: comment.body,
    parts: () => partsOf(comment),
    before: before && (() => partsOf(before)),
    earlier: (since, limit) => new CommentRepository(tx).bodiesSince(comment.authorId, since, limit),
  })

/** What is read of a comment. */
export const partsOf = ({ bodyHtml }: Pick<Comment, 'bodyHtml'>): Part[] => [
  { field: 'body', ...shownText(bodyHtml) },
]
