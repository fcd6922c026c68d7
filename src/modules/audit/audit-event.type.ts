import { Field, registerEnumType } from 'type-graphql'
import { connectionOf } from '../../api/connection'
import { Node } from '../../api/node'
import { GlobalId, Shown, Type } from '../../api/type'
import { AUDIT_ACTIONS, AuditOutcome, AuditSeverity, type AuditAction } from './audit-event'
import type { AuditEventRow } from './audit-event.repository'

registerEnumType(AuditOutcome, {
  name: 'AuditOutcome',
  description: 'How it ended.',
  valuesConfig: {
    SUCCESS: { description: 'It was done.' },
    FAILURE: { description: 'It was tried and failed, e.g. a wrong password.' },
    REFUSED: { description: 'It was not allowed.' },
  },
})

registerEnumType(AuditSeverity, {
  name: 'AuditSeverity',
  description:
    'How much an event matters to whoever looks after the installation. It goes with the action: of one action all events matter alike.',
  valuesConfig: {
    INFO: { description: 'People do what the application is for. Nobody has to look.' },
    NOTICE: {
      description:
        'What changes who gets in, what somebody may do, or what becomes of a person’s data; and what staff have looked at.',
    },
    WARNING: {
      description:
        'Something failed or was refused that should not, or a power was used that asks for reasons. Look if there are many.',
    },
    CRITICAL: {
      description:
        'What happens when somebody has got in who should not, or protection has failed. Look now.',
    },
  },
})

const actionList = Object.entries(AUDIT_ACTIONS)
  .map(([action, { means, severity }]) => `- \`${action}\` (${severity}): ${means}`)
  .join('\n')

@Type(
  'AuditEvent',
  'Something that happened, kept for good. Visible to those whom it concerns and to holders of `audit:read`.',
  {
    implements: Node,
  },
)
export class AuditEventType implements Pick<
  AuditEventRow,
  'id' | 'occurredAt' | 'action' | 'outcome' | 'target' | 'requestId'
> {
  @GlobalId('event')
  id!: string

  @Shown(() => Date, 'When it happened.')
  occurredAt!: Date

  @Shown(() => String, `What happened, with how much it matters. Append-only:\n${actionList}`)
  action!: AuditAction

  @Shown(() => AuditOutcome, 'How it ended.')
  outcome!: AuditOutcome

  @Shown(() => String, 'The global id of the thing that was acted on.', true)
  target!: string | null

  @Shown(() => String, 'The request in which it happened, as the server log names it.', true)
  requestId!: string | null
}

export const AuditEventConnection = connectionOf('AuditEvent', () => AuditEventType)

@Type(
  'AuditTailEvent',
  'An event of the trail that was recorded just now. Visible to holders of `audit:read`.',
)
export class AuditTailEventType {
  @Shown(() => String, 'Marks this place in the trail: subscribe with it as `after` to miss nothing.')
  cursor!: string

  @Field(() => AuditEventType, { nullable: true, description: 'The event.' })
  auditEvent!: AuditEventRow
}
