import { sharesWithAll } from '../../context/kept-away'
import { defineLoader, grouped, keyed, type IsCommon } from '../../context/loader'
import type { Id } from '../../core/id'
import type { Page } from '../../core/page'
import { CommentService, type CommentRow } from './comment.service'
import type { Thread } from './thread.entity'

export type { CommentRow } from './comment.service'

/** What waits for a moderator or was removed is shown whole to some. */
const isCommon: IsCommon<CommentRow | null> = (comment, viewer, load) =>
  comment.removedAt === null && comment.heldAt === null && sharesWithAll(viewer, comment.authorId, load)

export const commentById = defineLoader<Id, CommentRow>(
  async (db, ids) => keyed(await new CommentService(db).lookup(ids), 'id'),
  null,
  isCommon,
)

/** The same, but of whom the viewer has muted. */
export const heardCommentById = defineLoader<Id, CommentRow>(
  async (db, ids) => keyed(await new CommentService(db).lookupHeard(ids), 'id'),
  null,
  isCommon,
)

export const threadOf = defineLoader<Id, Thread>(async (db, postIds) =>
  keyed(await new CommentService(db).threadsOf(postIds), 'postId'),
)

export const mentionsOf = defineLoader<Id, { userId: Id }[], []>(
  async (db, commentIds) => grouped(await new CommentService(db).mentioned(commentIds), 'commentId'),
  [],
)

/** The first so many of a list, by whose list it is; see `firstOf`. */
type FirstKey = `${Id}:${number}`

export const firstOf = (id: Id, size: number): FirstKey => `${id}:${size}`

type ListFirst = (
  service: CommentService,
  ids: readonly Id[],
  size: number,
) => Promise<Map<Id, Page<CommentRow>>>

/** A feed asks for the first comments to each of its posts, which are as many lists, with one statement for all of one size. */
const defineFirstPages = (list: ListFirst) =>
  defineLoader<FirstKey, Page<CommentRow>>(async (db, keys) => {
    const asked = keys.map((key) => {
      const [id, size] = key.split(':')
      return { key, id: id!, size: Number(size) }
    })
    const pages = new Map<FirstKey, Page<CommentRow>>()
    for (const [size, ofSize] of grouped(asked, 'size')) {
      const found = await list(
        new CommentService(db),
        ofSize.map(({ id }) => id),
        size,
      )
      for (const { key, id } of ofSize) pages.set(key, found.get(id)!)
    }
    return pages
  })

export const firstComments = defineFirstPages((service, ids, size) => service.listFirst(ids, size))
export const firstReplies = defineFirstPages((service, ids, size) => service.listFirstReplies(ids, size))
