import { IdOf, Input, Text } from '../../api/input'

@Input('RemoveUserAvatarInput', 'Whose avatar to remove, and why.')
export class RemoveUserAvatarInput {
  @IdOf('user', 'The person; not somebody who may do what you may not.')
  userId!: string

  @Text({ description: 'Why, for the trail, where the person reads it.', max: 500, multiline: true })
  reason!: string
}
