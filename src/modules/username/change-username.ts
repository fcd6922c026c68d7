import { toGlobalId, type Id } from '../../core/id'
import { requireSession } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { MailService } from '../mail/mail.service'
import { SessionService } from '../session/session.service'
import { UserService } from '../user/user.service'
import { normaliseUsername } from '../user/username'
import type { ChangeUsernameInput } from './username.input'
import { problemWithUsername } from './username-rules'

/**
 * Gives the viewer another username, with which they sign in from now on. The one until now leads to them for a while, and is
 * kept for them; one of their own that is still kept can be had again. They are told by mail.
 * @throws Rejected TAKEN, INVALID for a reserved one, FROZEN; ApiError RATE_LIMITED after too many changes, CONFLICT when
 * `expectedVersion` is not the current one, UNAUTHENTICATED when the session has ended meanwhile.
 */
export async function changeUsername(
  db: Database,
  { username: given, expectedVersion }: ChangeUsernameInput,
): Promise<Id> {
  const { userId } = requireSession(db.caller.viewer)
  const username = normaliseUsername(given)
  return db.transaction(async (tx) => {
    await new SessionService(tx).assertMayChangeCredentials()
    const users = new UserService(tx)
    if ((await users.lookup(userId))!.username !== username) {
      const problem = await problemWithUsername(tx, username, userId)
      if (problem) throw problem
      await users.assertMayChangeUsername(userId)
    }
    const fields = await users.change(userId, { username }, expectedVersion)
    if (!fields.includes('username')) return userId
    const eventId = await new AuditService(tx).record('username.chosen', {
      target: toGlobalId('user', userId),
    })
    await new MailService(tx).send(userId, 'usernameChosen', { username, eventId })
    return userId
  })
}
