import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import type { Tools } from '../../db/tools'
import type { DeliveryChannel } from './delivery-channel'

/** A message as whoever lays it out has it. */
export interface Letter<Content> {
  id: Id
  template: string
  userId: Id | null
  addressIndex: Buffer
  content: Content
}

/**
 * What hands a message to the provider, and fails with a DeliveryFailure; a moment where it is not to be sent before; null where its
 * reader, or the address, does not want it.
 */
export type Prepared = (() => Promise<void>) | Date | null

/** How the messages of one kind are laid out and handed over. */
export interface Channel<Content = unknown> {
  readonly name: DeliveryChannel
  /** Whether the provider answers at once, so that a request may wait for it. */
  isInstant(tools: Tools): boolean
  /** Lays a message out, at every try anew. */
  prepare(db: Database, letter: Letter<Content>): Promise<Prepared>
  /** There is nobody at the address that this went to. */
  noteRefusal(tx: Database, letter: Pick<Letter<Content>, 'addressIndex'>): Promise<void>
}
