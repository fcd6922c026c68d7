import type { Id } from '../../core/id'
import type { Database } from '../../db/database'

/** Whose preferences are changed: a person's, or those that a group has for its members. */
export type Owner = { userId: Id } | { groupId: Id }

/** A value of one of the levels, as far as somebody's preferences rest on it. */
export interface LevelRow {
  userId: Id
  level: 'person' | 'device' | 'group'
  deviceId: string | null
  groupId: Id | null
  key: string
  /** Null where nothing is set any more. */
  value: unknown
  updatedAt: Date
  version: number
}

/** What is set of a preference by its owner, on all devices (null) or on one. */
export interface StateRow {
  key: string
  deviceId: string | null
  value: unknown
  updatedAt: Date
  version: number
}

export interface GroupLevelRow {
  groupId: Id
  key: string
  value: unknown
  updatedAt: Date
  version: number
}

/** What a group says of a preference to somebody; a key of null where it says nothing. */
export interface Standing {
  membershipId: Id
  groupId: Id
  key: string | null
  /** It rises with each change. */
  version: number | null
}

/** What has become of a preference. */
export interface Change {
  id: Id
  key: string
  number: number
  deviceId: string | null
  before: unknown
  after: unknown
  changedById: Id | null
  changedAt: Date
}

/** How many changes of each preference are kept. */
export const KEPT_CHANGES = 50

/** How many devices somebody can set preferences on; the one that was left alone for the longest makes way. */
export const MAX_DEVICES = 20

/** JSON text, because a bare string would reach PostgreSQL unquoted. */
const asJson = (value: unknown): string | null => (value === null ? null : JSON.stringify(value))

/** Every question about what preferences are set to, at whatever level. */
export class PreferenceRepository {
  constructor(private readonly db: Database) {}

  /**
   * All that the preferences of these people rest on, for the devices that are named; what is set on a device is for `deviceOwner` alone.
   * The groups of each come in the order in which they joined.
   * @visibility guarded as `User.preferences`
   */
  async levelsOf(
    userIds: readonly Id[],
    deviceIds: readonly string[],
    deviceOwner: Id | null,
  ): Promise<LevelRow[]> {
    return this.db.query<LevelRow>(
      `SELECT user_id AS "userId", level, device_id AS "deviceId", group_id AS "groupId", key, value,
         updated_at AS "updatedAt", version
       FROM (
         SELECT user_id, 'person' AS level, NULL AS device_id, NULL::uuid AS group_id, key, value, updated_at, version,
           NULL::timestamptz AS joined_at, NULL::uuid AS member_id
         FROM preferences WHERE user_id = ANY($1)
         UNION ALL
         SELECT user_id, 'device', device_id, NULL, key, value, updated_at, 0, NULL, NULL
         FROM device_preferences WHERE user_id = $3 AND user_id = ANY($1) AND device_id = ANY($2)
         UNION ALL
         SELECT member.user_id, 'group', NULL, group_id, key, value, updated_at, 0, member.created_at, member.id
         FROM group_members member JOIN group_preferences USING (group_id)
         WHERE member.user_id = ANY($1) AND value IS NOT NULL
       ) level
       ORDER BY joined_at, member_id`,
      [userIds, deviceIds, deviceOwner],
    )
  }

  /**
   * What these groups say.
   * @visibility guarded as `Group.preferences`
   */
  async ofGroups(groupIds: readonly Id[]): Promise<GroupLevelRow[]> {
    return this.db.query<GroupLevelRow>(
      `SELECT group_id AS "groupId", key, value, updated_at AS "updatedAt", version
       FROM group_preferences WHERE group_id = ANY($1)`,
      [groupIds],
    )
  }

  /**
   * What the groups of a person say, without the values.
   * @visibility for the person themselves, who is told that something has changed
   */
  async standingOf(userId: Id): Promise<Standing[]> {
    return this.db.query<Standing>(
      `SELECT member.id AS "membershipId", group_id AS "groupId", key, version
       FROM group_members member LEFT JOIN group_preferences USING (group_id) WHERE member.user_id = $1`,
      [userId],
    )
  }

  /**
   * What their owner has set of these preferences, or of all (null). Call it with the owner locked.
   * @visibility the use case asks whose they are
   */
  async stateOf(owner: Owner, keys: readonly string[] | null): Promise<StateRow[]> {
    const asked = '($2::text[] IS NULL OR key = ANY($2))'
    if ('groupId' in owner)
      return this.db.query<StateRow>(
        `SELECT key, NULL AS "deviceId", value, updated_at AS "updatedAt", version
         FROM group_preferences WHERE group_id = $1 AND ${asked}`,
        [owner.groupId, keys],
      )
    return this.db.query<StateRow>(
      `SELECT key, NULL AS "deviceId", value, updated_at AS "updatedAt", version
       FROM preferences WHERE user_id = $1 AND ${asked}
       UNION ALL
       SELECT key, device_id, value, updated_at, 0 FROM device_preferences WHERE user_id = $1 AND ${asked}`,
      [owner.userId, keys],
    )
  }

