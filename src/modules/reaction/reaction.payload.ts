import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { CommentType } from '../comment/comment.type'
import { PostType } from '../post/post.type'

@Type('AddReactionPayload', 'The answer of `addReaction`.')
export class AddReactionPayload extends MutationPayload {
  @Shown(() => PostType, 'The post, where it is one.', true)
  post?: PostType

  @Shown(() => CommentType, 'The comment, where it is one.', true)
  comment?: CommentType
}

@Type('RemoveReactionPayload', 'The answer of `removeReaction`.')
export class RemoveReactionPayload extends MutationPayload {
  @Shown(() => PostType, 'The post, where it is one.', true)
  post?: PostType

  @Shown(() => CommentType, 'The comment, where it is one.', true)
  comment?: CommentType
}
