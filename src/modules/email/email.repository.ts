import { IsNull } from 'typeorm'
import { UserErrorCode } from '../../core/error'
import { later, RECOVERY_WINDOW } from '../../core/clock'
import type { Id } from '../../core/id'
import { constraintMeans } from '../../db/database-error'
import type { Database } from '../../db/database'
import { insertRows } from '../../db/insert'
import { selectRows } from '../../db/page'
import { countRemoved } from '../../db/sweep'
import { Email } from './email.entity'

constraintMeans(
  'emails_address_key',
  'email',
  UserErrorCode.TAKEN,
  'There is an account with this address already. Sign in instead.',
)

const COLUMNS = ['id', 'userId', 'address', 'isPrimary', 'verifiedAt'] as const
export type EmailRow = Pick<Email, (typeof COLUMNS)[number]>

const BY_INDEX = 'email.addressIndex = :addressIndex'

/**
 * Every question about e-mail addresses. Addresses leave it encrypted; who may read one is decided by the policy. One that was
 * replaced is nobody's, but for `findHolder` and `restore`.
 */
export class EmailRepository {
  constructor(private readonly db: Database) {}

  /** @visibility guarded as `User.emails`; mails need it whoever asks */
  async findByUsers(userIds: readonly Id[]): Promise<EmailRow[]> {
    return selectRows(this.db, Email, 'email', COLUMNS)
      .where('email.userId = ANY(:userIds) AND email.replacedAt IS NULL', { userIds })
      .orderBy('email.createdAt')
      .getRawMany<EmailRow>()
  }

  /** @visibility signing in begins with it, when nobody is the viewer yet */
  async findByAddress(address: string): Promise<EmailRow | null> {
    const addressIndex = this.db.codec.blindIndex(Email, 'address', address)
    const row = await selectRows(this.db, Email, 'email', COLUMNS)
      .where(`${BY_INDEX} AND email.replacedAt IS NULL`, { addressIndex })
      .getRawOne<EmailRow>()
    return row ?? null
  }

  /**
   * Who has an address, or may have it given back.
   * @visibility whether an address is free concerns everybody; who has it is not told
   */
  async findHolder(address: string): Promise<EmailRow | null> {
    const addressIndex = this.db.codec.blindIndex(Email, 'address', address)
    const row = await selectRows(this.db, Email, 'email', COLUMNS)
      .where(`${BY_INDEX} AND (email.replacedAt IS NULL OR email.replacedAt > :since)`, {
        addressIndex,
        since: this.windowStart,
      })
      .getRawOne<EmailRow>()
    return row ?? null
  }

  /**
   * A person's primary address and those that can be given back, oldest first.
   * @visibility the account that is recovered is in the WHERE
   */
  async findRestorable(userId: Id): Promise<EmailRow[]> {
    return selectRows(this.db, Email, 'email', COLUMNS)
      .where('email.userId = :userId AND (email.isPrimary OR email.replacedAt > :since)', {
        userId,
        since: this.windowStart,
      })
      .orderBy('email.createdAt')
      .addOrderBy('email.id')
      .getRawMany<EmailRow>()
  }

  /** Takes its place from the primary address, which can be given back from now on. */
  async demotePrimary(userId: Id): Promise<void> {
    await this.db
      .repo(Email)
      .update({ userId, isPrimary: true }, { isPrimary: false, replacedAt: this.db.now })
  }

  async makePrimary(id: Id): Promise<void> {
    await this.db.repo(Email).update({ id }, { isPrimary: true, replacedAt: null, verifiedAt: this.db.now })
  }

  /** @visibility whoever verifies one has been found to be allowed to */
  async lookup(id: Id): Promise<EmailRow | null> {
    const row = await selectRows(this.db, Email, 'email', COLUMNS)
      .where('email.id = :id AND email.replacedAt IS NULL', { id })
      .getRawOne<EmailRow>()
    return row ?? null
  }

  /**
   * Notes that an address is the person's own; false where that is known already, or there is no such address.
   * @visibility whoever verifies one has been found to be allowed to
   */
  async verify(by: { id: Id } | { userId: Id; isPrimary: true }): Promise<boolean> {
    const { affected } = await this.db
      .repo(Email)
      .update({ ...by, verifiedAt: IsNull(), replacedAt: IsNull() }, { verifiedAt: this.db.now })
    return affected === 1
  }

  /** Forgets what came to a person's account after this address of theirs. */
  async removeYounger(userId: Id, id: Id): Promise<void> {
    await this.db.query(
      `DELETE FROM emails WHERE user_id = $1 AND (is_primary OR replaced_at IS NOT NULL)
         AND (created_at, id) > (SELECT created_at, id FROM emails WHERE id = $2)`,
      [userId, id],
    )
  }

  /** Lets anybody have these addresses where they were replaced too long ago to be given back. */
  async release(addresses: readonly string[]): Promise<void> {
    await this.db.query('DELETE FROM emails WHERE replaced_at <= $1 AND address_index = ANY($2)', [
      this.windowStart,
      addresses.map((address) => this.db.codec.blindIndex(Email, 'address', address)),
    ])
  }

  /**
   * Forgets up to so many addresses that were replaced too long ago to be given back; returns how many.
   * @visibility the timetable sweeps what is over
   */
  async removeReplaced(limit: number): Promise<number> {
    return countRemoved(
      this.db,
      `DELETE FROM emails WHERE id IN (
         SELECT id FROM emails WHERE replaced_at <= $1 ORDER BY replaced_at LIMIT $2 FOR UPDATE SKIP LOCKED
       )`,
      [this.windowStart, limit],
    )
  }

  /**
   * Which of these addresses somebody has.
   * @visibility an import asks, from the command line
   */
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

  private get windowStart(): Date {
    return later(this.db.now, -RECOVERY_WINDOW)
  }
}
