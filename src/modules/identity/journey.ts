import { MINUTE } from '../../core/clock'
import { ApiError, rejected, UserErrorCode } from '../../core/error'
import {
  ProviderFailure,
  type Attempt,
  type Claims,
  type ProviderProblem,
  type ReachableProvider,
} from '../../core/identity-provider'
import { fromGlobalId, newId, toGlobalId, type Id } from '../../core/id'
import { newLinkToken, sameBytes } from '../../crypto/token'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { ChallengeKind } from '../challenge/challenge-kind'
import { ChallengeService, invalidProof, type Challenge } from '../challenge/challenge.service'
import { AuthenticationMethod } from '../session/authentication-method'
import { ThrottleService, type Tries } from '../throttle/throttle.service'

/*
 * A person's journey to a provider and back. The challenge remembers what only we know of it; `state` leads from the answer
 * to the challenge; the code that we lead back with reaches the person's browser, and the verifier stays with the client
 * that has begun. Whoever has but one of the two, the one who lured somebody into a journey or the one who was lured, has nothing.
 */

type JourneyKind = ChallengeKind.PROVIDER_SIGN_IN | ChallengeKind.PROVIDER_LINK
const JOURNEYS = [ChallengeKind.PROVIDER_SIGN_IN, ChallengeKind.PROVIDER_LINK] as const

/** How long somebody may take at the provider. */
const JOURNEY_LIFETIME = 10 * MINUTE

/** How long the code may be used with which somebody is led back: their browser uses it at once. */
const RETURN_LIFETIME = 2 * MINUTE

/** What is remembered until the provider answers. */
interface Outward extends Attempt {
  provider: string
  redirectUrl: string
}

/** What is remembered from then on. */
interface Homeward {
  provider: string
  claims: Claims
}

export interface Journey {
  url: string
  challenge: Challenge
  verifier: string
}

/** What the client has of a journey that is over: from the fragment, and from its beginning. */
export interface ReturnProof {
  challengeId: Id
  code: string
  verifier: string
}

export interface Returned extends Homeward {
  challenge: Challenge
  tries: Tries
}

/**
 * Begins a journey on behalf of `subjectId`, or of somebody who is nobody yet.
 * @throws Rejected NOT_FOUND for no such provider, NOT_PERMITTED for an address that is not one of REDIRECT_URLS; ApiError
 * UNAVAILABLE when the provider does not answer.
 */
export async function beginJourney(
  db: Database,
  kind: JourneyKind,
  subjectId: Id | null,
  { providerId, redirectUrl }: { providerId: string; redirectUrl: string },
): Promise<Journey> {
  assertAllowed(db, redirectUrl)
  await new ThrottleService(db).tryBeginning()
  const provider = await reach(db, providerId)
  return db.transaction(async (tx) => {
    const id = newId(tx.now)
    const attempt: Attempt = {
      state: `${toGlobalId('challenge', id)}.${newLinkToken()}`,
      nonce: newLinkToken(),
      // 256 bits, as RFC 7636 §4.1 recommends.
      codeVerifier: newLinkToken() + newLinkToken(),
    }
    const { challenge, token: verifier } = await new ChallengeService(tx).begin({
      id,
      kind,
      subjectId: subjectId ?? newId(tx.now),
      methods: [AuthenticationMethod.IDENTITY_PROVIDER],
      state: JSON.stringify({ provider: providerId, redirectUrl, ...attempt } satisfies Outward),
      lifetime: JOURNEY_LIFETIME,
    })
    return { url: await provider.authorizationUrl(attempt), challenge, verifier }
  })
}

function assertAllowed({ tools: { redirects } }: Database, redirectUrl: string): void {
  if (redirectUrl === redirects.ownPage || redirects.allowed.includes(redirectUrl)) return
  const message =
    'This is not one of the addresses (REDIRECT_URLS) that people may be led back to, letter for letter.'
  throw rejected('redirectUrl', UserErrorCode.NOT_PERMITTED, message)
}

async function reach({ tools }: Database, providerId: string): Promise<ReachableProvider> {
  const provider = tools.identityProviders.get(providerId)
  if (!provider) throw rejected('providerId', UserErrorCode.NOT_FOUND, 'There is no such identity provider.')
  return provider.reach().catch((error: unknown) => {
    const unavailable = new ApiError(
      'UNAVAILABLE',
      `${provider.name} cannot be reached at the moment. Try again shortly.`,
    )
    unavailable.cause = error
    throw unavailable
  })
}

/** Where a person goes on after the provider has answered, and what went wrong, for the log. */
export interface WayBack {
  location: string
  failure: ProviderFailure | null
}

