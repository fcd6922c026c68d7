import { IsNull } from 'typeorm'
import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { insertRows } from '../../db/insert'
import { selectRows } from '../../db/page'
import { Password } from './password.entity'

/** What its owner may know of a password. */
const STATE = ['userId', 'changedAt', 'compromisedAt', 'resetRequiredAt'] as const
export type PasswordState = Pick<Password, (typeof STATE)[number]>

/**
 * Every question about passwords. The hash goes to its verification and nowhere else.
 * @visibility nobody reads a hash; what is said of passwords is guarded as `User.security`
 */
export class PasswordRepository {
  constructor(private readonly db: Database) {}

  /** When the passwords of these people were set, and what is held against them. */
  async states(userIds: readonly Id[]): Promise<PasswordState[]> {
    return selectRows(this.db, Password, 'password', STATE)
      .where('password.userId = ANY(:userIds)', { userIds })
      .getRawMany<PasswordState>()
  }

  async lookup(userId: Id): Promise<Password | null> {
    return this.db.repo(Password).findOneBy({ userId })
  }

  /** The whole row, locked. */
  async lock(userId: Id): Promise<Password | null> {
    return this.db.repo(Password).findOne({ where: { userId }, lock: { mode: 'pessimistic_write' } })
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

  /** Whether the password of that time may still be used. Whoever wants to change that waits for the end of the transaction. */
  async lockUsable(userId: Id, changedAt: Date): Promise<boolean> {
    const row = await this.db.repo(Password).findOne({
      where: { userId, changedAt, resetRequiredAt: IsNull() },
      lock: { mode: 'pessimistic_write' },
    })
    return row !== null
  }

  /** Marks the password of that time as known from a breach; false when it was before, or is another one by now. */
  async markCompromised(userId: Id, changedAt: Date): Promise<boolean> {
    const { affected } = await this.db
      .repo(Password)
      .update({ userId, changedAt, compromisedAt: IsNull() }, { compromisedAt: this.db.now })
    return affected === 1
  }

  /** Lets nobody in with the password until it has been replaced; false when there is none. */
  async requireReset(userId: Id): Promise<boolean> {
    const { affected } = await this.db.repo(Password).update({ userId }, { resetRequiredAt: this.db.now })
    return affected === 1
  }
}
