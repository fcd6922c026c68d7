import { newId, type Id } from '../../core/id'
import type { Database } from '../../db/database'
import { TicketMessage } from './ticket-message.entity'
import { TicketMessageRepository, type TicketMessageRow } from './ticket-message.repository'
import { hashedWords } from './ticket-words'
import { TicketWordRepository } from './ticket-word.repository'
import type { TicketRow } from './ticket.repository'

interface Said {
  authorId: Id
  isFromStaff: boolean
  body: string
}

/** Puts down what somebody says in a ticket, so that both find it. */
export async function say(
  tx: Database,
  { id: ticketId, userId }: Pick<TicketRow, 'id' | 'userId'>,
  { authorId, isFromStaff, body }: Said,
): Promise<TicketMessageRow> {
  const { now } = tx
  const id = newId(now)
  const message: TicketMessage = {
    id,
    ticketId,
    userId,
    authorId,
    isFromStaff,
    writtenText: await tx.codec.seal(TicketMessage, 'writtenText', { id, ownerId: userId }, body),
    createdAt: now,
  }
  await new TicketMessageRepository(tx).add(message)
  await findBy(tx, { id: ticketId, userId }, body)
  return message
}

/** Lets a ticket be found by the words of a text: by the person and staff, or by staff alone. */
export async function findBy(
  tx: Database,
  ticket: Pick<TicketRow, 'id' | 'userId'>,
  text: string,
  { isInternal = false } = {},
): Promise<void> {
  await new TicketWordRepository(tx).add(ticket, hashedWords(tx.tools.keyring, text), isInternal)
}
