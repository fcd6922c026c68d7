import { Field } from 'type-graphql'
import { IdOf, Input, Text } from '../../api/input'
import { Transport } from '../session/transport'

@Input('StartImpersonationInput', 'As whom to act, and why.')
export class StartImpersonationInput {
  @IdOf('user', 'The person as whom to act.')
  userId!: string

  @Text({ description: 'Why; the person is told it.', max: 500 })
  reason!: string

  @Field(() => Transport, {
    nullable: true,
    description: 'How the client carries the token; as a bearer token where nothing is said.',
  })
  transport?: Transport | null
}
