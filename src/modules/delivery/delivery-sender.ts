import type { Database } from '../../db/database'
import { RowSender, type SenderOptions } from '../../db/row-sender'
import type { Channel } from './channel'
import { DELIVERIES_DUE } from './delivery.repository'
import { beginDue } from './send-delivery'

/** How many messages of a channel are under way at once. */
const ROOM = 16

/** Sends the messages of one channel that nobody else is sending: a provider that is down keeps no other channel waiting. */
export class DeliverySender extends RowSender {
  constructor({ tools }: Database, channel: Channel, options: SenderOptions) {
    const begin = (free: number, signal: AbortSignal) => beginDue(tools, channel, free, signal)
    super({ topic: DELIVERIES_DUE, room: ROOM, begin }, options)
  }
}
