import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { UserType } from '../user/user.type'

@Type('SetProfileVisibilityPayload', 'The answer of `setProfileVisibility`.')
export class SetProfileVisibilityPayload extends MutationPayload {
  @Shown(() => UserType, 'Whose profile it is.', true)
  user?: UserType
}
