import { In, MoreThan } from 'typeorm'
import { UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import { constraintMeans } from '../../db/database-error'
import type { Database } from '../../db/database'
import { Identity } from './identity.entity'

constraintMeans(
  'identities_subject_identifier_key',
  'code',
  UserErrorCode.TAKEN,
  'An account is linked to this person at the provider already.',
)

/** Every question about identities at providers. */
export class IdentityRepository {
  constructor(private readonly db: Database) {}

  /** @visibility guarded as `User.security` */
  async findByUsers(userIds: readonly Id[]): Promise<Identity[]> {
    const where = { userId: In([...userIds]) }
    return this.db.repo(Identity).find({ where, order: { createdAt: 'ASC', id: 'ASC' } })
  }

  /** @visibility signing in begins with it, when nobody is the viewer yet */
  async findBySubject(provider: string, subjectIdentifierIndex: Buffer): Promise<Identity | null> {
    return this.db.repo(Identity).findOneBy({ provider, subjectIdentifierIndex })
  }

  /**
   * All of a person's, locked, so that of two removals at once the later one sees what the other has left.
   * @visibility the owner is in the WHERE
   */
  async lockByUser(userId: Id): Promise<Identity[]> {
    return this.db
      .repo(Identity)
      .find({ where: { userId }, order: { id: 'ASC' }, lock: { mode: 'pessimistic_write' } })
  }

  async add(identity: Identity): Promise<void> {
    await this.db.repo(Identity).insert(identity)
  }

  /**
   * Notes a use; false when it has been removed meanwhile.
   * @visibility signing in notes it, when nobody is the viewer yet
   */
  async use(id: Id): Promise<boolean> {
    return (await this.db.repo(Identity).update({ id }, { lastUsedAt: this.db.now })).affected === 1
  }

  async removeSince(userId: Id, since: Date): Promise<void> {
    await this.db.repo(Identity).delete({ userId, createdAt: MoreThan(since) })
  }

  async remove(id: Id): Promise<void> {
    await this.db.repo(Identity).delete({ id })
  }
}
