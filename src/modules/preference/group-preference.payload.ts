import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { GroupType } from '../group/group.type'

@Type('SetGroupPreferencesPayload', 'The answer of `setGroupPreferences`.')
export class SetGroupPreferencesPayload extends MutationPayload {
  @Shown(() => GroupType, 'The group.', true)
  group?: GroupType
}

@Type('ResetGroupPreferencesPayload', 'The answer of `resetGroupPreferences`.')
export class ResetGroupPreferencesPayload extends MutationPayload {
  @Shown(() => GroupType, 'The group.', true)
  group?: GroupType
}
