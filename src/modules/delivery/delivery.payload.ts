import { Int } from 'type-graphql'
import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { DeliveryType } from './delivery.type'

@Type('ReplayDeliveryPayload', 'The answer of `replayDelivery`.')
export class ReplayDeliveryPayload extends MutationPayload {
  @Shown(() => DeliveryType, 'The message, which is sent in a moment.', true)
  delivery?: DeliveryType
}

@Type('ReplayDeliveriesPayload', 'The answer of `replayDeliveries`.')
export class ReplayDeliveriesPayload extends MutationPayload {
  @Shown(() => Int, 'How many are sent again.', true)
  count?: number
}
