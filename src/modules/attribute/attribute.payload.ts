import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { UserType } from '../user/user.type'

@Type('SetAttributesPayload', 'The answer of `setAttributes`.')
export class SetAttributesPayload extends MutationPayload {
  @Shown(() => UserType, 'Whose attributes they are.', true)
  user?: UserType
}
