import { ID } from 'type-graphql'
import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { ContentFilterType } from './content-filter.type'

@Type('CreateContentFilterPayload', 'The answer of `createContentFilter`.')
export class CreateContentFilterPayload extends MutationPayload {
  @Shown(() => ContentFilterType, 'The new filter.', true)
  contentFilter?: ContentFilterType
}

@Type('UpdateContentFilterPayload', 'The answer of `updateContentFilter`.')
export class UpdateContentFilterPayload extends MutationPayload {
  @Shown(() => ContentFilterType, 'The filter as it is now.', true)
  contentFilter?: ContentFilterType
}

@Type('DeleteContentFilterPayload', 'The answer of `deleteContentFilter`.')
export class DeleteContentFilterPayload extends MutationPayload {
  @Shown(() => ID, 'The id of the filter that is gone.', true)
  deletedContentFilterId?: string
}
