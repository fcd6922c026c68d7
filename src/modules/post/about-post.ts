import { toGlobalId } from '../../core/id'
import type { Post } from './post.entity'

/** What the trail is told of a post besides what happened to it: it is its author's. */
export const aboutPost = ({ id, authorId }: Pick<Post, 'id' | 'authorId'>) => ({
  subjectId: authorId,
  target: toGlobalId('post', id),
})
