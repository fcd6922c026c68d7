import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { insertRows } from '../../db/insert'
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

  /** For people who have none yet. */
  async add(...passwords: Password[]): Promise<void> {
    await insertRows(this.db, Password, passwords)
  }

  async store(password: Password): Promise<void> {
    await this.db.repo(Password).upsert(password, ['userId'])
  }

  /** Replaces a hash by one of today's strength, unless the password was changed meanwhile. */
  async upgrade(userId: Id, from: string, to: string): Promise<void> {
    await this.db.repo(Password).update({ userId, hash: from }, { hash: to })
  }
}
