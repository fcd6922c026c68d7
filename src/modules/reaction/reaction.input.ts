import { IdOf, Input, Text } from '../../api/input'

const SUBJECT = 'The post or comment.'

@Input('AddReactionInput', 'How to react, and to what.')
export class AddReactionInput {
  @IdOf(['post', 'comment'], SUBJECT)
  subjectId!: string

  @Text({ description: 'One of `reactionKinds`.', max: 40 })
  kind!: string
}

@Input('RemoveReactionInput', 'Which reaction to take back.')
export class RemoveReactionInput {
  @IdOf(['post', 'comment'], SUBJECT)
  subjectId!: string
}
