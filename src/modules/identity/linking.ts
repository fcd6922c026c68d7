import { Rejected, rejected, UserErrorCode } from '../../core/error'
import type { Claims } from '../../core/identity-provider'
import type { Id } from '../../core/id'
import { requireSession } from '../../core/viewer'
import type { Database } from '../../db/database'
import { ChallengeKind } from '../challenge/challenge-kind'
import { ChallengeService } from '../challenge/challenge.service'
import { normaliseAddress } from '../email/email-address'
import { EmailService } from '../email/email.service'
import { MailService } from '../mail/mail.service'
import { PasskeyService } from '../passkey/passkey.service'
import { PasswordService } from '../password/password.service'
import { EndReason } from '../session/end-reason'
import { SessionService } from '../session/session.service'
import {
  beginJourney,
  claimsOf,
  recordRefusal,
  type Journey,
  type Returned,
  type ReturnProof,
} from './journey'
import type { StartProviderLinkInput } from './identity.input'
import { IdentityService, type Identity } from './identity.service'

/** Begins a journey of the viewer's to a provider, to sign in there from then on. See `beginJourney` for its errors. */
export async function startProviderLink(db: Database, input: StartProviderLinkInput): Promise<Journey> {
  const { userId } = requireSession(db.caller.viewer)
  // Nobody is sent on a journey that `linkIdentity` would refuse to finish.
  await db.transaction((tx) => new SessionService(tx).assertMayChangeCredentials())
  return beginJourney(db, ChallengeKind.PROVIDER_LINK, userId, input)
}

/**
 * Lets the viewer sign in at the provider from now on, if it vouches for one of their own addresses: what else could tell
 * that both are one person?
 * @throws Rejected INVALID_CODE for a wrong, used or expired proof; EMAIL_NOT_VERIFIED; NOT_PERMITTED for the address of
 * somebody else; TAKEN when an account is linked to that person already.
 */
export async function linkIdentity(db: Database, proof: ReturnProof): Promise<Identity> {
  const { userId } = requireSession(db.caller.viewer)
  const returned = await claimsOf(db, ChallengeKind.PROVIDER_LINK, userId, proof)
  const { challenge, provider, claims, tries } = returned
  const linked = await db.transaction(async (tx) => {
    await new SessionService(tx).assertMayChangeCredentials()
    await new ChallengeService(tx).consume(challenge)
    const refusal = await refusalOf(tx, userId, returned)
    if (refusal) {
      // The code has served, so this transaction commits and the refusal comes after it.
      await recordRefusal(tx, provider, refusal.problems[0]!.code)
      return refusal
    }
    const { identity, eventId } = await new IdentityService(tx).add(userId, provider, claims)
    await tellOf(tx, userId, 'identityLinked', { provider, eventId })
    return identity
  })
  if (linked instanceof Rejected) throw linked
  await tries.succeeded()
  return linked
}

/** The refusal of somebody for whose address the provider does not vouch. */
export const unverified = (db: Database, provider: string): Rejected =>
  rejected(
    [],
    UserErrorCode.EMAIL_NOT_VERIFIED,
    `${nameOf(db, provider)} has not verified your e-mail address. Verify it there, then begin again.`,
  )

/**
 * The viewer can sign in at the provider no more.
 * @throws ApiError NOT_FOUND when it is none of theirs; Rejected NOT_PERMITTED when there is no other way in.
 */
export async function unlinkIdentity(db: Database, identityId: Id): Promise<void> {
  const { userId } = requireSession(db.caller.viewer)
  await db.transaction(async (tx) => {
    await new SessionService(tx).assertMayChangeCredentials()
    const { identity, eventId } = await new IdentityService(tx).remove(identityId, userId)
    if (!(await hasWayIn(tx, userId))) {
      const message = 'There is no other way to sign in. Set a password or register a passkey first.'
      throw rejected('identityId', UserErrorCode.NOT_PERMITTED, message)
    }
    await tellOf(tx, userId, 'identityUnlinked', { provider: identity.provider, eventId })
  })
}

/** Other sessions end, since a way to sign in has come or gone, and the person is told. */
async function tellOf(
  tx: Database,
  userId: Id,
  mail: 'identityLinked' | 'identityUnlinked',
  { provider, eventId }: { provider: string; eventId: Id },
): Promise<void> {
  const { sessionId } = requireSession(tx.caller.viewer)
  // Nor does a sign-in go on that has begun there.
  await new ChallengeService(tx).removeOf(userId, ChallengeKind.SIGN_IN)
  await new SessionService(tx).endAll(userId, EndReason.FACTOR_CHANGED, sessionId)
  await new MailService(tx).send(userId, mail, { provider: nameOf(tx, provider), eventId })
}

/** Why an identity cannot be linked to this person's account; null where it can. */
async function refusalOf(db: Database, userId: Id, { provider, claims }: Returned): Promise<Rejected | null> {
  const address = verifiedAddress(claims)
  if (address === null) return unverified(db, provider)
  const own = await new EmailService(db).ofUser(userId)
  if (own.some((known) => known.verifiedAt !== null && known.address === address)) return null
  const message = `${nameOf(db, provider)} knows you by an e-mail address that is not a verified one of this account.`
  return rejected([], UserErrorCode.NOT_PERMITTED, message)
}

/** The address that the provider vouches for, normalised; null for none. */
export const verifiedAddress = ({ email, isEmailVerified }: Claims): string | null =>
  isEmailVerified && email !== null ? normaliseAddress(email) : null

/** Whether somebody can sign in by themselves: with a password, a passkey, or at a provider that is still configured. */
async function hasWayIn(db: Database, userId: Id): Promise<boolean> {
  if (await new PasswordService(db).hasOne(userId)) return true
  if ((await new PasskeyService(db).ofUsers([userId])).length > 0) return true
  const identities = await new IdentityService(db).ofUsers([userId])
  return identities.some(({ provider }) => db.tools.identityProviders.has(provider))
}

export const nameOf = (db: Database, provider: string): string =>
  new IdentityService(db).providerOf(provider).name
