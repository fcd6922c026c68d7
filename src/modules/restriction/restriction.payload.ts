import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { UserType } from '../user/user.type'

@Type('RestrictProcessingPayload', 'The answer of `restrictProcessing`.')
export class RestrictProcessingPayload extends MutationPayload {
  @Shown(() => UserType, 'Whose data is kept and no more.', true)
  user?: UserType
}

@Type('LiftRestrictionPayload', 'The answer of `liftRestriction`.')
export class LiftRestrictionPayload extends MutationPayload {
  @Shown(() => UserType, 'Whose data may be used again.', true)
  user?: UserType
}
