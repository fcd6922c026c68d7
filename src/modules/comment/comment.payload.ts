import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { PostType } from '../post/post.type'
import { CommentType } from './comment.type'

@Type('AddCommentPayload', 'The answer of `addComment`.')
export class AddCommentPayload extends MutationPayload {
  @Shown(() => CommentType, 'The new comment.', true)
  comment?: CommentType
}

@Type('EditCommentPayload', 'The answer of `editComment`.')
export class EditCommentPayload extends MutationPayload {
  @Shown(() => CommentType, 'The comment as it is now.', true)
  comment?: CommentType
}

@Type('DeleteCommentPayload', 'The answer of `deleteComment`.')
export class DeleteCommentPayload extends MutationPayload {
  @Shown(() => CommentType, 'What is left of the comment.', true)
  comment?: CommentType
}

@Type('CloseThreadPayload', 'The answer of `closeThread`.')
export class CloseThreadPayload extends MutationPayload {
  @Shown(() => PostType, 'The post, whose thread is closed.', true)
  post?: PostType
}

@Type('ReopenThreadPayload', 'The answer of `reopenThread`.')
export class ReopenThreadPayload extends MutationPayload {
  @Shown(() => PostType, 'The post, whose thread is open.', true)
  post?: PostType
}
