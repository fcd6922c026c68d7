import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { Challenge, type ChallengeKind } from './challenge.entity'

/** Every question about challenges. Whoever knows the id may try a code; nobody reads one through the API. */
export class ChallengeRepository {
  constructor(private readonly db: Database) {}

  async add(challenge: Challenge): Promise<void> {
    await this.db.repo(Challenge).insert(challenge)
  }

  /** The whole row, locked, so that tries at the same moment take turns and each one counts. */
  async lock(id: Id, kind: ChallengeKind): Promise<Challenge | null> {
    return this.db.repo(Challenge).findOne({ where: { id, kind }, lock: { mode: 'pessimistic_write' } })
  }

  async countFailure(id: Id): Promise<void> {
    await this.db.repo(Challenge).increment({ id }, 'failures', 1)
  }

  async remove(id: Id): Promise<void> {
    await this.db.repo(Challenge).delete({ id })
  }
}
