import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { selectRows } from '../../db/page'
import { Preference } from './preference.entity'

const COLUMNS = ['userId', 'key', 'value', 'updatedAt'] as const
export type PreferenceRow = Pick<Preference, (typeof COLUMNS)[number]>

/** Every question about preferences. Whose may be read is decided by the policy on `User.preferences`. */
export class PreferenceRepository {
  constructor(private readonly db: Database) {}

  /** @visibility guarded as `User.preferences` */
  async findByUsers(userIds: readonly Id[]): Promise<PreferenceRow[]> {
    return selectRows(this.db, Preference, 'preference', COLUMNS)
      .where('preference.userId = ANY(:userIds)', { userIds })
      .getRawMany<PreferenceRow>()
  }

  async set(preferences: Preference[]): Promise<void> {
    // A bare JSON string would reach PostgreSQL unquoted, so every value is written as JSON text. In one order always, two
    // that set the same preferences at once wait for each other; in different ones they would deadlock.
    await this.db.query(
      `INSERT INTO preferences (user_id, key, value, updated_at)
       SELECT * FROM unnest($1::uuid[], $2::text[], $3::jsonb[], $4::timestamptz[]) AS given (user_id, key)
       ORDER BY user_id, key
       ON CONFLICT (user_id, key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`,
      [
        preferences.map((preference) => preference.userId),
        preferences.map((preference) => preference.key),
        preferences.map((preference) => JSON.stringify(preference.value)),
        preferences.map((preference) => preference.updatedAt),
      ],
    )
  }
}
