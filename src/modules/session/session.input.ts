import { ArgsType, Field } from 'type-graphql'
import { PageArguments } from '../../api/connection'
import { IdOf, Input } from '../../api/input'

@Input('RevokeSessionInput', 'Which session to end.')
export class RevokeSessionInput {
  @IdOf(
    'session',
    'The session to end: one of your own, or with `sessions:revoke` that of somebody who is not above you.',
  )
  sessionId!: string
}

@ArgsType()
export class SessionArguments extends PageArguments {
  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether sessions that have ended are listed too.',
  })
  includeEnded!: boolean
}
