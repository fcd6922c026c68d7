import type { Id } from '../../core/id'
import { ownId } from '../../core/viewer'
import type { Database } from '../../db/database'
import type { Reaction } from './reaction.entity'

/** How people react to something in one way. */
export interface ReactionGroupRow {
  subjectId: Id
  kind: string
  count: number
  viewerHasReacted: boolean
}

/** Every question about reactions. */
export class ReactionRepository {
  constructor(private readonly db: Database) {}

  /**
   * How many react to each of these in which way, and in which the viewer does: numbers that are kept, not counted.
   * @visibility whoever asks has what is reacted to, and only the viewer's own reaction is told of anybody
   */
  async groupsOf(subjectIds: readonly Id[]): Promise<ReactionGroupRow[]> {
    return this.db.query<ReactionGroupRow>(
      `SELECT counted.subject_id AS "subjectId", counted.kind, count, coalesce(own.kind = counted.kind, false) AS "viewerHasReacted"
       FROM reaction_counts counted
       LEFT JOIN LATERAL (
         SELECT reaction.kind FROM reactions reaction
         WHERE reaction.subject_id = counted.subject_id AND reaction.user_id = $2
       ) own ON true
       WHERE counted.subject_id = ANY($1) AND count > 0`,
      [subjectIds, ownId(this.db.caller.viewer)],
    )
  }

  /**
   * Reacts in a way, in place of another; true where that changes anything.
   * @visibility the use case has asked for what is reacted to
   */
  async put({ subjectId, userId, kind, createdAt }: Reaction): Promise<boolean> {
    const put = await this.db.query(
      `INSERT INTO reactions AS reaction (subject_id, user_id, kind, created_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (subject_id, user_id) DO UPDATE SET kind = $3, created_at = $4 WHERE reaction.kind <> $3
       RETURNING kind`,
      [subjectId, userId, kind, createdAt],
    )
    return put.length > 0
  }

  /**
   * Takes a reaction back, and says to what it was; null where there is none.
   * @visibility a person's own
   */
  async remove(subjectId: Id, userId: Id): Promise<{ isPost: boolean } | null> {
    const [removed] = await this.db.query<{ isPost: boolean }>(
      `WITH removed AS (DELETE FROM reactions WHERE subject_id = $1 AND user_id = $2 RETURNING subject_id)
       SELECT EXISTS (SELECT FROM posts WHERE posts.id = removed.subject_id) AS "isPost" FROM removed`,
      [subjectId, userId],
    )
    return removed ?? null
  }
}
