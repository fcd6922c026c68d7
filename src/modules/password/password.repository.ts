import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { Password } from './password.entity'

/** Every question about passwords. The hash goes to its verification and nowhere else. */
export class PasswordRepository {
  constructor(private readonly db: Database) {}

  async findHash(userId: Id): Promise<string | null> {
    const row = await this.db
      .repo(Password)
      .findOne({ where: { userId }, select: { hash: true, userId: true } })
    return row?.hash ?? null
  }

  /** The hash, which nobody changes until the transaction ends. */
  async lockHash(userId: Id): Promise<string | null> {
    const row = await this.db
      .repo(Password)
      .findOne({ where: { userId }, lock: { mode: 'pessimistic_read' } })
    return row?.hash ?? null
  }

  async changedAt(userId: Id): Promise<Date | null> {
    const row = await this.db
      .repo(Password)
      .findOne({ where: { userId }, select: { userId: true, changedAt: true } })
    return row?.changedAt ?? null
  }

  async store(password: Password): Promise<void> {
    await this.db.repo(Password).upsert(password, ['userId'])
  }

  async remove(userId: Id): Promise<boolean> {
    return (await this.db.repo(Password).delete({ userId })).affected === 1
  }

  /** Replaces a hash by one of today's strength, unless the password was changed meanwhile. */
  async upgrade(userId: Id, from: string, to: string): Promise<void> {
    await this.db.repo(Password).update({ userId, hash: from }, { hash: to })
  }
}
