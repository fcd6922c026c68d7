import { UserErrorCode, type Problem } from '../../core/error'
import { toGlobalId, type Id } from '../../core/id'
import {
  AUDIT_ACTIONS,
  AuditOutcome,
  NOT_FOR_WHOM_THEY_ARE_ABOUT,
  type AuditAction,
} from '../audit/audit-event'
import type { ToldEvent } from '../audit/audit.service'

const nounOf = (action: string): string => action.split('.')[0]!

/**
 * What no other system is told: of whom it is about, or by whom it was done, somebody relies on Portico that nobody learns it. That
 * goes for what will be recorded of these one day, too.
 */
const KEPT_HERE: ReadonlySet<string> = new Set([
  ...NOT_FOR_WHOM_THEY_ARE_ABOUT.map(nounOf),
  // Whom somebody keeps away, with whom they speak, and whom they have reported.
  ...['user', 'conversation', 'message', 'content'],
])

/** Whether other systems may be told of such events. */
export const isTold = (action: AuditAction): boolean => !KEPT_HERE.has(nounOf(action))

const TOLD_ACTIONS = (Object.keys(AUDIT_ACTIONS) as AuditAction[]).filter(isTold)

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
 * What is told of whomever it concerns: whoever was told of a person has to be told that their data is erased, or kept and no more
 * (GDPR art. 19), and so that they have deactivated their account. Of somebody who is shown to nobody else, nothing else is told.
 */
export const TOLD_OF_ANYBODY: readonly AuditAction[] = [
  'account.erased',
  'processing.restricted',
  'processing.restriction-lifted',
  'account.deactivated',
  'account.reactivated',
]

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
