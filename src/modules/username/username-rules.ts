import { rejected, UserErrorCode, type Rejected } from '../../core/error'
import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { RoleGrantService } from '../role/role-grant.service'
import { UserService, usernameTaken } from '../user/user.service'

/**
 * Whether somebody may choose this username, in lower case, for themselves: nobody has or keeps it, it does not speak for whoever
 * runs the application, and nobody can take it for the username of one of the staff (UTS #39). What staff give, only the
 * first is asked of.
 * @param ownerId who wants it, where they have an account
 * @returns what speaks against it, or null
 */
export async function problemWithUsername(
  db: Database,
  username: string,
  ownerId: Id | null = null,
): Promise<Rejected | null> {
  const users = new UserService(db)
  if ((await users.wordsLike(username, db.tools.reservedUsernames)).length > 0) return reserved()
  if (await users.isUsernameTaken(username, ownerId)) return usernameTaken()
  const like = (await users.findIdsLike(username)).filter((id) => id !== ownerId)
  return (await new RoleGrantService(db).staffAmong(like)).length > 0 ? usernameTaken() : null
}

const reserved = (): Rejected =>
  rejected(
    'username',
    UserErrorCode.INVALID,
    'This username is, or looks like, one that is kept for whoever runs this application. Choose another.',
  )
