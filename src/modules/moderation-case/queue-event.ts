import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { publish } from '../../db/event-stream'
import type { Message } from '../../db/pub-sub'

/** What happens in the moderation queue. */
export enum QueueEventKind {
  REPORTED = 'reported',
  CLAIMED = 'claimed',
  RELEASED = 'released',
  DECIDED = 'decided',
  REVERSED = 'reversed',
}

export interface QueueEvent extends Message {
  kind: QueueEventKind
  caseId: Id
}

/** The topic of what happens in the moderation queue: one for all, each of whom is told of the cases that they may see. */
export const QUEUE = 'moderation-queue'

/** Tells moderators that something has happened to a case. */
export async function tellQueue(tx: Database, kind: QueueEventKind, caseId: Id): Promise<void> {
  const event: QueueEvent = { kind, caseId }
  await publish(tx, [QUEUE], event)
}
