import type { Database } from '../../db/database'
import type { AuditAction } from './audit-event'
import type { AuditEvent } from './audit-event.entity'

export type Happened = Pick<AuditEvent, 'subjectId' | 'target' | 'details'>

/** What follows from an event within its transaction, in a module of which whoever records it knows nothing. */
type Consequence = (tx: Database, happened: readonly Happened[]) => Promise<void>

const consequences = new Map<AuditAction, Consequence[]>()

/** Has something follow from each of these events. */
export function defineConsequence(actions: readonly AuditAction[], consequence: Consequence): void {
  for (const action of actions) consequences.set(action, [...(consequences.get(action) ?? []), consequence])
}

export async function followedUp(
  tx: Database,
  action: AuditAction,
  happened: readonly Happened[],
): Promise<void> {
  for (const consequence of consequences.get(action) ?? []) await consequence(tx, happened)
}
