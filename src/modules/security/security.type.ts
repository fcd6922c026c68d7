import { connectionOf } from '../../api/connection'
import { GlobalId, Shown, Type } from '../../api/type'
import type { SecurityAction } from '../audit/audit-event'
import type { SecurityEventRow } from '../audit/audit.service'

@Type('Security', 'How a person signs in, and what guards the account. Self, or `security:read`.')
export class SecurityType {}

@Type(
  'SecurityEvent',
  'Something that has happened to how a person signs in, or a sign-in. Self, or `security:read`.',
)
export class SecurityEventType implements Pick<SecurityEventRow, 'id' | 'occurredAt' | 'action'> {
  @GlobalId('event', 'The global id, for `disownSecurityEvent`; the audit trail knows the event by the same.')
  id!: string

  @Shown(() => Date, 'When it happened.')
  occurredAt!: Date

  @Shown(() => String, 'What happened, for programs: an action of the audit trail.')
  action!: SecurityAction
}

export const SecurityEventConnection = connectionOf('SecurityEvent', () => SecurityEventType)
