import { Rejected } from '../../core/error'
import type { Id } from '../../core/id'
import { MINIMUM_ALONE, passwordProblems } from '../../crypto/password-policy'
import type { Database } from '../../db/database'
import { PasswordRepository } from './password.repository'

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

  /** Stores the hashes of people who have none yet, with the moment at which each password was chosen. */
  async add(passwords: readonly { userId: Id; hash: string; changedAt: Date }[]): Promise<void> {
    await this.passwords.add(...passwords)
  }

  /** Whether this is the person's password. For nobody it never is, after the same work. */
  async verify(userId: Id, password: string): Promise<boolean> {
    const stored = await this.passwords.findHash(userId)
    const { hasher } = this.db.tools
    const isRight = await hasher.verify(password, stored)
    if (isRight && stored && hasher.needsRehash(stored))
      await this.passwords.upgrade(userId, stored, await hasher.hash(password))
    return isRight
  }
}
