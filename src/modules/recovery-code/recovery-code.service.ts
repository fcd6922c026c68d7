import type { Id } from '../../core/id'
import { hashCode, newRecoveryCode } from '../../crypto/token'
import type { Database } from '../../db/database'
import { RecoveryCodeRepository } from './recovery-code.repository'

const HOW_MANY = 10

export class RecoveryCodeService {
  private readonly codes: RecoveryCodeRepository

  constructor(db: Database) {
    this.codes = new RecoveryCodeRepository(db)
  }

  /** Makes new codes, shown once; all earlier ones are void. Call it inside a transaction. */
  async replace(userId: Id): Promise<string[]> {
    const codes = Array.from({ length: HOW_MANY }, newRecoveryCode)
    await this.codes.replace(
      userId,
      codes.map((code) => hashCode(userId, code)),
    )
    return codes
  }

  /** Makes codes void that were made after this moment. */
  async removeSince(userId: Id, since: Date): Promise<void> {
    await this.codes.removeSince(userId, since)
  }

  async removeOf(userId: Id): Promise<void> {
    await this.codes.removeOf(userId)
  }

  /** Uses a code up; false for one that is none of the person's, or was used before. */
  async use(userId: Id, code: string): Promise<boolean> {
    return this.codes.use(userId, hashCode(userId, code))
  }

  /** How many codes a person has left. */
  async left(userId: Id): Promise<number> {
    return (await this.leftOf([userId])).get(userId) ?? 0
  }

  /** How many codes these people have left; who has none is left out. */
  async leftOf(userIds: readonly Id[]): Promise<Map<Id, number>> {
    return this.codes.countUnused(userIds)
  }
}
