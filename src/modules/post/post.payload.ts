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

@Type('ArchivePostPayload', 'The answer of `archivePost`.')
export class ArchivePostPayload extends MutationPayload {
  @Shown(() => PostType, 'The post, archived.', true)
  post?: PostType
}

@Type('UnarchivePostPayload', 'The answer of `unarchivePost`.')
export class UnarchivePostPayload extends MutationPayload {
  @Shown(() => PostType, 'The post, out of the archive.', true)
  post?: PostType
}

@Type('DeletePostPayload', 'The answer of `deletePost`.')
export class DeletePostPayload extends MutationPayload {
  @Shown(() => ID, 'The id of the post that is in the trash now.', true)
  deletedPostId?: string
}

@Type('RestorePostPayload', 'The answer of `restorePost`.')
export class RestorePostPayload extends MutationPayload {
  @Shown(() => PostType, 'The post, as it was before.', true)
  post?: PostType
}

@Type('PurgePostPayload', 'The answer of `purgePost`.')
export class PurgePostPayload extends MutationPayload {
  @Shown(() => ID, 'The id of the post that is gone.', true)
  purgedPostId?: string
}

@Type('RestorePostRevisionPayload', 'The answer of `restorePostRevision`.')
export class RestorePostRevisionPayload extends MutationPayload {
  @Shown(() => PostType, 'The post as it is now.', true)
  post?: PostType
}

@Type('SchedulePostPayload', 'The answer of `schedulePost`.')
export class SchedulePostPayload extends MutationPayload {
  @Shown(() => PostType, 'The post, scheduled.', true)
  post?: PostType
}

@Type('UnschedulePostPayload', 'The answer of `unschedulePost`.')
export class UnschedulePostPayload extends MutationPayload {
  @Shown(() => PostType, 'The post, a draft again.', true)
  post?: PostType
}
