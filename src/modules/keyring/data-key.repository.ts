import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { wrappingKeys } from '../../db/keyring-check'

export interface WrappedKey {
  ownerId: Id
  wrapped: Buffer
}

/**
 * Every question about data keys that is about what wraps them.
 * @visibility the command line alone asks, and a data key says nothing about anybody
 */
export class DataKeyRepository {
  constructor(private readonly db: Database) {}

  /** The ids of the keys under which data keys are wrapped. */
  async wrappingKeys(): Promise<string[]> {
    return wrappingKeys(this.db)
  }

  /** Waits until all have committed who have made a data key, and keeps others from making one until the transaction ends. */
  async awaitWriters(): Promise<void> {
    await this.db.query('LOCK TABLE data_keys IN SHARE MODE')
  }

  /** How many data keys these wrap. */
  async count(wrappingKeyIds: readonly string[]): Promise<number> {
    const [found] = await this.db.query<{ count: string }>(
      'SELECT count(*) FROM data_keys WHERE wrapped IS NOT NULL AND wrapping_key_id(wrapped) = ANY ($1)',
      [wrappingKeyIds],
    )
    return Number(found!.count)
  }

  /**
   * The next data keys that a key wraps, in the order of their owners and locked until the transaction ends. Those that somebody
   * else holds, e.g. to destroy them, are passed over.
   */
  async hold(wrappingKeyId: string, after: Id | null, limit: number): Promise<WrappedKey[]> {
    return this.db.query<WrappedKey>(
      `SELECT owner_id AS "ownerId", wrapped FROM data_keys
       WHERE wrapped IS NOT NULL AND wrapping_key_id(wrapped) = $1 AND ($2::uuid IS NULL OR owner_id > $2)
       ORDER BY owner_id LIMIT $3 FOR UPDATE SKIP LOCKED`,
      [wrappingKeyId, after, limit],
    )
  }

  /** Puts other bytes around the same data keys, which are held. */
  async rewrap(keys: readonly WrappedKey[]): Promise<void> {
    await this.db.query(
      `UPDATE data_keys SET wrapped = anew.wrapped FROM unnest($1::uuid[], $2::bytea[]) AS anew (owner_id, wrapped)
       WHERE data_keys.owner_id = anew.owner_id AND data_keys.destroyed_at IS NULL`,
      [keys.map(({ ownerId }) => ownerId), keys.map(({ wrapped }) => wrapped)],
    )
  }
}
