import { rejected, UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { AuthorityService } from '../role/authority.service'
import { UserService } from '../user/user.service'
import type { RemoveUserAvatarInput } from './avatar.input'
import { AvatarService } from './avatar.service'

/**
 * Removes the avatar of somebody else, if there is one.
 * @throws Rejected NOT_FOUND; NOT_PERMITTED on somebody above the viewer. ApiError FORBIDDEN
 */
export async function removeUserAvatar(db: Database, { userId, reason }: RemoveUserAvatarInput): Promise<Id> {
  return db.transaction(async (tx) => {
    await new AuthorityService(tx).assertMayActOn(userId, 'users:edit')
    if (!(await new UserService(tx).isShown(userId)))
      throw rejected('userId', UserErrorCode.NOT_FOUND, 'There is no such person.')
    await new AvatarService(tx).removeOf(userId, reason)
    return userId
  })
}
