import { UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import { constraintMeans } from '../../db/database-error'
import type { Database } from '../../db/database'
import { selectRows } from '../../db/page'
import { Email } from './email.entity'

constraintMeans(
  'emails_address_key',
  'email',
  UserErrorCode.TAKEN,
  'There is an account with this address already. Sign in instead.',
)

const COLUMNS = ['id', 'userId', 'address', 'isPrimary', 'verifiedAt'] as const
export type EmailRow = Pick<Email, (typeof COLUMNS)[number]>

/** Every question about e-mail addresses. Addresses leave it encrypted; who may read one is decided by the policy. */
export class EmailRepository {
  constructor(private readonly db: Database) {}

  async findByUsers(userIds: readonly Id[]): Promise<EmailRow[]> {
    return selectRows(this.db, Email, 'email', COLUMNS)
      .where('email.userId = ANY(:userIds)', { userIds })
      .orderBy('email.createdAt')
      .getRawMany<EmailRow>()
  }

  async findByAddress(address: string): Promise<EmailRow | null> {
    const addressIndex = this.db.codec.blindIndex(Email, 'address', address)
    const row = await selectRows(this.db, Email, 'email', COLUMNS)
      .where('email.addressIndex = :addressIndex', { addressIndex })
      .getRawOne<EmailRow>()
    return row ?? null
  }

  async add(email: Email): Promise<void> {
    await this.db.repo(Email).insert(email)
  }
}
