import { Field } from 'type-graphql'
import { IdOf, Input } from '../../api/input'

@Input('BlockUserInput', 'Whom to block.')
export class BlockUserInput {
  @IdOf('user', 'The person; not yourself.')
  userId!: string
}

@Input('UnblockUserInput', 'Whom to block no longer.')
export class UnblockUserInput {
  @IdOf('user', 'The person.')
  userId!: string
}

@Input('MuteUserInput', 'Whom to mute, and until when.')
export class MuteUserInput {
  @IdOf('user', 'The person; not yourself.')
  userId!: string

  @Field(() => Date, {
    nullable: true,
    description: 'When it ends by itself; left out, it lasts until it is taken back.',
  })
  until?: Date | null
}

@Input('UnmuteUserInput', 'Whom to mute no longer.')
export class UnmuteUserInput {
  @IdOf('user', 'The person.')
  userId!: string
}
