import { later, MINUTE } from '../../core/clock'
import { ApiError } from '../../core/error'
import type { Id } from '../../core/id'
import { isInSession, requireSession, requireSignedIn, type Viewer } from '../../core/viewer'
import type { Database } from '../../db/database'
import { FactorService } from '../factor/factor.service'
import { PasswordService } from '../password/password.service'
import { AuthenticationMethod } from '../session/authentication-method'

/** How long a proof of identity serves for what asks for a fresh one. */
export const FRESHNESS = 10 * MINUTE

/** Whether the viewer has proved who they are of late; an access token cannot. */
export const hasFreshProof = (viewer: Viewer, now: Date): boolean =>
  isInSession(viewer) && viewer.authenticatedAt > later(now, -FRESHNESS)

/** What somebody in a session is asked for who has no fresh proof. */
export const proofWanted = async (db: Database): Promise<ApiError> =>
  new ApiError('REAUTHENTICATION_REQUIRED', 'Prove again who you are, then repeat this.', {
    methods: await stepUpMethods(db),
  })

/**
 * The viewer has proved of late who they are: for what asks for it only sometimes, which the policy does not know.
 * @throws ApiError REAUTHENTICATION_REQUIRED; FORBIDDEN for an access token
 */
export async function assertFreshProof(db: Database): Promise<void> {
  const viewer = requireSession(db.caller.viewer)
  if (!hasFreshProof(viewer, db.now)) throw await proofWanted(db)
}

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
