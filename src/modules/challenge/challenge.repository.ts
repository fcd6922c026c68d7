import { In } from 'typeorm'
import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import type { ChallengeKind } from './challenge-kind'
import { Challenge } from './challenge.entity'

/**
 * Every question about challenges. Whoever knows the id may try a proof; nobody reads one through the API.
 * @visibility nobody reads one through the API: whoever knows the id or the secret may try a proof
 */
export class ChallengeRepository {
  constructor(private readonly db: Database) {}

  async add(challenge: Challenge): Promise<void> {
    await this.db.repo(Challenge).insert(challenge)
  }

  /** The whole row, locked, so that tries at the same moment take turns and each one counts. */
  async lock(id: Id, kind: ChallengeKind): Promise<Challenge | null> {
    return this.db.repo(Challenge).findOne({ where: { id, kind }, lock: { mode: 'pessimistic_write' } })
  }

  /** Without a lock, for a first look; by the secret of a link or by id. */
  async find(
    kinds: readonly ChallengeKind[],
    by: { tokenHash: Buffer } | { id: Id },
  ): Promise<Challenge | null> {
    return this.db.repo(Challenge).findOneBy({ ...by, kind: In([...kinds]) })
  }

  async countFailure(id: Id): Promise<void> {
    await this.db.repo(Challenge).increment({ id }, 'failures', 1)
  }

  async setCode(id: Id, codeHash: Buffer, codeExpiresAt: Date): Promise<void> {
    await this.db.repo(Challenge).update({ id }, { codeHash, codeExpiresAt })
  }

  async setState(id: Id, state: Buffer | null, expiresAt?: Date): Promise<void> {
    await this.db.repo(Challenge).update({ id }, { state, ...(expiresAt && { expiresAt }) })
  }

  async removeOf(subjectId: Id, kinds: readonly ChallengeKind[]): Promise<void> {
    await this.db.repo(Challenge).delete({ subjectId, kind: In([...kinds]) })
  }

  /** Forgets a challenge, and the data key of somebody who has not come to be. */
  async remove(id: Id): Promise<void> {
    await this.db.query(
      `WITH gone AS (DELETE FROM challenges WHERE id = $1 RETURNING subject_id)
       DELETE FROM data_keys WHERE owner_id IN (SELECT subject_id FROM gone) AND wrapped IS NOT NULL
         AND NOT EXISTS (SELECT FROM users person WHERE person.id = owner_id)`,
      [id],
    )
  }
}
