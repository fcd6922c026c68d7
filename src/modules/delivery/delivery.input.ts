import { ArgsType, Field } from 'type-graphql'
import { PageArguments } from '../../api/connection'
import { IdOf, Input } from '../../api/input'
import { DeliveryChannel } from './delivery-channel'
import { DeliveryStatus } from './delivery-status'
import type { DeliveryFilter } from './delivery.repository'

@Input('ReplayDeliveryInput', 'Which message to send again.')
export class ReplayDeliveryInput {
  @IdOf('delivery', 'The message; one that was given up.')
  deliveryId!: string
}

@Input('ReplayDeliveriesInput', 'Which messages to send again.')
export class ReplayDeliveriesInput {
  @Field(() => DeliveryChannel, { nullable: true, description: 'Only those that are sent so.' })
  channel?: DeliveryChannel | null

  @Field(() => Date, { description: 'Since when they were given up, at most 7 days ago.' })
  since!: Date
}

@Input('DeliveryFilter', 'Which messages to list.')
export class DeliveryFilterInput implements DeliveryFilter {
  @Field(() => DeliveryStatus, { nullable: true, description: 'Only those of which this has become.' })
  status?: DeliveryStatus

  @Field(() => DeliveryChannel, { nullable: true, description: 'Only those that are sent so.' })
  channel?: DeliveryChannel

  @IdOf('user', 'Only those to this person.', { optional: true })
  userId?: string
}

@ArgsType()
export class DeliveryArguments extends PageArguments {
  @Field(() => DeliveryFilterInput, { nullable: true, description: 'Which messages to list.' })
  filter?: DeliveryFilterInput
}
