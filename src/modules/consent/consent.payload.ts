import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { PrivacyRequestType } from '../privacy-request/privacy-request.type'
import { ConsentType } from './consent.type'

@Type('GiveConsentPayload', 'The answer of `giveConsent`.')
export class GiveConsentPayload extends MutationPayload {
  @Shown(() => ConsentType, 'What you have agreed to.', true)
  consent?: ConsentType
}

@Type('WithdrawConsentPayload', 'The answer of `withdrawConsent`.')
export class WithdrawConsentPayload extends MutationPayload {
  @Shown(() => ConsentType, 'What you have taken back.', true)
  consent?: ConsentType
}

@Type('ObjectToProcessingPayload', 'The answer of `objectToProcessing`.')
export class ObjectToProcessingPayload extends MutationPayload {
  @Shown(() => PrivacyRequestType, 'The objection: done at once, or waiting for an answer.', true)
  privacyRequest?: PrivacyRequestType
}
