import { IdOf, Input, Text } from '../../api/input'

@Input('RestrictProcessingInput', 'Whose data to keep and not to use.')
export class RestrictProcessingInput {
  @IdOf(
    'privacy_request',
    'A request that you handle, of whoever made it; your own data where none is named.',
    {
      optional: true,
    },
  )
  privacyRequestId?: string

  @Text({ description: 'Why, in your words.', max: 5_000, multiline: true, optional: true })
  message?: string
}

@Input('LiftRestrictionInput', 'Whose data may be used again.')
export class LiftRestrictionInput {
  @IdOf(
    'privacy_request',
    'A request that you have handled, of whoever made it; your own data where none is named.',
    {
      optional: true,
    },
  )
  privacyRequestId?: string
}
