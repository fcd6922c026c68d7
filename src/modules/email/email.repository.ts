import { UserErrorCode } from '../../core/error'
import { later, RECOVERY_WINDOW } from '../../core/clock'
import type { Id } from '../../core/id'
import { constraintMeans } from '../../db/database-error'
import type { Database } from '../../db/database'
import { insertRows } from '../../db/insert'
import { selectRows } from '../../db/page'
import { isHeld } from '../../db/retention'
import { Email } from './email.entity'

constraintMeans(
  'emails_address_key',
  'email',
  UserErrorCode.TAKEN,
  'There is an account with this address already. Sign in instead.',
)

const COLUMNS = [
  'id',
  'userId',
  'address',
  'addressIndex',
  'isPrimary',
  'verifiedAt',
  'replacedAt',
  'bouncedAt',
  'complainedAt',
] as const
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
   * Who has an address, may have it given back, or had it and must not lose it while the law asks for their data.
   * @visibility whether an address is free concerns everybody; who has it is not told
   */
  async findHolder(address: string): Promise<EmailRow | null> {
    const addressIndex = this.db.codec.blindIndex(Email, 'address', address)
    const row = await selectRows(this.db, Email, 'email', COLUMNS)
      .where(
        `${BY_INDEX} AND (email.replacedAt IS NULL OR email.replacedAt > :since OR ${isHeld('email.userId')})`,
        { addressIndex, since: this.windowStart },
      )
      .getRawOne<EmailRow>()
    return row ?? null
  }

  /**
   * A person's primary address and those that can be made it again, in the order in which they came to be it.
   * @visibility the account that is recovered is in the WHERE
   */
  async findRestorable(userId: Id): Promise<EmailRow[]> {
    return selectRows(this.db, Email, 'email', COLUMNS)
      .where('email.userId = :userId AND (email.isPrimary OR email.primaryUntil > :since)', {
        userId,
        since: this.windowStart,
      })
      .orderBy('email.primarySince')
      .addOrderBy('email.createdAt')
      .addOrderBy('email.id')
      .getRawMany<EmailRow>()
  }

  /** Takes its place from the primary address, which can be made it again; it goes from the account, or stays beside the others. */
  async demotePrimary(userId: Id, { isReplaced }: { isReplaced: boolean }): Promise<void> {
    const { now } = this.db
    await this.db
      .repo(Email)
      .update(
        { userId, isPrimary: true },
        { isPrimary: false, primaryUntil: now, ...(isReplaced && { replacedAt: now }) },
      )
  }

  /** Call it when no other address is the primary one. */
  async makePrimary(id: Id): Promise<void> {
    await this.db.query(
      `UPDATE emails SET is_primary = true, replaced_at = NULL, primary_until = NULL,
         primary_since = CASE WHEN primary_until > $2 THEN primary_since ELSE $3 END
       WHERE id = $1`,
      [id, this.windowStart, this.db.now],
    )
  }

  /** Takes an address from its account, to which it can be given back. */
  async remove(id: Id): Promise<void> {
    await this.db.repo(Email).update({ id }, { replacedAt: this.db.now })
  }

  /** Notes that an address is the person's own from now on, also one that was taken from the account, and takes mails. */
  async prove(id: Id): Promise<void> {
    await this.db
      .repo(Email)
      .update({ id }, { replacedAt: null, verifiedAt: this.db.now, bouncedAt: null, complainedAt: null })
  }

  /** @visibility whoever verifies one has been found to be allowed to */
  async lookup(id: Id): Promise<EmailRow | null> {
    const row = await selectRows(this.db, Email, 'email', COLUMNS)
      .where('email.id = :id AND email.replacedAt IS NULL', { id })
      .getRawOne<EmailRow>()
    return row ?? null
  }

  /**
   * Notes that an address is the person's own and takes mails; returns its index, or null where that is known already, or there is no such
   * address.
   * @visibility whoever verifies one has been found to be allowed to
   */
  async verify(by: { id: Id } | { primaryOf: Id }): Promise<Buffer | null> {
    const [column, value] = 'id' in by ? ['id', by.id] : ['user_id', by.primaryOf]
    const [verified] = await this.db.query<Pick<Email, 'addressIndex'>>(
      `WITH verified AS (
         UPDATE emails SET verified_at = $2, bounced_at = NULL, complained_at = NULL
         WHERE ${column} = $1 ${'id' in by ? '' : 'AND is_primary'} AND replaced_at IS NULL
           AND (verified_at IS NULL OR bounced_at IS NOT NULL OR complained_at IS NOT NULL) RETURNING address_index AS "addressIndex"
       )
       SELECT * FROM verified`,
      [value, this.db.now],
    )
    return verified?.addressIndex ?? null
  }

  /**
   * Forgets that mails to a person's primary address came back; returns its index, or null where none did.
   * @visibility whoever has got a mail there has proven it
   */
  async clearBounce(userId: Id): Promise<Buffer | null> {
    const [cleared] = await this.db.query<Pick<Email, 'addressIndex'>>(
      `WITH cleared AS (
         UPDATE emails SET bounced_at = NULL WHERE user_id = $1 AND is_primary AND bounced_at IS NOT NULL
         RETURNING address_index AS "addressIndex"
       )
       SELECT * FROM cleared`,
      [userId],
    )
    return cleared?.addressIndex ?? null
  }

  /**
   * Notes what became of mails to an address; returns whose it is, where that was not known.
   * @visibility the provider says so, and is told nothing
   */
  async mark(
    addressIndex: Buffer,
    mark: 'bouncedAt' | 'complainedAt',
  ): Promise<Pick<Email, 'id' | 'userId'>[]> {
    const column = mark === 'bouncedAt' ? 'bounced_at' : 'complained_at'
    return this.db.query(
      `WITH marked AS (
         UPDATE emails SET ${column} = $2 WHERE address_index = $1 AND replaced_at IS NULL AND ${column} IS NULL
         RETURNING id, user_id AS "userId"
       )
       SELECT * FROM marked`,
      [addressIndex, this.db.now],
    )
  }

  /** Forgets what became a person's primary address after this one of theirs, and what was added beside it in the last week. */
  async removeYounger(userId: Id, id: Id): Promise<void> {
    await this.db.query(
      `DELETE FROM emails WHERE user_id = $1 AND id <> $2 AND CASE WHEN primary_since IS NULL THEN created_at > $3
         ELSE (primary_since, created_at, id) > (SELECT primary_since, created_at, id FROM emails WHERE id = $2) END`,
      [userId, id, this.windowStart],
    )
  }

  /** Lets anybody have these addresses where they were replaced too long ago to be given back, and no legal hold keeps them. */
  async release(addresses: readonly string[]): Promise<void> {
    await this.db.query(
      `DELETE FROM emails WHERE replaced_at <= $1 AND address_index = ANY($2) AND NOT ${isHeld('emails.user_id')}`,
      [this.windowStart, addresses.map((address) => this.db.codec.blindIndex(Email, 'address', address))],
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
