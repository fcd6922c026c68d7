import { In, MoreThan } from 'typeorm'
import { UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import { constraintMeans } from '../../db/database-error'
import type { Database } from '../../db/database'
import { Passkey } from './passkey.entity'

constraintMeans(
  'passkeys_credential_id_key',
  'passkey',
  UserErrorCode.TAKEN,
  'This passkey is registered already.',
)

/** Every question about passkeys. */
export class PasskeyRepository {
  constructor(private readonly db: Database) {}

  /** @visibility guarded as `User.security`; authenticators are asked for these when nobody is the viewer yet */
  async findByUsers(userIds: readonly Id[]): Promise<Passkey[]> {
    const where = { userId: In([...userIds]) }
    return this.db.repo(Passkey).find({ where, order: { createdAt: 'ASC', id: 'ASC' } })
  }

  /** @visibility signing in begins with it, when nobody is the viewer yet */
  async findByCredentialId(credentialId: string): Promise<Passkey | null> {
    return this.db.repo(Passkey).findOneBy({ credentialId })
  }

  /** @visibility the owner is in the WHERE */
  async findOwn(id: Id, userId: Id): Promise<Passkey | null> {
    return this.db.repo(Passkey).findOneBy({ id, userId })
  }

  async add(passkey: Passkey): Promise<void> {
    await this.db.repo(Passkey).insert(passkey)
  }

  /**
   * Notes a use; false when another one has raised the counter as high meanwhile.
   * @visibility a proof notes it; nobody is shown it
   */
  async use(id: Id, counter: number): Promise<boolean> {
    const { affected } = await this.db
      .repo(Passkey)
      .createQueryBuilder()
      .update()
      .set({ counter, lastUsedAt: this.db.now })
      .where('id = :id AND (counter < :counter OR counter = 0 AND :counter = 0)', { id, counter })
      .execute()
    return affected === 1
  }

  async rename(id: Id, name: string): Promise<void> {
    await this.db.repo(Passkey).update({ id }, { name })
  }

  async removeSince(userId: Id, since: Date): Promise<void> {
    await this.db.repo(Passkey).delete({ userId, createdAt: MoreThan(since) })
  }

  async remove(id: Id): Promise<void> {
    await this.db.repo(Passkey).delete({ id })
  }
}
