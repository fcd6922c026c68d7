import { Database } from '../../db/database'
import { RowSender, type Begun, type SenderOptions } from '../../db/row-sender'
import { prepareWebhooks, sendWebhook } from './send-webhook'
import { WebhookDeliveryRepository, WEBHOOKS_DUE, type Room } from './webhook-delivery.repository'

/** Slow receivers are many, or few that are sent much: neither keeps the others waiting. */
const ROOM: Room = { free: 32, perEndpoint: 4 }

export interface WebhookSenderOptions extends SenderOptions {
  room?: Room
}

/** Sends webhooks: the rows of deliveries are the queue. */
export class WebhookSender extends RowSender {
  constructor(db: Database, { room = ROOM, ...options }: WebhookSenderOptions) {
    const begin = async (free: number, signal: AbortSignal): Promise<Begun> => {
      // A handle of its own, which remembers no data key for longer than this.
      const own = Database.of(db.tools)
      const claimed = await own.transaction((tx) =>
        new WebhookDeliveryRepository(tx).claim({ ...room, free }),
      )
      const outgoing = claimed.length === 0 ? [] : await prepareWebhooks(own, claimed, options.onError)
      const work = outgoing.map((one) => sendWebhook(Database.of(db.tools), one, signal))
      return { claimed: claimed.length, work, wait: null }
    }
    super({ topic: WEBHOOKS_DUE, room: room.free, begin }, options)
  }
}
