import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { UserType } from '../user/user.type'

@Type('ChangeUsernamePayload', 'The answer of `changeUsername`.')
export class ChangeUsernamePayload extends MutationPayload {
  @Shown(() => UserType, 'The profile as it is now.', true)
  user?: UserType
}
