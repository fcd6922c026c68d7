import type { Id } from '../../core/id'
import { requireSignedIn } from '../../core/viewer'
import type { Database } from '../../db/database'
import { FactorService } from '../factor/factor.service'
import { PasswordService } from '../password/password.service'
import { AuthenticationMethod } from '../session/authentication-method'

/** The ways in which somebody can prove again who they are: what they have, or a mail where that is nothing. */
export async function waysToStepUp(db: Database, userId: Id): Promise<AuthenticationMethod[]> {
  const ways = await new FactorService(db).methodsOf(userId)
  if (await new PasswordService(db).hasOne(userId)) ways.unshift(AuthenticationMethod.PASSWORD)
  return ways.length > 0 ? ways : [AuthenticationMethod.EMAIL_CODE]
}

/** The viewer's, as the API names them. */
export async function stepUpMethods(db: Database): Promise<string[]> {
  const ways = await waysToStepUp(db, requireSignedIn(db.caller.viewer).userId)
  return Object.entries(AuthenticationMethod)
    .filter(([, method]) => ways.includes(method))
    .map(([name]) => name)
}
