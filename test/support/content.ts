import { idOf, toGlobalId } from '../../src/core/id'
import { CommentService } from '../../src/modules/comment/comment.service'
import { ReactionService } from '../../src/modules/reaction/reaction.service'
import type { Person, World } from './world'

interface Said {
  body?: string
  /** The global id of the comment that it answers. */
  parentId?: string
}

/** Says something to a post as somebody; returns the comment's global id. */
export async function commentOn(
  world: World,
  post: { id: string },
  author: Person,
  { body = 'Words.', parentId }: Said = {},
): Promise<string> {
  const comments = new CommentService(await world.asViewer(author))
  const { id } = await comments.add({
    postId: post.id,
    parentId: parentId && idOf('comment', parentId)!,
    body,
  })
  return toGlobalId('comment', id)
}

/** Reacts to a comment as somebody. */
export async function reactionTo(
  world: World,
  commentId: string,
  person: Person,
  kind = 'like',
): Promise<void> {
  await new ReactionService(await world.asViewer(person)).add({
    subjectId: idOf('comment', commentId)!,
    kind,
  })
}
