import { UserErrorCode, type Problem } from '../../core/error'
import { toGlobalId, type Id } from '../../core/id'
import { ALL_ACTIONS, AUDIT_ACTIONS, AuditOutcome, entryOf, type AuditAction } from '../audit/audit-event'
import type { ToldEvent } from '../audit/audit.service'

const nounOf = (action: string): string => action.split('.')[0]!

/** Whether other systems may be told of such events. */
export const isTold = (action: AuditAction): boolean => entryOf(action).webhooks !== 'kept'

const TOLD_ACTIONS = ALL_ACTIONS.filter(isTold)

/** What can be chosen: an action, all of one noun, or all. */
const CHOICES: ReadonlySet<string> = new Set([
  '*',
  ...TOLD_ACTIONS.map((action) => `${nounOf(action)}.*`),
  ...TOLD_ACTIONS,
])

/** What is wrong with events that somebody has chosen. */
export const problemsOf = (events: readonly string[]): Problem[] =>
  events.length === 0
    ? [{ code: UserErrorCode.REQUIRED, field: ['events'], message: 'Choose at least one; `*` is all.' }]
    : events.flatMap((event, index) =>
        CHOICES.has(event)
          ? []
          : {
              code: UserErrorCode.INVALID,
              field: ['events', String(index)],
              message: Object.hasOwn(AUDIT_ACTIONS, event)
                ? 'No other system is told of this.'
                : 'There is no such event; the description of `AuditEvent.action` lists them.',
            },
      )

/**
 * What is sent of an event, as Standard Webhooks has it: what happened, when, and to which things, by their ids. What it needs to
 * know of them the receiver asks the API for, which answers with what it may see by then: so no copy lies around elsewhere that
 * erasure would not reach.
 */
export function payloadOf(event: ToldEvent): string {
  const person = (id: Id | null) => id && toGlobalId('user', id)
  return JSON.stringify({
    type: event.action,
    timestamp: event.occurredAt.toISOString(),
    data: {
      id: messageIdOf(event.id),
      outcome: OUTCOMES[event.outcome],
      actorId: person(event.actorId),
      impersonatorId: person(event.impersonatorId),
      subjectId: person(event.subjectId),
      target: event.target,
    },
  })
}

/** As the API spells it. */
const OUTCOMES = Object.fromEntries(
  Object.entries(AuditOutcome).map(([name, value]) => [value, name]),
) as Record<AuditOutcome, string>

/** By what a receiver knows what it has been told already: the event, however often and wherever it is sent. */
export const messageIdOf = (eventId: Id): string => toGlobalId('event', eventId)
