import { rejected, UserErrorCode } from '../../core/error'
import { toGlobalId, type Id } from '../../core/id'
import { viewerId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { EmailService } from '../email/email.service'
import { AuthorityService } from '../role/authority.service'
import type { VerifyEmailInput } from './administration.input'

/**
 * Verifies an address by hand, and returns whose it is; one that is verified stays as it is.
 * @throws Rejected NOT_FOUND; NOT_PERMITTED for one's own, and for that of somebody above the viewer. ApiError FORBIDDEN
 */
export async function verifyEmail(db: Database, { emailId }: VerifyEmailInput): Promise<Id> {
  return db.transaction(async (tx) => {
    const emails = new EmailService(tx)
    const userId = await emails.ownerById(emailId)
    if (userId === null) throw rejected('emailId', UserErrorCode.NOT_FOUND, 'There is no such address.')
    if (userId === viewerId(tx.caller.viewer))
      throw rejected('emailId', UserErrorCode.NOT_PERMITTED, 'Nobody vouches for an address of their own.')
    await new AuthorityService(tx).assertMayActOn(userId, 'users:verify-contact')
    if (await emails.verify(emailId))
      await new AuditService(tx).record('email.verified', {
        subjectId: userId,
        target: toGlobalId('email', emailId),
      })
    return userId
  })
}
