import { Rejected, rejected, UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import { MINIMUM_ALONE, passwordProblems } from '../../crypto/password-policy'
import type { Database } from '../../db/database'
import { PasswordRepository } from './password.repository'

/** That somebody knew the password which had this hash. */
export interface PasswordProof {
  userId: Id
  hash: string
}

export class PasswordService {
  private readonly passwords: PasswordRepository

  constructor(private readonly db: Database) {
    this.passwords = new PasswordRepository(db)
  }

  /** Refuses a new password that is too short, too common or about its owner. @throws Rejected with the reasons. */
  check(password: string, personal: readonly string[], field = 'password'): void {
    const problems = passwordProblems(password, { personal: [...personal], minimum: MINIMUM_ALONE })
    if (problems.length > 0)
      throw new Rejected(...problems.map((problem) => ({ ...problem, field: [field] })))
  }

  /** Hashes a password; slow on purpose, so never inside a transaction. @throws ApiError RATE_LIMITED when too many wait. */
  async hash(password: string): Promise<string> {
    return this.db.tools.hasher.hash(password)
  }

  async store(userId: Id, hash: string): Promise<void> {
    await this.passwords.store({ userId, hash, changedAt: this.db.now })
  }

  /**
   * Whether this is the person's password: a proof that `assertStands` can look at again, or null. For nobody it never is,
   * after the same work.
   */
  async verify(userId: Id, password: string): Promise<PasswordProof | null> {
    const stored = await this.passwords.findHash(userId)
    const { hasher } = this.db.tools
    if (!(await hasher.verify(password, stored)) || !stored) return null
    if (!hasher.needsRehash(stored)) return { userId, hash: stored }
    const hash = await hasher.hash(password)
    await this.passwords.upgrade(userId, stored, hash)
    return { userId, hash }
  }

  /** When the password was set; null for somebody without one. */
  async changedAt(userId: Id): Promise<Date | null> {
    return this.passwords.changedAt(userId)
  }

  /** Lets nobody in with this person's password any more, until it is replaced; waits for sign-ins under way. False where there is none. */
  async requireReset(userId: Id): Promise<boolean> {
    return this.passwords.remove(userId)
  }

  async hasOne(userId: Id): Promise<boolean> {
    return (await this.passwords.findHash(userId)) !== null
  }

  /**
   * Makes sure, inside the transaction that rests on a proof, that the password is the same still, and stays so until the
   * transaction ends: hashing is slow, and a change or a reset may have come in between.
   * @throws Rejected INVALID_CREDENTIALS
   */
  async assertStands({ userId, hash }: PasswordProof): Promise<void> {
    if ((await this.passwords.lockHash(userId)) === hash) return
    throw rejected(
      [],
      UserErrorCode.INVALID_CREDENTIALS,
      'The password was changed at this moment. Use the new one.',
    )
  }
}
