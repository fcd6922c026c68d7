import { DeliveryFailure, type FailureKind } from '../../src/core/delivery-failure'
import { toGlobalId, type Id } from '../../src/core/id'
import { PubSub } from '../../src/db/pub-sub'
import type { SenderOptions } from '../../src/db/row-sender'
import type { Channel } from '../../src/modules/delivery/channel'
import { DeliveryChannel } from '../../src/modules/delivery/delivery-channel'
import { DeliveryPriority } from '../../src/modules/delivery/delivery-priority'
import { DeliverySender } from '../../src/modules/delivery/delivery-sender'
import { DeliveryService } from '../../src/modules/delivery/delivery.service'
import { mailChannel, type MailContent } from '../../src/modules/mail/mail-channel'
import { smsChannel } from '../../src/modules/sms/sms-channel'
import type { Person, World } from './world'

/** What staff see of a message. */
export interface ShownDelivery {
  id: string
  channel: string
  template: string
  status: string
  response: string | null
  attemptCount: number
  nextAttemptAt: string | null
  createdAt: string
  expiresAt: string | null
  finishedAt: string | null
  isReplayable: boolean
  user: { id: string } | null
}

export const SHOWN = `id channel template status response attemptCount nextAttemptAt createdAt expiresAt finishedAt isReplayable user { id }`

/** The messages to somebody, the newest first, as staff see them. */
export async function deliveriesTo(world: World, { globalId }: Person): Promise<ShownDelivery[]> {
  const staff = await world.person({ role: 'admin' })
  const { deliveries } = await staff.api.data(
    `query ($filter: DeliveryFilter) { deliveries(filter: $filter) { edges { node { ${SHOWN} } } } }`,
    { filter: { userId: globalId } },
  )
  return deliveries.edges.map(({ node }: { node: ShownDelivery }) => node)
}

/** A provider that refuses what it is handed. */
const refusing = (kind: FailureKind): Channel<MailContent> => ({
  ...mailChannel,
  isInstant: () => true,
  prepare: async () => async () => {
    throw new DeliveryFailure(kind, '554 5.7.1 (DATA)')
  },
})

/** A mail to somebody that was given up, and can be sent again; its id. */
export async function deadLetterTo(world: World, { id: userId, email }: Person): Promise<string> {
  const [before] = await newest(world, userId)
  await world.db.transaction((tx) =>
    new DeliveryService(tx).post(refusing('permanent'), {
      template: 'accountReinstated',
      userId,
      content: { to: { address: email, locale: 'en', timeZone: 'UTC' }, facts: {} },
      addressIndex: tx.tools.keyring.blindIndex('emails.address', email),
      priority: DeliveryPriority.OWED,
    }),
  )
  const [made] = await newest(world, userId)
  if (!made || made.id === before?.id) throw new Error('No mail was posted.')
  return toGlobalId('delivery', made.id)
}

const newest = (world: World, userId: Id) =>
  world.db.query<{ id: Id }>(
    'SELECT id FROM deliveries WHERE user_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1',
    [userId],
  )

/** Sends what is due by the world's clock in a channel, until nothing is. */
export async function sendDueMessages(
  world: World,
  channel: DeliveryChannel = DeliveryChannel.EMAIL,
  options: Partial<SenderOptions> = {},
): Promise<void> {
  const failed = (error: unknown) => {
    throw error
  }
  const pubSub = new PubSub(world.portico.databaseUrl, failed)
  const kind = channel === DeliveryChannel.EMAIL ? mailChannel : smsChannel
  await new DeliverySender(world.db, kind, { pubSub, onError: failed, ...options }).sendDue()
}
