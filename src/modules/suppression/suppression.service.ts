import { toGlobalId, type Id } from '../../core/id'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import type { SuppressionReason } from './suppression-reason'
import { SuppressionRepository, type Standing } from './suppression.repository'

export type { Standing }

/** What is not to be sent, to whom. Addresses are keyed hashes, as their channel makes them. */
export class SuppressionService {
  private readonly suppressions: SuppressionRepository

  constructor(private readonly db: Database) {
    this.suppressions = new SuppressionRepository(db)
  }

  /** What stands in the way of a message to this address, about this topic where it has one. */
  async find(addressIndex: Buffer, userId: Id | null, topic: string | null): Promise<Standing> {
    return this.suppressions.find(addressIndex, userId, topic)
  }

  /** Notes why an address is not written to; false where that is known already. */
  async suppress(addressIndex: Buffer, reason: SuppressionReason): Promise<boolean> {
    return this.suppressions.add(addressIndex, reason)
  }

  /** Lets these addresses be written to again, as far as it was for this reason: somebody has proven that mails arrive. */
  async lift(addressIndexes: readonly Buffer[], reason: SuppressionReason | null = null): Promise<void> {
    await this.suppressions.remove(addressIndexes, reason)
  }

  /** Sends somebody no more mails of a topic. */
  async unsubscribe(userId: Id, topic: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      if (!(await new SuppressionRepository(tx).unsubscribe(userId, topic))) return
      await new AuditService(tx).record('mail.unsubscribed', {
        subjectId: userId,
        target: toGlobalId('user', userId),
        details: { topic },
      })
    })
  }
}
