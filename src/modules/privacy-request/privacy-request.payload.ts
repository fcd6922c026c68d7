import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { PrivacyRequestType } from './privacy-request.type'

@Type('RequestRectificationPayload', 'The answer of `requestRectification`.')
export class RequestRectificationPayload extends MutationPayload {
  @Shown(() => PrivacyRequestType, 'The request, which waits for an answer.', true)
  privacyRequest?: PrivacyRequestType
}

@Type('ExtendPrivacyRequestPayload', 'The answer of `extendPrivacyRequest`.')
export class ExtendPrivacyRequestPayload extends MutationPayload {
  @Shown(() => PrivacyRequestType, 'The request as it is now.', true)
  privacyRequest?: PrivacyRequestType
}

@Type('ResolvePrivacyRequestPayload', 'The answer of `resolvePrivacyRequest`.')
export class ResolvePrivacyRequestPayload extends MutationPayload {
  @Shown(() => PrivacyRequestType, 'The request as it is now.', true)
  privacyRequest?: PrivacyRequestType
}

@Type('RefusePrivacyRequestPayload', 'The answer of `refusePrivacyRequest`.')
export class RefusePrivacyRequestPayload extends MutationPayload {
  @Shown(() => PrivacyRequestType, 'The request as it is now.', true)
  privacyRequest?: PrivacyRequestType
}

@Type('WithdrawPrivacyRequestPayload', 'The answer of `withdrawPrivacyRequest`.')
export class WithdrawPrivacyRequestPayload extends MutationPayload {
  @Shown(() => PrivacyRequestType, 'The request as it is now.', true)
  privacyRequest?: PrivacyRequestType
}
