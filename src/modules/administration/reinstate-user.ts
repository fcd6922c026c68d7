import { rejected, UserErrorCode } from '../../core/error'
import { toGlobalId, type Id } from '../../core/id'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { MailService } from '../mail/mail.service'
import { AuthorityService } from '../role/authority.service'
import { UserService } from '../user/user.service'
import type { ReinstateUserInput } from './administration.input'

/**
 * Ends somebody's suspension, and tells them by mail. The sessions that it has ended stay ended.
 * @throws Rejected NOT_FOUND where there is none in force; NOT_PERMITTED on somebody above the viewer. ApiError FORBIDDEN
 */
export async function reinstateUser(db: Database, { userId }: ReinstateUserInput): Promise<Id> {
  return db.transaction(async (tx) => {
    await new AuthorityService(tx).assertMayActOn(userId, 'users:suspend')
    if (!(await new UserService(tx).reinstate(userId)))
      throw rejected('userId', UserErrorCode.NOT_FOUND, 'There is no such person, or they are not suspended.')
    await new AuditService(tx).record('account.reinstated', {
      subjectId: userId,
      target: toGlobalId('user', userId),
    })
    await new MailService(tx).send(userId, 'accountReinstated')
    return userId
  })
}
