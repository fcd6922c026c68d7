import { Field } from 'type-graphql'
import { ExpectedVersion, Input, InputList, Text } from '../../api/input'
import { Audience } from '../../core/audience'
import { MAX_KEY_LENGTH } from '../../core/preference-definition'

@Input('AttributeVisibilityInput', 'To whom an attribute is shown.')
export class AttributeVisibilityInput {
  @Text({ description: 'Which attribute, e.g. `pronouns`.', max: MAX_KEY_LENGTH })
  key!: string

  @Field(() => Audience, { description: 'To whom; never to more than its definition says.' })
  audience!: Audience
}

@Input('SetProfileVisibilityInput', 'To whom you show what is on your profile; what is left out stays.')
export class SetProfileVisibilityInput {
  @Field(() => Audience, { nullable: true, description: 'To whom you show what you tell about yourself.' })
  bio?: Audience

  @Field(() => Audience, {
    nullable: true,
    description:
      'To whom you show your picture. Whoever has its address can go on looking at it; another picture has another one.',
  })
  avatar?: Audience

  @Field(() => Audience, { nullable: true, description: 'To whom you show when you were last here.' })
  lastSeen?: Audience

  @InputList(() => AttributeVisibilityInput, {
    description: 'To whom you show your attributes.',
    max: 50,
    optional: true,
  })
  attributes?: AttributeVisibilityInput[]

  @ExpectedVersion()
  expectedVersion?: number
}
