import { IsNull, MoreThan } from 'typeorm'
import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { RecoveryCode } from './recovery-code.entity'

/**
 * Every question about recovery codes.
 * @visibility nobody reads a code; how many are left is guarded as `User.security`
 */
export class RecoveryCodeRepository {
  constructor(private readonly db: Database) {}

  async replace(userId: Id, codeHashes: readonly Buffer[]): Promise<void> {
    await this.removeOf(userId)
    await this.db
      .repo(RecoveryCode)
      .insert(codeHashes.map((codeHash) => ({ codeHash, userId, createdAt: this.db.now, usedAt: null })))
  }

  async removeSince(userId: Id, since: Date): Promise<void> {
    await this.db.repo(RecoveryCode).delete({ userId, createdAt: MoreThan(since) })
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

  /** How many unused codes these people have; who has none is left out. */
  async countUnused(userIds: readonly Id[]): Promise<Map<Id, number>> {
    const rows = await this.db.query<{ user_id: Id; unused: number }>(
      `SELECT user_id, count(*)::int AS unused FROM recovery_codes
       WHERE user_id = ANY($1) AND used_at IS NULL GROUP BY user_id`,
      [userIds],
    )
    return new Map(rows.map(({ user_id, unused }) => [user_id, unused]))
  }
}
