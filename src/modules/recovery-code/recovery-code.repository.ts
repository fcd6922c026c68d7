import { IsNull } from 'typeorm'
import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { RecoveryCode } from './recovery-code.entity'

/** Every question about recovery codes. */
export class RecoveryCodeRepository {
  constructor(private readonly db: Database) {}

  async replace(userId: Id, codeHashes: readonly Buffer[]): Promise<void> {
    await this.removeOf(userId)
    await this.db
      .repo(RecoveryCode)
      .insert(codeHashes.map((codeHash) => ({ codeHash, userId, usedAt: null })))
  }

  async removeOf(userId: Id): Promise<void> {
    await this.db.repo(RecoveryCode).delete({ userId })
  }

  /** Marks a code as used; false when it is none, or was used before. */
  async use(userId: Id, codeHash: Buffer): Promise<boolean> {
    const unused = { userId, codeHash, usedAt: IsNull() }
    const { affected } = await this.db.repo(RecoveryCode).update(unused, { usedAt: this.db.now })
    return affected === 1
  }

  async countUnused(userId: Id): Promise<number> {
    return this.db.repo(RecoveryCode).countBy({ userId, usedAt: IsNull() })
  }
}
