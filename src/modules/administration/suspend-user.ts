import { rejected, UserErrorCode } from '../../core/error'
import { toGlobalId, type Id } from '../../core/id'
import { viewerId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { ChallengeService } from '../challenge/challenge.service'
import { MailService } from '../mail/mail.service'
import { AuthorityService } from '../role/authority.service'
import { EndReason } from '../session/end-reason'
import { SessionService } from '../session/session.service'
import { UserService } from '../user/user.service'
import type { SuspendUserInput } from './administration.input'
import { noSuchPerson } from './no-such-person'

/**
 * Keeps somebody from using their account, until a moment or until they are reinstated: all their sessions end, access tokens
 * rest, what they have begun is void, and a mail tells them why. Suspended again, it is the reason and the end that change.
 * @throws Rejected INVALID for an end that has passed; NOT_PERMITTED on oneself and on somebody above the viewer; LAST_ADMIN;
 * NOT_FOUND. ApiError FORBIDDEN
 */
export async function suspendUser(
  db: Database,
  { userId, reason, until = null }: SuspendUserInput,
): Promise<Id> {
  if (until && until <= db.now)
    throw rejected('until', UserErrorCode.INVALID, 'This moment has passed. Choose a later one, or none.')
  if (userId === viewerId(db.caller.viewer))
    throw rejected('userId', UserErrorCode.NOT_PERMITTED, 'Nobody suspends themselves.')
  return db.transaction(async (tx) => {
    await new AuthorityService(tx).assertMayExclude(userId, 'users:suspend')
    // Before all else that is theirs: a sign-in under way ends before this goes on, and its session is among those that end below.
    if (!(await new UserService(tx).suspend(userId, { reason, until }))) throw noSuchPerson()
    await new ChallengeService(tx).removeAllOf(userId)
    await new SessionService(tx).endAll(userId, EndReason.SUSPENDED, null)
    await new AuditService(tx).record('account.suspended', {
      subjectId: userId,
      target: toGlobalId('user', userId),
      details: { reason, until: until?.toISOString() ?? null },
    })
    await new MailService(tx).send(userId, 'accountSuspended', { reason, until })
    return userId
  })
}
