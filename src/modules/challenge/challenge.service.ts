import { randomBytes } from 'node:crypto'
import { later, MINUTE } from '../../core/clock'
import { rejected, UserErrorCode, type Rejected } from '../../core/error'
import { newId, type Id } from '../../core/id'
import { hashCode, hashToken, newCode, newLinkToken, sameBytes } from '../../crypto/token'
import type { Database } from '../../db/database'
import { AuthenticationMethod } from '../session/authentication-method'
import { ChallengeKind } from './challenge-kind'
import { Challenge } from './challenge.entity'
import { ChallengeRepository } from './challenge.repository'

export type { Challenge }

/** How long a code from a mail may be used. */
export const CODE_LIFETIME = 10 * MINUTE

/** How long a link from a mail may be used. */
export const LINK_LIFETIME = 30 * MINUTE

/** How many wrong proofs a challenge takes. */
const MAX_FAILURES = 5

export interface NewChallenge {
  /** Where its state has to name it. */
  id?: Id
  kind: ChallengeKind
  subjectId: Id
  methods: readonly AuthenticationMethod[]
  proven?: readonly AuthenticationMethod[]
  /** What to remember, encrypted under the subject's key. */
  state?: string
  /** In milliseconds; as long as a code where nothing is said. */
  lifetime?: number
  /** Whether no proof is right, because there is nobody who could give one. */
  isDecoy?: boolean
}

/** A challenge, with the secrets that are for the mail, or for the client that begins, and for nobody else. */
export interface Begun {
  challenge: Challenge
  code: string
  token: string
}

/** What somebody gives to be recognised: the secret of a link, or the challenge with the code. */
export interface MailProof {
  token?: string
  challengeId?: Id
  code?: string
}

const WITH_CODE: readonly AuthenticationMethod[] = [
  AuthenticationMethod.EMAIL_CODE,
  AuthenticationMethod.SMS_CODE,
]
const WITH_TOKEN: readonly AuthenticationMethod[] = [
  AuthenticationMethod.EMAIL_LINK,
  AuthenticationMethod.IDENTITY_PROVIDER,
]

/** What was begun and waits for a proof: each serves once, for a while, and takes few wrong tries. */
export class ChallengeService {
  private readonly challenges: ChallengeRepository

  constructor(private readonly db: Database) {
    this.challenges = new ChallengeRepository(db)
  }

  /**
   * Begins something. Where a mail or a text message will carry the proof, its code and its link are good from now on.
   */
  async begin(wanted: NewChallenge): Promise<Begun> {
    const { kind, subjectId, methods, proven = [], state, lifetime = CODE_LIFETIME, isDecoy = false } = wanted
    const { now } = this.db
    const { id = newId(now) } = wanted
    const [code, token] = [newCode(), newLinkToken()]
    const serves = (by: readonly AuthenticationMethod[]) => methods.some((method) => by.includes(method))
    // Nobody's second proof is sent before it is asked for.
    const hasCode = serves(WITH_CODE) && proven.length === 0
    const challenge: Challenge = {
      id,
      kind,
      subjectId,
      methods: [...methods],
      proven: [...proven],
      codeHash: hasCode ? (isDecoy ? randomBytes(32) : hashCode(id, code)) : null,
      codeExpiresAt: hasCode ? later(now, CODE_LIFETIME) : null,
      tokenHash: serves(WITH_TOKEN) ? (isDecoy ? randomBytes(32) : hashToken(token)) : null,
      state:
        state === undefined
          ? null
          : await this.db.codec.seal(Challenge, 'state', { id, ownerId: subjectId }, state),
      failures: 0,
      createdAt: now,
      expiresAt: later(now, lifetime),
    }
    await this.challenges.add(challenge)
    return { challenge, code, token }
  }

  /** A first look at what somebody wants to finish; null for none of these kinds. */
  async find(kinds: readonly ChallengeKind[], { token, challengeId }: MailProof): Promise<Challenge | null> {
    if (token !== undefined) return this.challenges.find(kinds, { tokenHash: hashToken(token) })
    return challengeId === undefined ? null : this.challenges.find(kinds, { id: challengeId })
  }

  /** Whether it still takes a proof. */
  isOpen({ failures, expiresAt }: Challenge): boolean {
    return failures < MAX_FAILURES && expiresAt > this.db.now
  }

