import type { Queryable } from '../../db/queryable'
import { EndReason } from '../session/end-reason'

/** Ends what lets somebody in without a password: some of it may have been ended since the backup was made. */
export async function endRestoredSessions(db: Queryable): Promise<void> {
  await db.query('UPDATE sessions SET ended_at = now(), end_reason = $1 WHERE ended_at IS NULL', [
    EndReason.REVOKED_BY_STAFF,
  ])
  await db.query('UPDATE access_tokens SET revoked_at = now(), end_reason = $1 WHERE revoked_at IS NULL', [
    EndReason.REVOKED_BY_STAFF,
  ])
}
