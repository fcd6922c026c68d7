import { Int, registerEnumType } from 'type-graphql'
import { connectionOf } from '../../api/connection'
import { Node } from '../../api/node'
import { GlobalId, Shown, Type } from '../../api/type'
import { DeliveryChannel } from './delivery-channel'
import { DeliveryStatus } from './delivery-status'
import type { DeliveryRow } from './delivery.repository'

registerEnumType(DeliveryChannel, {
  name: 'DeliveryChannel',
  description: 'How a message reaches its reader.',
  valuesConfig: {
    EMAIL: { description: 'By e-mail.' },
    SMS: { description: 'By text message to a phone.' },
  },
})

registerEnumType(DeliveryStatus, {
  name: 'DeliveryStatus',
  description: 'What has become of a message.',
  valuesConfig: {
    PENDING: { description: 'It is to be sent, for the first time or again.' },
    SENT: { description: 'The provider has taken it. Whether it was read, nobody knows.' },
    FAILED: {
      description: 'It was refused for good, or tried for hours and given up. Staff can send it again.',
    },
    SUPPRESSED: { description: 'It was not sent: the address bounces, or its reader does not want it.' },
    EXPIRED: {
      description: 'It could not be sent before its code or its link was of no use any more.',
    },
  },
})

@Type(
  'Delivery',
  'A mail or a text message that was to be sent, and what has become of it; never what it says. Kept for 30 days. Visible to holders of `deliveries:manage`.',
  { implements: Node },
)
export class DeliveryType implements Omit<DeliveryRow, 'userId' | 'hasLetter'> {
  @GlobalId('delivery')
  id!: string

  @Shown(() => DeliveryChannel, 'How it is sent.')
  channel!: DeliveryChannel

  @Shown(() => String, 'Which message it is, by the name of its template.')
  template!: string

  @Shown(() => DeliveryStatus, 'What has become of it.')
  status!: DeliveryStatus

  @Shown(
    () => String,
    'What the provider answered last, by its codes, such as `451 4.7.1 (RCPT TO)`; null where it has refused nothing.',
    true,
  )
  response!: string | null

  @Shown(() => Int, 'How often it was handed to the provider, or that was tried.')
  attemptCount!: number

  @Shown(() => Date, 'When it is sent next; null where that was for the last time.', true)
  nextAttemptAt!: Date | null

  @Shown(() => Date, 'When what it tells happened.')
  createdAt!: Date

  @Shown(
    () => Date,
    'When its code or its link is worth nothing any more; null where it carries none that ends.',
    true,
  )
  expiresAt!: Date | null

  @Shown(() => Date, 'When it was sent or given up; null where it is still to be sent.', true)
  finishedAt!: Date | null
}

export const DeliveryConnection = connectionOf('Delivery', () => DeliveryType)
