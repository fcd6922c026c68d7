import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { IdempotencyRecord } from './idempotency-record.entity'

/**
 * Every question about idempotency records. Each belongs to the caller whose id and key find it.
 * @visibility a record is found by its owner and a secret of theirs alone
 */
export class IdempotencyRecordRepository {
  constructor(private readonly db: Database) {}

  /**
   * Takes a key for its owner; false when it is taken already. Where another transaction is about to take it, this waits
   * for how that ends.
   */
  async claim(record: Omit<IdempotencyRecord, 'answer'>): Promise<boolean> {
    const claimed = await this.db.query(
      `INSERT INTO idempotency_records (owner_id, key_hash, request_hash, created_at, expires_at)
       VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (owner_id, key_hash) DO UPDATE
         SET request_hash = excluded.request_hash, answer = NULL, created_at = excluded.created_at, expires_at = excluded.expires_at
         WHERE idempotency_records.expires_at <= excluded.created_at
       RETURNING 1`,
      [record.ownerId, record.keyHash, record.requestHash, record.createdAt, record.expiresAt],
    )
    return claimed.length === 1
  }

  async lookup(ownerId: Id, keyHash: Buffer): Promise<IdempotencyRecord | null> {
    return this.db.repo(IdempotencyRecord).findOneBy({ ownerId, keyHash })
  }

  async answer(ownerId: Id, keyHash: Buffer, answer: Buffer): Promise<void> {
    await this.db.repo(IdempotencyRecord).update({ ownerId, keyHash }, { answer })
  }
}
