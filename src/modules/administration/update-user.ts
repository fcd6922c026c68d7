import { toGlobalId, type Id } from '../../core/id'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { MailService } from '../mail/mail.service'
import { AuthorityService } from '../role/authority.service'
import { UserService } from '../user/user.service'
import type { UpdateUserInput } from './administration.input'
import { noSuchPerson } from './no-such-person'

/**
 * Changes somebody's profile. Of another username they are told by mail, because they sign in with it.
 * @throws Rejected naming fields that cannot be accepted, TAKEN and NOT_FOUND among them; NOT_PERMITTED on somebody above the
 * viewer. ApiError CONFLICT when `expectedVersion` is not the current one; FORBIDDEN
 */
export async function updateUser(
  db: Database,
  { userId, expectedVersion, ...changes }: UpdateUserInput,
): Promise<Id> {
  return db.transaction(async (tx) => {
    await new AuthorityService(tx).assertMayActOn(userId, 'users:edit')
    const users = new UserService(tx)
    if (!(await users.isShown(userId))) throw noSuchPerson()
    const fields = await users.change(userId, changes, expectedVersion)
    if (!fields.includes('username')) return userId
    await new AuditService(tx).record('username.changed', {
      subjectId: userId,
      target: toGlobalId('user', userId),
    })
    const { username } = (await users.lookup(userId))!
    await new MailService(tx).send(userId, 'usernameChanged', { username })
    return userId
  })
}
