import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { UserType } from '../user/user.type'

@Type('DeactivateAccountPayload', 'The answer of `deactivateAccount`.')
export class DeactivateAccountPayload extends MutationPayload {
  @Shown(() => UserType, 'Whose account is deactivated.', true)
  user?: UserType
}
