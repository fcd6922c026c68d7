import { GraphQLJSON } from 'graphql-scalars'
import { Field } from 'type-graphql'
import { Input, InputList, Text } from '../../api/input'

@Input('PreferenceInput', 'One preference and its new value.')
export class PreferenceInput {
  @Text({ description: 'Which preference, e.g. `theme`.', max: 64 })
  key!: string

  @Field(() => GraphQLJSON, { description: "The value, as the preference's `schema` allows." })
  value!: unknown
}

@Input('SetPreferencesInput', 'Which preferences to set; the others stay.')
export class SetPreferencesInput {
  @InputList(() => PreferenceInput, {
    description: 'The preferences with their new values. All are set, or none.',
    max: 50,
  })
  preferences!: PreferenceInput[]
}
