import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { LegalHoldType } from './legal-hold.type'

@Type('PlaceLegalHoldPayload', 'The answer of `placeLegalHold`.')
export class PlaceLegalHoldPayload extends MutationPayload {
  @Shown(() => LegalHoldType, 'The new hold.', true)
  legalHold?: LegalHoldType
}

@Type('ReleaseLegalHoldPayload', 'The answer of `releaseLegalHold`.')
export class ReleaseLegalHoldPayload extends MutationPayload {
  @Shown(() => LegalHoldType, 'The hold, which is over.', true)
  legalHold?: LegalHoldType
}
