import { Rejected, UserErrorCode, type Problem } from '../../core/error'
import type { Id } from '../../core/id'
import {
  MINIMUM_ALONE,
  MINIMUM_WITH_SECOND_FACTOR,
  normalisePassword,
  passwordProblems,
} from '../../crypto/password-policy'
import type { Strength } from '../../crypto/strength-meter'
import { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { EmailService } from '../email/email.service'
import { MailService } from '../mail/mail.service'
import { UserService } from '../user/user.service'
import { PasswordRepository, type PasswordState } from './password.repository'

export type { PasswordState }

interface Circumstances {
  /** The input's field that the reasons are about. */
  field?: string
  /** Whether it takes more than the password to sign in, so that it may be shorter. */
  hasSecondFactor?: boolean
}

/** That somebody knew the password of a person, and which one it was: it may be another by now. */
export interface PasswordProof {
  userId: Id
  changedAt: Date
}

type PasswordProblem = Omit<Problem, 'field'>

const BREACHED: PasswordProblem = {
  code: UserErrorCode.PASSWORD_BREACHED,
  message: 'This password was stolen somewhere and will be tried. Choose another one.',
}

/** A password against which nothing is held. */
const UNTAINTED = { isShort: false, compromisedAt: null, resetRequiredAt: null } as const

export class PasswordService {
  private readonly passwords: PasswordRepository

  constructor(private readonly db: Database) {
    this.passwords = new PasswordRepository(db)
  }

  /**
   * Refuses a new password that is too short, too common, about its owner or known from a breach. It may wait for others, a
   * few seconds at most, so never call it inside a transaction.
   * @throws Rejected with the reasons, and with the `passwordStrength` where that was found out in time.
   */
  async check(
    password: string,
    personal: readonly string[],
    circumstances: Circumstances = {},
  ): Promise<void> {
    const problems = this.problems(password, personal, circumstances)
    if (problems.length === 0 && (await this.db.tools.breaches.isBreached(password))) problems.push(BREACHED)
    if (problems.length > 0) throw await this.refusal(problems, password, personal, circumstances)
  }

  /** The same for a new password of somebody with an account. */
  async checkFor(userId: Id, password: string, circumstances: Circumstances = {}): Promise<void> {
    await this.check(password, await this.wordsAbout(userId), circumstances)
  }

  /** What no password of this person may contain. */
  async wordsAbout(userId: Id): Promise<string[]> {
    const addresses = await new EmailService(this.db).ofUser(userId)
    const user = await new UserService(this.db).lookup(userId)
    const words = [...addresses.map(({ address }) => address), user?.username, user?.displayName]
    return words.filter((word) => word != null)
  }

  /**
   * How hard a password is to guess for somebody who knows these words; null where that was not found out in time.
   * @throws Rejected as `check` does, but asks nobody about breaches.
   */
  async advise(
    password: string,
    personal: readonly string[],
    circumstances: Circumstances = {},
  ): Promise<Strength | null> {
    const problems = this.problems(password, personal, circumstances)
    if (problems.length > 0) throw await this.refusal(problems, password, personal, circumstances)
    return this.strength(password, personal)
  }

  /** Hashes a password; slow on purpose, so never inside a transaction. @throws ApiError RATE_LIMITED when too many wait. */
  async hash(password: string): Promise<string> {
    return this.db.tools.hasher.hash(password)
  }

  /** Stores a new password; what was held against the one before is forgotten with it. */
  async store(userId: Id, hash: string, { isShort = false } = {}): Promise<void> {
    const { now } = this.db
    await this.passwords.store({ ...UNTAINTED, userId, hash, isShort, changedAt: now })
  }

  /** Stores the hashes of people who have none yet, with the moment at which each password was chosen. */
  async add(passwords: readonly { userId: Id; hash: string; changedAt: Date }[]): Promise<void> {
    await this.passwords.add(...passwords.map((password) => ({ ...password, ...UNTAINTED })))
  }

  /**
   * Whether this is the person's password, and which one that was; null when it is not, or may not be used until it was
   * reset. For nobody it never is, after the same work.
   */
  async verify(userId: Id, password: string): Promise<PasswordProof | null> {
    const stored = await this.passwords.lookup(userId)
    const { hasher } = this.db.tools
    const isRight = await hasher.verify(password, stored?.hash ?? null)
    if (!isRight || !stored || stored.resetRequiredAt !== null) return null
    if (hasher.needsRehash(stored.hash))
      await this.passwords.upgrade(userId, stored.hash, await hasher.hash(password))
    return { userId, changedAt: stored.changedAt }
  }

  /**
   * Whether a proof still holds. Ask inside the transaction that rests on it: until it ends, nobody replaces the password
   * or demands that it be replaced, and whoever does so afterwards sees what the transaction has made of the proof.
   */
  async stillHolds({ userId, changedAt }: PasswordProof): Promise<boolean> {
    return this.passwords.lockUsable(userId, changedAt)
  }

  /**
   * Finds out in the background whether a password that was right is known from a breach. Then it is marked, and the person
   * is told once.
   */
  watch(proof: PasswordProof, password: string): void {
    const { breaches, background } = this.db.tools
    if (!breaches.isOn) return
    // It outlives the request, and with it the transaction that the request may be in.
    const db = Database.of(this.db.tools).as(this.db.caller)
    this.db.afterCommit(() => background.run(markIfBreached(db, proof, password)))
  }

  /** Lets nobody in with this password until it has been replaced; false when the person has none. */
  async requireReset(userId: Id): Promise<boolean> {
    return this.passwords.requireReset(userId)
  }

  /** What the owners of passwords may know of them. */
  async states(userIds: readonly Id[]): Promise<PasswordState[]> {
    return this.passwords.states(userIds)
  }

  async hasOne(userId: Id): Promise<boolean> {
    return (await this.passwords.lookup(userId)) !== null
  }

  /** The password, which nobody replaces until the transaction ends: whether it needs a second factor beside it. */
  async lock(userId: Id): Promise<{ isShort: boolean } | null> {
    return this.passwords.lock(userId)
  }

  private problems(
    password: string,
    personal: readonly string[],
    { hasSecondFactor = false }: Circumstances,
  ): PasswordProblem[] {
    const minimum = hasSecondFactor ? MINIMUM_WITH_SECOND_FACTOR : MINIMUM_ALONE
    return passwordProblems(password, { personal, minimum })
  }

  private async refusal(
    problems: readonly PasswordProblem[],
    password: string,
    personal: readonly string[],
    { field = 'password' }: Circumstances,
  ): Promise<Rejected> {
    const placed = problems.map((problem) => ({ ...problem, field: [field] }))
    return new Rejected(...placed).answering({ passwordStrength: await this.strength(password, personal) })
  }

  private strength(password: string, personal: readonly string[]): Promise<Strength | null> {
    return this.db.tools.strength.measure(normalisePassword(password), personal)
  }
}

async function markIfBreached(db: Database, proof: PasswordProof, password: string): Promise<void> {
  if (!(await db.tools.breaches.isBreached(password))) return
  await db.transaction(async (tx) => {
    if (!(await new PasswordRepository(tx).markCompromised(proof.userId, proof.changedAt))) return
    await new AuditService(tx).record('password.breached', { actorId: null, subjectId: proof.userId })
    await new MailService(tx).send(proof.userId, 'passwordBreached')
  })
}