  /** Whether all that is given from the mail proves it; somebody who gives both token and code is held to both. */
  isProven(challenge: Challenge, { token, challengeId, code }: MailProof): boolean {
    if (!this.isOpen(challenge)) return false
    if (challengeId !== undefined && challengeId !== challenge.id) return false
    if (code === undefined) return token !== undefined
    const { codeHash, codeExpiresAt } = challenge
    return (
      codeHash !== null && codeExpiresAt! > this.db.now && sameBytes(hashCode(challenge.id, code), codeHash)
    )
  }

  /** Counts a wrong proof. Whoever has the link guesses nothing, so that is not counted. */
  async countFailure(challenge: Challenge, { token }: MailProof = {}): Promise<void> {
    if (token === undefined && this.isOpen(challenge)) await this.challenges.countFailure(challenge.id)
  }

  /**
   * Uses a challenge up, inside the transaction that does what it was for: of two with one proof the second finds it gone.
   * @throws Rejected INVALID_CODE
   */
  async consume({ id, kind }: Challenge, field = 'code'): Promise<void> {
    const locked = await this.challenges.lock(id, kind)
    if (!locked || !this.isOpen(locked)) throw invalidProof(field)
    await this.challenges.remove(id)
  }

  /** The same, locked but kept, for proofs that are looked at inside the transaction. */
  async lock(id: Id, kind: ChallengeKind): Promise<Challenge | null> {
    return this.challenges.lock(id, kind)
  }

  async remove(id: Id): Promise<void> {
    await this.challenges.remove(id)
  }

  /** Makes what was begun void. */
  async removeOf(subjectId: Id, ...kinds: ChallengeKind[]): Promise<void> {
    await this.challenges.removeOf(subjectId, kinds)
  }

  /** Makes all that was begun about somebody void. */
  async removeAllOf(subjectId: Id): Promise<void> {
    await this.challenges.removeOf(subjectId, Object.values(ChallengeKind))
  }

  /** A new code for a challenge; an earlier one is void. Wrong tries stay counted. */
  async renewCode(id: Id): Promise<string> {
    const code = newCode()
    await this.challenges.setCode(id, hashCode(id, code), later(this.db.now, CODE_LIFETIME))
    return code
  }

  /** What was remembered at the beginning. */
  async stateOf(challenge: Challenge): Promise<string> {
    return (await this.peek(challenge))!
  }

  /** What is remembered; null for nothing. */
  async peek({ id, subjectId, state }: Challenge): Promise<string | null> {
    const [text] = await this.db.codec.open(Challenge, 'state', [{ id, ownerId: subjectId }], () => state)
    return text!
  }

  /** Forgets what is remembered; false when it is forgotten already, or the time is over: of two that ask, one may go on. */
  async takeState({ id, kind }: Challenge): Promise<boolean> {
    const locked = await this.challenges.lock(id, kind)
    if (!locked || locked.state === null || !this.isOpen(locked)) return false
    await this.challenges.setState(id, null)
    return true
  }

  /** Remembers what somebody has proven elsewhere, and makes the code with which they come for it within `lifetime`. */
  async keep({ id, kind, subjectId }: Challenge, state: string, lifetime: number): Promise<string | null> {
    const locked = await this.challenges.lock(id, kind)
    if (!locked || !this.isOpen(locked)) return null
    const code = newCode()
    const until = later(this.db.now, lifetime)
    const sealed = await this.db.codec.seal(Challenge, 'state', { id, ownerId: subjectId }, state)
    await this.challenges.setState(id, sealed, until)
    await this.challenges.setCode(id, hashCode(id, code), until)
    return code
  }
}

/**
 * Whose passkey has to answer a challenge; null at the beginning of a sign-in, where the passkey itself says whose it is.
 */
export const passkeyOwner = ({ kind, proven, subjectId }: Challenge): Id | null =>
  kind === ChallengeKind.SIGN_IN && proven.length === 0 ? null : subjectId

/** The answer to a wrong, used or expired proof: which of these is not told. */
export const invalidProof = (field: string): Rejected =>
  rejected(
    field,
    UserErrorCode.INVALID_CODE,
    'This proof is wrong, used or expired. Check it, or begin again for a new one.',
  )
