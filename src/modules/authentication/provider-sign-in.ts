import { randomInt } from 'node:crypto'
import { cleanText } from '../../api/input'
import { rejected, Rejected, UserErrorCode } from '../../core/error'
import type { Claims } from '../../core/identity-provider'
import { toGlobalId, type Id } from '../../core/id'
import { isLocale } from '../../core/locale'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { ChallengeKind } from '../challenge/challenge-kind'
import { ChallengeService, invalidProof } from '../challenge/challenge.service'
import { EmailService } from '../email/email.service'
import type { StartProviderSignInInput } from '../identity/identity.input'
import { IdentityService } from '../identity/identity.service'
import { beginJourney, claimsOf, recordRefusal, type Journey, type Returned } from '../identity/journey'
import { nameOf, unverified, verifiedAddress } from '../identity/linking'
import { AuthenticationMethod } from '../session/authentication-method'
import { DISPLAY_NAME } from '../user/user.input'
import { UserService } from '../user/user.service'
import { MAX_USERNAME_LENGTH, usernameFrom } from '../user/username'
import { problemWithUsername } from '../username/username-rules'
import type { CompleteSignInInput } from './authentication.input'
import { createAccount } from './create-account'
import { given } from './proof'
import { proceed, type SignInStep } from './sign-in'

const METHOD = AuthenticationMethod.IDENTITY_PROVIDER

/** Begins a sign-in at an identity provider. See `beginJourney` for its errors. */
export async function startProviderSignIn(
  db: Database,
  { providerId, redirectUrl = db.tools.redirects.ownPage ?? undefined }: StartProviderSignInInput,
): Promise<Journey> {
  if (redirectUrl === undefined)
    throw rejected('redirectUrl', UserErrorCode.REQUIRED, 'Say where to lead back to: one of REDIRECT_URLS.')
  return beginJourney(db, ChallengeKind.PROVIDER_SIGN_IN, null, { providerId, redirectUrl })
}

/**
 * Goes on with a sign-in of somebody who has come back from an identity provider. Whoever is new there gets an account; one
 * that has the same address already is never taken over, not even by its owner, who can link it.
 * @throws Rejected INVALID_CODE for a wrong, used or expired proof, which counts, and for a suspended person; ACCOUNT_EXISTS;
 * EMAIL_NOT_VERIFIED; ApiError RATE_LIMITED after too many failures.
 */
export async function completeProviderSignIn(db: Database, input: CompleteSignInInput): Promise<SignInStep> {
  const returned = await claimsOf(db, ChallengeKind.PROVIDER_SIGN_IN, null, {
    challengeId: given(input, 'challengeId'),
    code: given(input, 'code'),
    verifier: given(input, 'verifier'),
  })
  const step = await lookAgain(() =>
    db.transaction(async (tx) => {
      await new ChallengeService(tx).consume(returned.challenge)
      const who = await recognise(tx, returned)
      // The code has served in any case, so a refusal comes after the commit.
      return who instanceof Rejected ? who : proceed(tx, who, [METHOD], input)
    }),
  )
  if (step instanceof Rejected) throw step
  await returned.tries.succeeded()
  return step
}

/** Two newcomers at the same moment may want one name, or be one person: whoever was later sees what the other has made. */
async function lookAgain<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Rejected && error.problems[0]!.code === UserErrorCode.TAKEN) return work()
    throw error
  }
}

/** Whose account it is, made where there was none; or why there is none to sign in to. */
async function recognise(tx: Database, { challenge, provider, claims }: Returned): Promise<Id | Rejected> {
  const identities = new IdentityService(tx)
  const known = await identities.find(provider, claims)
  if (known) {
    if (!(await new UserService(tx).holdActive(known.userId)) || !(await identities.use(known))) {
      await new AuditService(tx).record('session.proof-failed', {
        subjectId: known.userId,
        target: toGlobalId('challenge', challenge.id),
        details: { method: METHOD },
      })
      return invalidProof('code')
    }
    return known.userId
  }
  const address = verifiedAddress(claims)
  if (address === null) return refuse(tx, provider, unverified(tx, provider))
  if (await new EmailService(tx).ownerOf(address))
    return refuse(tx, provider, accountExists(nameOf(tx, provider)))
  const userId = challenge.subjectId
  const profile = await profileOf(tx, claims, address)
  await createAccount(tx, { id: userId, ...profile, address, passwordHash: null }, userId)
  await identities.add(userId, provider, claims)
  return userId
}

async function refuse(tx: Database, provider: string, refusal: Rejected): Promise<Rejected> {
  await recordRefusal(tx, provider, refusal.problems[0]!.code)
  return refusal
}

const accountExists = (providerName: string): Rejected =>
  rejected(
    [],
    UserErrorCode.ACCOUNT_EXISTS,
    `There is an account with this address. Sign in to it, then link ${providerName} in its security settings.`,
  )

/** What the provider says of somebody new, as far as it can be used here. */
async function profileOf(db: Database, { username, name, locale }: Claims, address: string) {
  const chosen = await freeUsername(db, [username ?? '', address])
  const displayName =
    name === null ? null : cleanText([...name].slice(0, DISPLAY_NAME.max).join(''), DISPLAY_NAME)
  return {
    username: chosen,
    displayName: displayName ?? chosen,
    locale: locale !== null && locale.length <= 35 && isLocale(locale) ? locale : 'en',
  }
}

async function freeUsername(db: Database, wishes: readonly string[]): Promise<string> {
  const usernames = wishes.map(usernameFrom).filter((username) => username.length >= 3)
  for (const username of usernames) if ((await problemWithUsername(db, username)) === null) return username
  const base = (usernames[0] ?? 'user').slice(0, MAX_USERNAME_LENGTH - 8)
  return `${base}_${randomInt(1_000_000, 10_000_000)}`
}
