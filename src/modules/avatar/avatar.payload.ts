import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { UserType } from '../user/user.type'

@Type('RemoveAvatarPayload', 'The answer of `removeAvatar`.')
export class RemoveAvatarPayload extends MutationPayload {
  @Shown(() => UserType, 'The person as they are now.', true)
  user?: UserType
}

@Type('RemoveUserAvatarPayload', 'The answer of `removeUserAvatar`.')
export class RemoveUserAvatarPayload extends MutationPayload {
  @Shown(() => UserType, 'The person as they are now.', true)
  user?: UserType
}
