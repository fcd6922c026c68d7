import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { ErasureType } from './erasure.type'

@Type('RequestErasurePayload', 'The answer of `requestErasure`.')
export class RequestErasurePayload extends MutationPayload {
  @Shown(() => ErasureType, 'What is going to be done, and when.', true)
  erasure?: ErasureType
}

@Type('CancelErasurePayload', 'The answer of `cancelErasure`.')
export class CancelErasurePayload extends MutationPayload {
  @Shown(() => ErasureType, 'What is not going to be done.', true)
  erasure?: ErasureType
}