  /** Gives preferences of an owner these values, and none where it is null. */
  async save(owner: Owner, rows: readonly Omit<StateRow, 'deviceId'>[]): Promise<void> {
    const [table, column, id] =
      'groupId' in owner
        ? ['group_preferences', 'group_id', owner.groupId]
        : ['preferences', 'user_id', owner.userId]
    await this.db.query(
      `INSERT INTO ${table} (${column}, key, value, updated_at, version)
       SELECT $1, * FROM unnest($2::text[], $3::jsonb[], $4::timestamptz[], $5::int[])
       ON CONFLICT (${column}, key) DO UPDATE
         SET value = excluded.value, updated_at = excluded.updated_at, version = excluded.version`,
      [
        id,
        rows.map(({ key }) => key),
        rows.map(({ value }) => asJson(value)),
        rows.map(({ updatedAt }) => updatedAt),
        rows.map(({ version }) => version),
      ],
    )
  }

  /** Gives preferences on a device these values. Of more devices than somebody can have, the one left alone for the longest goes. */
  async setOnDevice(
    userId: Id,
    deviceId: string,
    rows: readonly { key: string; value: unknown }[],
    updatedAt: Date,
  ): Promise<void> {
    await this.db.query(
      `INSERT INTO device_preferences (user_id, device_id, key, value, updated_at)
       SELECT $1, $2, key, value, $5 FROM unnest($3::text[], $4::jsonb[]) AS given (key, value)
       ON CONFLICT (user_id, device_id, key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`,
      [userId, deviceId, rows.map(({ key }) => key), rows.map(({ value }) => asJson(value)), updatedAt],
    )
    await this.db.query(
      `DELETE FROM device_preferences WHERE user_id = $1 AND device_id IN (
         SELECT device_id FROM device_preferences WHERE user_id = $1 AND device_id <> $2
         GROUP BY device_id ORDER BY max(updated_at) DESC, device_id OFFSET ${MAX_DEVICES - 1})`,
      [userId, deviceId],
    )
  }

  async removeFromDevices(
    userId: Id,
    rows: readonly { key: string; deviceId: string | null }[],
  ): Promise<void> {
    await this.db.query(
      `DELETE FROM device_preferences WHERE user_id = $1
         AND (device_id, key) IN (SELECT * FROM unnest($2::text[], $3::text[]))`,
      [userId, rows.map(({ deviceId }) => deviceId), rows.map(({ key }) => key)],
    )
  }

  /** Notes changes of an owner's preferences; of each the last ones are kept. */
  async addChanges(owner: Owner, changes: readonly Change[]): Promise<void> {
    const [table, column, id] =
      'groupId' in owner
        ? ['group_preference_changes', 'group_id', owner.groupId]
        : ['preference_changes', 'user_id', owner.userId]
    const isOfPerson = 'userId' in owner
    await this.db.query(
      `WITH added AS (
         INSERT INTO ${table} (${column}, id, key, number, before, after, changed_by_id, changed_at${isOfPerson ? ', device_id' : ''})
         SELECT $1, given.* FROM unnest($2::uuid[], $3::text[], $4::int[], $5::jsonb[], $6::jsonb[], $7::uuid[], $8::timestamptz[]
           ${isOfPerson ? ', $9::text[]' : ''}) given
         RETURNING key, number
       )
       DELETE FROM ${table} old USING (SELECT key, max(number) AS last FROM added GROUP BY key) newest
       WHERE old.${column} = $1 AND old.key = newest.key AND old.number <= newest.last - ${KEPT_CHANGES}`,
      [
        id,
        changes.map((change) => change.id),
        changes.map(({ key }) => key),
        changes.map(({ number }) => number),
        changes.map(({ before }) => asJson(before)),
        changes.map(({ after }) => asJson(after)),
        changes.map(({ changedById }) => changedById),
        changes.map(({ changedAt }) => changedAt),
        ...(isOfPerson ? [changes.map(({ deviceId }) => deviceId)] : []),
      ],
    )
  }

  /** Adds preferences of people who have none yet. */
  async add(
    preferences: readonly { userId: Id; key: string; value: unknown }[],
    updatedAt: Date,
  ): Promise<void> {
    await this.db.query(
      `INSERT INTO preferences (user_id, key, value, updated_at)
       SELECT user_id, key, value, $4 FROM unnest($1::uuid[], $2::text[], $3::jsonb[]) AS given (user_id, key, value)`,
      [
        preferences.map(({ userId }) => userId),
        preferences.map(({ key }) => key),
        preferences.map(({ value }) => asJson(value)),
        updatedAt,
      ],
    )
  }
}
