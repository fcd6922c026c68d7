import { GraphQLJSON } from 'graphql-scalars'
import { ArgsType, Field } from 'type-graphql'
import { ExpectedVersion, IdOf, Input, InputList, Text } from '../../api/input'
import { MAX_KEY_LENGTH } from '../../core/preference-definition'
import { LOCALE } from '../user/user.input'

@ArgsType()
export class AttributeDefinitionArguments {
  @Text({
    ...LOCALE,
    description: 'The language of the labels, a BCP 47 tag; `en` where nothing is said.',
    optional: true,
  })
  locale?: string
}

@Input('AttributeInput', 'One attribute and its new value.')
export class AttributeInput {
  @Text({ description: 'Which attribute, e.g. `pronouns`.', max: MAX_KEY_LENGTH })
  key!: string

  @Field(() => GraphQLJSON, {
    nullable: true,
    description:
      "The value, as the attribute's `schema` allows, of at most 4096 bytes as JSON; null removes it.",
  })
  value!: unknown

  @ExpectedVersion()
  expectedVersion?: number
}

@Input('SetAttributesInput', 'Which attributes to set, and whose; the others stay.')
export class SetAttributesInput {
  @IdOf('user', 'Whose; your own where nobody is named.', { optional: true })
  userId?: string

  @InputList(() => AttributeInput, {
    description: 'The attributes with their new values. All are set, or none.',
    max: 50,
  })
  attributes!: AttributeInput[]
}
