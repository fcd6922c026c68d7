import type { RetentionRule } from '../../db/retention'
import { AuditAddress } from './audit-address.entity'

/** When an event is no longer found by its address. The event itself stays, with the address encrypted. */
export const ADDRESS_RETENTION: RetentionRule = {
  entity: AuditAddress,
  retention: '2 years',
  since: 'occurred_at',
}
