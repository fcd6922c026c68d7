import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { UserType } from './user.type'

@Type('UpdateProfilePayload', 'The answer of `updateProfile`.')
export class UpdateProfilePayload extends MutationPayload {
  @Shown(() => UserType, 'The profile as it is now.', true)
  user?: UserType
}
