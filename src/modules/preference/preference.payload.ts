import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { PreferenceType } from './preference.type'

@Type('SetPreferencesPayload', 'The answer of `setPreferences`.')
export class SetPreferencesPayload extends MutationPayload {
  @Shown(() => [PreferenceType], 'The preferences that were set, as they are now.', true)
  preferences?: PreferenceType[]
}

@Type('ResetPreferencesPayload', 'The answer of `resetPreferences`.')
export class ResetPreferencesPayload extends MutationPayload {
  @Shown(() => [PreferenceType], 'The preferences that it was about, as they are now.', true)
  preferences?: PreferenceType[]
}

@Type('RestorePreferencePayload', 'The answer of `restorePreference`.')
export class RestorePreferencePayload extends MutationPayload {
  @Shown(() => PreferenceType, 'The preference as it is now.', true)
  preference?: PreferenceType
}
