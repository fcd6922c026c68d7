import { MoreThan } from 'typeorm'
import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { insertRows } from '../../db/insert'
import { selectRows } from '../../db/page'
import { Phone } from './phone.entity'

const COLUMNS = ['id', 'userId', 'phoneNumber', 'phoneNumberIndex', 'isPrimary', 'verifiedAt'] as const
export type PhoneRow = Pick<Phone, (typeof COLUMNS)[number]>

/** Every question about phone numbers. Numbers leave it encrypted; who may read one is decided by the policy. */
export class PhoneRepository {
  constructor(private readonly db: Database) {}

  /**
   * Oldest first.
   * @visibility guarded as `User.phones`; text messages need it whoever asks
   */
  async findByUsers(userIds: readonly Id[]): Promise<PhoneRow[]> {
    return selectRows(this.db, Phone, 'phone', COLUMNS)
      .where('phone.userId = ANY(:userIds)', { userIds })
      .orderBy('phone.verifiedAt')
      .addOrderBy('phone.id')
      .getRawMany<PhoneRow>()
  }

  /**
   * Who has a number (E.164).
   * @visibility the list that asks for it finds nobody whose numbers the viewer may not read
   */
  async findOwners(number: string): Promise<Id[]> {
    const index = this.db.codec.blindIndex(Phone, 'phoneNumber', number)
    const rows = await selectRows(this.db, Phone, 'phone', ['userId'])
      .where('phone.phoneNumberIndex = :index', { index })
      .getRawMany<Pick<Phone, 'userId'>>()
    return rows.map(({ userId }) => userId)
  }

  async add(phone: Phone): Promise<void> {
    await insertRows(this.db, Phone, [phone])
  }

  /** In place of the one until now. */
  async makePrimary(id: Id, userId: Id): Promise<void> {
    await this.db.repo(Phone).update({ userId, isPrimary: true }, { isPrimary: false })
    await this.db.repo(Phone).update({ id, userId }, { isPrimary: true })
  }

  async remove(id: Id, userId: Id): Promise<void> {
    await this.db.repo(Phone).delete({ id, userId })
  }

  async removeSince(userId: Id, since: Date): Promise<void> {
    await this.db.repo(Phone).delete({ userId, verifiedAt: MoreThan(since) })
  }
}
