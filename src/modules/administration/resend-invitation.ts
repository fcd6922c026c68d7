import { rejected, UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { beginInvitation } from '../authentication/reset-password'
import { PasswordService } from '../password/password.service'
import { AuthorityService } from '../role/authority.service'
import { UserService } from '../user/user.service'
import type { ResendInvitationInput } from './administration.input'
import { invitationOf } from './invitation'

/**
 * Sends somebody who has not taken up their account another link; the one before is void.
 * @throws Rejected NOT_FOUND where nobody waits to be invited; NOT_PERMITTED on somebody above the viewer. ApiError FORBIDDEN
 */
export async function resendInvitation(db: Database, { userId }: ResendInvitationInput): Promise<Id> {
  return db.transaction(async (tx) => {
    await new AuthorityService(tx).assertMayActOn(userId, 'users:create')
    const users = new UserService(tx)
    // Whoever takes the account up at this moment is waited for.
    const person = (await users.holdActive(userId)) && (await users.lookup(userId))
    if (!person || !invitationOf(person, await new PasswordService(tx).hasOne(userId))) {
      const message = 'There is no such person, or they have taken up their account, or are suspended.'
      throw rejected('userId', UserErrorCode.NOT_FOUND, message)
    }
    await beginInvitation(tx, userId)
    return userId
  })
}
