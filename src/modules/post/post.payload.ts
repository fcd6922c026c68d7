import { ID } from 'type-graphql'
import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { PostType } from './post.type'

@Type('CreatePostPayload', 'The answer of `createPost`.')
export class CreatePostPayload extends MutationPayload {
  @Shown(() => PostType, 'The new post.', true)
  post?: PostType
}

@Type('UpdatePostPayload', 'The answer of `updatePost`.')
export class UpdatePostPayload extends MutationPayload {
  @Shown(() => PostType, 'The post as it is now.', true)
  post?: PostType
}

@Type('PublishPostPayload', 'The answer of `publishPost`.')
export class PublishPostPayload extends MutationPayload {
  @Shown(() => PostType, 'The post, published.', true)
  post?: PostType
}

@Type('DeletePostPayload', 'The answer of `deletePost`.')
export class DeletePostPayload extends MutationPayload {
  @Shown(() => ID, 'The id of the post that is gone.', true)
  deletedPostId?: string
}
