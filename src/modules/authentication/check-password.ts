import { viewerId } from '../../core/viewer'
import type { Strength } from '../../crypto/strength-meter'
import type { Database } from '../../db/database'
import { PasswordService } from '../password/password.service'
import { ThrottleService } from '../throttle/throttle.service'
import type { CheckPasswordInput } from './authentication.input'

/**
 * What a form can say of a password while it is typed; null where the strength could not be found out in time. Nothing is
 * kept, and nobody else is asked: other services would see one password grow.
 * @throws Rejected with the reasons for which it would be refused. ApiError RATE_LIMITED
 */
export async function checkPassword(
  db: Database,
  { password, username, email, displayName }: CheckPasswordInput,
): Promise<Strength | null> {
  await new ThrottleService(db).tryAdvice()
  const userId = viewerId(db.caller.viewer)
  const given = [username, email, displayName].filter((word) => word !== undefined)
  const passwords = new PasswordService(db)
  const known = userId === null ? [] : await passwords.wordsAbout(userId)
  return passwords.advise(password, [...given, ...known])
}
