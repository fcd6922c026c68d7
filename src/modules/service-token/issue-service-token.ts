import { SignJWT } from 'jose'
import { later, MINUTE, SECOND } from '../../core/clock'
import { rejected, UserErrorCode } from '../../core/error'
import { newId, toGlobalId } from '../../core/id'
import { requireSignedIn } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { ThrottleService } from '../throttle/throttle.service'
import type { IssueServiceTokenInput } from './service-token.input'

/** How long a service token lasts, in milliseconds: nobody can take one back. */
const LIFETIME = 5 * MINUTE

/**
 * A JWT access token (RFC 9068) that tells another service who the viewer is and what they may do at this moment. A service
 * that knows it as one by its `typ` and itself by its `aud` cannot take another token of ours, or another's, for it.
 * @throws Rejected INVALID for a service that the configuration does not name; ApiError RATE_LIMITED
 */
export async function issueServiceToken(
  db: Database,
  { audience }: IssueServiceTokenInput,
): Promise<{ token: string; expiresAt: Date }> {
  const viewer = requireSignedIn(db.caller.viewer)
  const { keyring, publicUrl, serviceAudiences } = db.tools
  await new ThrottleService(db).tryServiceToken(viewer.userId)
  if (!serviceAudiences.includes(audience))
    throw rejected('audience', UserErrorCode.INVALID, 'No tokens are issued for this service.')
  const [key] = keyring.signingKeys
  return db.transaction(async (tx) => {
    const expiresAt = wholeSecond(later(tx.now, LIFETIME))
    const token = await new SignJWT({
      permissions: [...viewer.permissions].sort(),
      ...(viewer.sessionId !== null && { sid: toGlobalId('session', viewer.sessionId) }),
    })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: key.id })
      .setIssuer(publicUrl)
      .setSubject(toGlobalId('user', viewer.userId))
      .setAudience(audience)
      .setIssuedAt(wholeSecond(tx.now))
      .setExpirationTime(expiresAt)
      .setJti(newId(tx.now))
      .sign(key.privateKey)
    await new AuditService(tx).record('service-token.issued', { details: { audience } })
    return { token, expiresAt }
  })
}

/** JWTs count in seconds (RFC 7519 §2, NumericDate). */
const wholeSecond = (moment: Date): Date => new Date(Math.floor(moment.getTime() / SECOND) * SECOND)
