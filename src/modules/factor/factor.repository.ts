import { In, MoreThan } from 'typeorm'
import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { Factor, type FactorKind } from './factor.entity'

/** Every question about second factors but passkeys. */
export class FactorRepository {
  constructor(private readonly db: Database) {}

  /** @visibility guarded as `User.security`; signing in needs it when nobody is the viewer yet */
  async findByUsers(userIds: readonly Id[]): Promise<Factor[]> {
    const where = { userId: In([...userIds]) }
    return this.db.repo(Factor).find({ where, order: { createdAt: 'ASC', id: 'ASC' } })
  }

  /** @visibility a proof is compared with it; nobody is shown it */
  async find(userId: Id, kind: FactorKind): Promise<Factor | null> {
    return this.db.repo(Factor).findOneBy({ userId, kind })
  }

  /** Turns it on, in place of an earlier one of its kind. */
  async put(factor: Factor): Promise<void> {
    await this.db.repo(Factor).delete({ userId: factor.userId, kind: factor.kind })
    await this.db.repo(Factor).insert(factor)
  }

  /** @visibility the owner is in the WHERE */
  async remove(userId: Id, kind: FactorKind): Promise<boolean> {
    return (await this.db.repo(Factor).delete({ userId, kind })).affected === 1
  }

  async removeSince(userId: Id, since: Date): Promise<void> {
    await this.db.repo(Factor).delete({ userId, createdAt: MoreThan(since) })
  }

  async use(userId: Id, kind: FactorKind): Promise<void> {
    await this.db.repo(Factor).update({ userId, kind }, { lastUsedAt: this.db.now })
  }

  /**
   * Notes the use of a code of this time step; false when one of it, or of a later one, was used meanwhile.
   * @visibility a proof uses it up; nobody is shown it
   */
  async useStep(id: Id, step: number): Promise<boolean> {
    const { affected } = await this.db
      .repo(Factor)
      .createQueryBuilder()
      .update()
      .set({ lastStep: step, lastUsedAt: this.db.now })
      .where('id = :id AND (last_step IS NULL OR last_step < :step)', { id, step })
      .execute()
    return affected === 1
  }
}