/**
 * Takes the answer with which a provider leads a person back to us, once; null when it belongs to no journey that waits for
 * one of this provider. The journey goes on at the address that it was begun with, the outcome in the fragment, which no server sees.
 */
export async function returnFromProvider(
  db: Database,
  providerId: string,
  answer: URLSearchParams,
): Promise<WayBack | null> {
  const challenges = new ChallengeService(db)
  const states = answer.getAll('state')
  const challenge = states.length === 1 ? await challengeOf(challenges, states[0]!) : null
  if (!challenge) return null
  const outward = JSON.parse((await challenges.peek(challenge)) ?? '{}') as Partial<Outward>
  if (!isJourney(outward) || !sameBytes(Buffer.from(outward.state), Buffer.from(states[0]!))) return null

  const { provider, redirectUrl } = outward
  if (provider !== providerId) return null
  const lead = (facts: Record<string, string>) =>
    `${redirectUrl}#${new URLSearchParams({ challenge: toGlobalId('challenge', challenge.id), ...facts })}`
  try {
    if (!challenges.isOpen(challenge)) throw new ProviderFailure('expired', 'expired')
    // Before anything is sent to the provider, so that the same answer is not tried twice.
    if (!(await db.transaction((tx) => new ChallengeService(tx).takeState(challenge)))) return null
    const homeward: Homeward = { provider, claims: await redeem(db, outward, challenge, answer) }
    const code = await db.transaction((tx) =>
      new ChallengeService(tx).keep(challenge, JSON.stringify(homeward), RETURN_LIFETIME),
    )
    if (code === null) throw new ProviderFailure('expired', 'expired')
    return { location: lead({ code }), failure: null }
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error
    await giveUp(db, challenge, provider, error.problem)
    return { location: lead({ error: error.problem }), failure: error }
  }
}

const challengeOf = async (challenges: ChallengeService, state: string): Promise<Challenge | null> => {
  const named = fromGlobalId(state.split('.')[0]!)
  return named?.kind === 'challenge' ? challenges.find(JOURNEYS, { challengeId: named.id }) : null
}

/** What is remembered may be of the way back already, and nothing while the provider is asked. */
const isJourney = (remembered: Partial<Outward>): remembered is Outward => remembered.state !== undefined

async function redeem(
  db: Database,
  outward: Outward,
  { id }: Challenge,
  answer: URLSearchParams,
): Promise<Claims> {
  const provider = db.tools.identityProviders.get(outward.provider)
  if (!provider) throw new ProviderFailure('provider_error', 'not-configured')
  const tries = await new ThrottleService(db).trySecret(`journey:${id}`).catch((error: unknown) => {
    if (error instanceof ApiError && error.code === 'RATE_LIMITED')
      throw new ProviderFailure('rate_limited', 'rate-limited')
    throw error
  })
  const claims = await (await provider.reach()).redeem(answer, outward)
  await tries.succeeded()
  return claims
}

async function giveUp(
  db: Database,
  challenge: Challenge,
  provider: string,
  reason: ProviderProblem,
): Promise<void> {
  await db.transaction(async (tx) => {
    await new ChallengeService(tx).remove(challenge.id)
    await recordRefusal(tx, provider, reason)
  })
}

/** Tells the trail why somebody who has come back from a provider could not go on. */
export async function recordRefusal(db: Database, provider: string, reason: string): Promise<void> {
  await new AuditService(db).record('identity.refused', {
    details: { provider, reason },
  })
}

/**
 * What the provider has said, to whoever has both the code and the verifier of a journey; for `subjectId`, only of its own.
 * Use the challenge up in the transaction that rests on it.
 * @throws Rejected INVALID_CODE for a wrong, used or expired proof, which counts; ApiError RATE_LIMITED.
 */
export async function claimsOf(
  db: Database,
  kind: JourneyKind,
  subjectId: Id | null,
  { challengeId, code, verifier: token }: ReturnProof,
): Promise<Returned> {
  const challenges = new ChallengeService(db)
  const found = await challenges.find([kind], { token })
  const challenge = subjectId === null || found?.subjectId === subjectId ? found : null
  const tries = await new ThrottleService(db).trySecret(`journey:${found?.id ?? challengeId}`)
  if (!challenge || !challenges.isProven(challenge, { token, challengeId, code })) {
    // The verifier alone is not the proof, so guessing the code counts though it is right.
    if (challenge) await challenges.countFailure(challenge)
    await new AuditService(db).record('session.proof-failed', {
      target: toGlobalId('challenge', challengeId),
      details: { method: AuthenticationMethod.IDENTITY_PROVIDER },
    })
    throw invalidProof('code')
  }
  const homeward = JSON.parse(await challenges.stateOf(challenge)) as Homeward
  return { ...homeward, challenge, tries }
}
