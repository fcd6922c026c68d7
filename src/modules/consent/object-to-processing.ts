import { rejected, UserErrorCode } from '../../core/error'
import { requireSession } from '../../core/viewer'
import type { Database } from '../../db/database'
import { PrivacyRequestKind } from '../privacy-request/privacy-request-kind'
import { PrivacyRequestService, type PrivacyRequestRow } from '../privacy-request/privacy-request.service'
import type { ObjectToProcessingInput } from './consent.input'
import { ConsentService } from './consent.service'

/**
 * Objects to the use of one's own data (GDPR art. 21): for a purpose that rests on a legitimate interest, with effect at once; to
 * anything else, as a request that staff answer within a month.
 * @throws Rejected REQUIRED where neither a purpose nor a message says to what; NOT_FOUND; NOT_PERMITTED
 */
export async function objectToProcessing(
  db: Database,
  { message, purposeId: purpose }: ObjectToProcessingInput,
): Promise<PrivacyRequestRow> {
  const { userId } = requireSession(db.caller.viewer)
  const request = { kind: PrivacyRequestKind.OBJECTION, userId, message: message || undefined }
  if (!purpose) {
    if (!message) throw rejected('message', UserErrorCode.REQUIRED, 'Say to what you object.')
    return new PrivacyRequestService(db).receive(request)
  }
  return db.transaction(async (tx) => {
    await new ConsentService(tx).object(userId, purpose)
    return new PrivacyRequestService(tx).settle({ ...request, purpose })
  })
}
