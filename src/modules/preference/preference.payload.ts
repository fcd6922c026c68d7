import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { PreferenceType } from './preference.type'

@Type('SetPreferencesPayload', 'The answer of `setPreferences`.')
export class SetPreferencesPayload extends MutationPayload {
  @Shown(() => [PreferenceType], 'All preferences as they are now.', true)
  preferences?: PreferenceType[]
}
