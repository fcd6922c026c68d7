import { registerEnumType } from 'type-graphql'
import { connectionOf } from '../../api/connection'
import { Node } from '../../api/node'
import { GlobalId, Shown, Type } from '../../api/type'
import { AUDIT_ACTIONS, AuditOutcome, type AuditAction } from './audit-event'
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

const actionList = Object.entries(AUDIT_ACTIONS)
  .map(([action, meaning]) => `- \`${action}\`: ${meaning}`)
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

  @Shown(() => String, `What happened. Append-only:\n${actionList}`)
  action!: AuditAction

  @Shown(() => AuditOutcome, 'How it ended.')
  outcome!: AuditOutcome

  @Shown(() => String, 'The global id of the thing that was acted on.', true)
  target!: string | null

  @Shown(() => String, 'The request in which it happened, as the server log names it.', true)
  requestId!: string | null
}

export const AuditEventConnection = connectionOf('AuditEvent', () => AuditEventType)
