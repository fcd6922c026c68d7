import { Field } from 'type-graphql'
import { Input, InputList } from '../../api/input'
import { GroupTerms } from '../group/group.input'
import { PREFERENCES, PreferenceChoiceInput, PreferenceInput } from './preference.input'

@Input('SetGroupPreferencesInput', 'Which preferences to set for the members of a group; the others stay.')
export class SetGroupPreferencesInput extends GroupTerms {
  @InputList(() => PreferenceInput, PREFERENCES)
  preferences!: PreferenceInput[]
}

@Input('ResetGroupPreferencesInput', 'Of which preferences a group is to say nothing more.')
export class ResetGroupPreferencesInput extends GroupTerms {
  @Field(() => PreferenceChoiceInput, { description: 'The preferences.' })
  preferences!: PreferenceChoiceInput
}
