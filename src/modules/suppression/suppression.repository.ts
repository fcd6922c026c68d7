import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { SuppressionReason } from './suppression-reason'

/** What stands in the way of a message. */
export interface Standing {
  isBounced: boolean
  isComplained: boolean
  /** Whether the person wants nothing of the topic that was asked about. */
  isUnsubscribed: boolean
}

/**
 * Every question about what is not to be sent.
 * @visibility whoever sends asks, and nobody is told
 */
export class SuppressionRepository {
  constructor(private readonly db: Database) {}

  async find(addressIndex: Buffer, userId: Id | null, topic: string | null): Promise<Standing> {
    const [standing] = await this.db.query<Standing>(
      `SELECT EXISTS (SELECT FROM suppressions WHERE address_index = $1 AND reason = '${SuppressionReason.BOUNCED}') AS "isBounced",
         EXISTS (SELECT FROM suppressions WHERE address_index = $1 AND reason = '${SuppressionReason.COMPLAINED}') AS "isComplained",
         EXISTS (SELECT FROM unsubscriptions WHERE user_id = $2 AND topic = $3) AS "isUnsubscribed"`,
      [addressIndex, userId, topic],
    )
    return standing!
  }

  /** False where it is known already. */
  async add(addressIndex: Buffer, reason: SuppressionReason): Promise<boolean> {
    const added = await this.db.query(
      `INSERT INTO suppressions (address_index, reason, created_at) VALUES ($1, $2, $3)
       ON CONFLICT DO NOTHING RETURNING reason`,
      [addressIndex, reason, this.db.now],
    )
    return added.length > 0
  }

  /** For one reason, or for whichever it is. */
  async remove(addressIndexes: readonly Buffer[], reason: SuppressionReason | null): Promise<void> {
    await this.db.query(
      'DELETE FROM suppressions WHERE address_index = ANY($1) AND ($2::text IS NULL OR reason = $2)',
      [addressIndexes, reason],
    )
  }

  /** False where it is known already, or there is no such person. */
  async unsubscribe(userId: Id, topic: string): Promise<boolean> {
    const added = await this.db.query(
      `INSERT INTO unsubscriptions (user_id, topic, created_at)
       SELECT id, $2, $3 FROM users WHERE id = $1 AND status <> 'erased' ON CONFLICT DO NOTHING RETURNING topic`,
      [userId, topic, this.db.now],
    )
    return added.length > 0
  }
}
