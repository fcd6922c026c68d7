import { UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import { constraintMeans } from '../../db/database-error'
import type { Database } from '../../db/database'
import { insertRows } from '../../db/insert'
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

  /** Which of these addresses somebody has. */
  async findTaken(addresses: readonly string[]): Promise<string[]> {
    const indexes = addresses.map((address) => this.db.codec.blindIndex(Email, 'address', address))
    const rows = await selectRows(this.db, Email, 'email', ['addressIndex'])
      .where('email.addressIndex = ANY(:indexes)', { indexes })
      .getRawMany<Pick<Email, 'addressIndex'>>()
    const taken = new Set(rows.map(({ addressIndex }) => addressIndex.toString('hex')))
    return addresses.filter((_, position) => taken.has(indexes[position]!.toString('hex')))
  }

  async add(...emails: Email[]): Promise<void> {
    await insertRows(this.db, Email, emails)
  }
}
