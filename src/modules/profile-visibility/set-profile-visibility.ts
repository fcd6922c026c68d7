import { toGlobalId, type Id } from '../../core/id'
import { requireSignedIn } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AttributeService } from '../attribute/attribute.service'
import { AuditService } from '../audit/audit.service'
import { UserService } from '../user/user.service'
import type { SetProfileVisibilityInput } from './profile-visibility.input'

/**
 * Says to whom the viewer shows what is on their profile, all that is given or nothing; what is left out stays.
 * @throws Rejected for attributes that there are not; ApiError CONFLICT when `expectedVersion` is not the current one.
 */
export async function setProfileVisibility(
  db: Database,
  { attributes, expectedVersion, ...audiences }: SetProfileVisibilityInput,
): Promise<Id> {
  const { userId } = requireSignedIn(db.caller.viewer)
  return db.transaction(async (tx) => {
    const ofProfile = await new UserService(tx).setAudiences(userId, audiences, expectedVersion)
    const ofAttributes = await new AttributeService(tx).setAudiences(userId, attributes ?? [])
    const fields = [...ofProfile, ...ofAttributes]
    if (fields.length > 0)
      await new AuditService(tx).record('profile.visibility-changed', {
        target: toGlobalId('user', userId),
        details: { fields },
      })
    return userId
  })
}
