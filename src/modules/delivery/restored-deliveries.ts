import type { Queryable } from '../../db/queryable'
import { DeliveryStatus } from './delivery-status'

/** What stands in the place of a provider's answer. */
export const RESTORED = 'restored'

/**
 * Gives up what a restored database would send once more: since the backup was made it has been sent, or is of no use any more. Staff can
 * have single ones sent again.
 */
export async function giveUpRestored(db: Queryable): Promise<void> {
  await db.query(
    `UPDATE deliveries SET status = '${DeliveryStatus.FAILED}', response = '${RESTORED}', next_attempt_at = NULL, claimed_until = NULL,
       finished_at = now() WHERE status = '${DeliveryStatus.PENDING}'`,
  )
}
