import { Field } from 'type-graphql'
import { IdOf, Input, Text } from '../../api/input'

@Input('CreateAccessTokenInput', 'A new access token.')
export class CreateAccessTokenInput {
  @Text({ description: 'What it is for, so that you know it again.', max: 64 })
  name!: string

  @Text({
    description:
      'Which of your permissions it may make use of. With none it sees what is yours and changes your posts, profile and preferences, and gets tokens for other services that name you.',
    max: 64,
    list: { max: 100 },
  })
  scopes!: string[]

  @Field(() => Date, {
    nullable: true,
    description: 'When it ends by itself, in a year at the latest; in 90 days where nothing is said.',
  })
  expiresAt?: Date | null
}

@Input('RevokeAccessTokenInput', 'Which access token to end.')
export class RevokeAccessTokenInput {
  @IdOf('access_token', 'The token to end, one of your own.')
  accessTokenId!: string
}
