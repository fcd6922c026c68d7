import { toGlobalId } from '../../core/id'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { EmailService } from '../email/email.service'
import { SuppressionReason } from '../suppression/suppression-reason'
import { SuppressionService } from '../suppression/suppression.service'

const MARKS = {
  [SuppressionReason.BOUNCED]: { mark: 'bouncedAt', action: 'email.bounced' },
  [SuppressionReason.COMPLAINED]: { mark: 'complainedAt', action: 'email.complained' },
} as const

/** Notes what became of mails to an address, as it is hashed, whether somebody has it or not. Call it inside a transaction. */
export async function markAddress(
  tx: Database,
  addressIndex: Buffer,
  reason: SuppressionReason,
): Promise<void> {
  const { mark, action } = MARKS[reason]
  await new SuppressionService(tx).suppress(addressIndex, reason)
  for (const { id, userId } of await new EmailService(tx).mark(addressIndex, mark))
    await new AuditService(tx).record(action, {
      actorId: null,
      sessionId: null,
      subjectId: userId,
      target: toGlobalId('email', id),
    })
}
