import type { Id } from '../../core/id'
import { holds, isSignedIn, lacksConsent, type Viewer } from '../../core/viewer'
import { isShown, ownOrWithinReach, type Condition } from '../../db/reach'
import { isNotBlocked, isNotMuted } from '../block/block-condition'
import type { Post } from './post.entity'
import { PostStatus, PostVisibility, READABLE } from './post-status'

/**
 * Which posts the viewer may see, and with them all that belongs to a post: what is published or archived those for whom its
 * author means it, everything else its author alone, and `posts:moderate` all of it. What is in the trash nobody. `post` is what
 * the query calls the table; `author`, where they are all of one, is asked about once.
 */
export function isPostVisible(viewer: Viewer, post: string, author = `${post}.author_id`): Condition {
  const [isAuthorShown, shownTo] = isShown(viewer, author)
  const isThere = `${post}.deleted_at IS NULL AND ${isAuthorShown}`
  // Published or not is then no question, and a list walks its index without one.
  if (holds(viewer, 'posts:moderate')) return [`(${isThere})`, shownTo]
  const [isWithinReach, parameters] = ownOrWithinReach(viewer, author, 'posts:moderate')
  const isReadable = `${post}.status = ANY(:readable) AND ${post}.visibility = ANY(:open_to)`
  return [
    `(${isThere} AND (${isReadable} OR ${isWithinReach}))`,
    { ...shownTo, ...parameters, readable: READABLE, open_to: openTo(viewer) },
  ]
}

/**
 * Which of them stand in lists: not those by whom the viewer has blocked or muted, unless they ask for the posts of one person, whose id
 * the parameter `authorId` then has.
 */
export const isPostListed = (
  viewer: Viewer,
  post: string,
  { authorId }: { authorId?: Id },
  now: Date,
): Condition[] =>
  authorId
    ? [isPostVisible(viewer, post, ':authorId::uuid'), [`${post}.author_id = :authorId::uuid`, { authorId }]]
    : [
        isPostVisible(viewer, post),
        isNotBlocked(viewer, `${post}.author_id`),
        isNotMuted(viewer, `${post}.author_id`, now),
      ]

/** Whoever has yet to agree to something is no member until they have. */
const openTo = (viewer: Viewer): PostVisibility[] =>
  isSignedIn(viewer) && !lacksConsent(viewer)
    ? [PostVisibility.PUBLIC, PostVisibility.MEMBERS]
    : [PostVisibility.PUBLIC]

/** Whether it is open to more people than its author and staff, so that nobody's reading it is worth a note. */
export const isOpenToOthers = ({ status, visibility, deletedAt }: PostStanding): boolean =>
  deletedAt === null && READABLE.some((one) => one === status) && visibility !== PostVisibility.ONLY_ME

/** The same as SQL has it. */
export const isOpenPost = (post: string): string =>
  `(${post}.deleted_at IS NULL AND ${post}.status IN ('${READABLE.join("', '")}') AND ${post}.visibility <> '${PostVisibility.ONLY_ME}')`

/** Whether comments, reactions and the like may be added to it by those who see it. */
export const takesAdditions = ({ status, deletedAt }: Omit<PostStanding, 'visibility'>): boolean =>
  deletedAt === null && !CLOSED.includes(status)

const CLOSED: readonly PostStatus[] = [
  PostStatus.ARCHIVED,
  PostStatus.REMOVED,
  PostStatus.HELD,
  PostStatus.HIDDEN,
]

type PostStanding = Pick<Post, 'status' | 'visibility' | 'deletedAt'>
