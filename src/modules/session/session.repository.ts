import { IsNull, type SelectQueryBuilder } from 'typeorm'
import { later } from '../../core/clock'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { isPermission, type Permission } from '../../core/permission'
import { holds, viewerId, type SignedIn } from '../../core/viewer'
import type { Database } from '../../db/database'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { Session } from './session.entity'
import type { AuthenticationMethod } from './authentication-method'
import type { EndReason } from './end-reason'
import { SESSION_LIMITS } from './session-limits'

const COLUMNS = [
  'id',
  'userId',
  'transport',
  'methods',
  'deviceName',
  'address',
  'createdAt',
  'authenticatedAt',
  'lastSeenAt',
  'expiresAt',
  'endedAt',
  'endReason',
] as const
export type SessionRow = Pick<Session, (typeof COLUMNS)[number]>

export interface SessionFilter {
  userId: Id
  /** Whether sessions that have ended are listed too. */
  includeEnded: boolean
}

const NEWEST_FIRST: ListOrder<SessionRow> = { columns: ['createdAt', 'id'], descending: true }

/** Session, person and permissions in one statement: the only one that every request of a signed-in person pays. */
const VIEWER_BY_TOKEN = `
  SELECT session.id, session.user_id, session.authenticated_at, session.last_seen_at, person.username, granted.permissions
  FROM sessions session
  JOIN users person ON person.id = session.user_id
  CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(DISTINCT permission), '{}') AS permissions
    FROM role_grants held
    JOIN roles role ON role.id = held.role_id
    CROSS JOIN unnest(role.permissions) AS permission
    WHERE held.user_id = session.user_id AND (held.expires_at IS NULL OR held.expires_at > $2)
  ) granted
  WHERE session.token_hash = $1 AND session.ended_at IS NULL AND session.expires_at > $2 AND session.last_seen_at > $3
    AND (granted.permissions = '{}' OR (session.last_seen_at > $4 AND session.created_at > $5))
    AND person.status = 'active'`

/** Whether whoever has a listed session holds any permission at `:now`. */
const IS_STAFF = `EXISTS (
  SELECT FROM role_grants held JOIN roles role ON role.id = held.role_id
  WHERE held.user_id = session.user_id AND (held.expires_at IS NULL OR held.expires_at > :now) AND role.permissions <> '{}')`

const WITH_METHODS = 'ARRAY(SELECT DISTINCT unnest(methods || :added::text[]) ORDER BY 1)'

interface ViewerRow {
  id: Id
  user_id: Id
  authenticated_at: Date
  last_seen_at: Date
  username: string
  permissions: string[]
}

/** Every question about sessions. People see their own; `sessions:read` sees all. */
export class SessionRepository {
  constructor(private readonly db: Database) {}

  /** Who holds this token at this moment, and when the session was last seen; null for a token that is not alive. */
  async findViewer(tokenHash: Buffer): Promise<{ viewer: SignedIn; lastSeenAt: Date } | null> {
    const { now, idleSince, staffIdleSince, staffBegunAt } = this.bounds()
    const [row] = await this.db.query<ViewerRow>(VIEWER_BY_TOKEN, [
      tokenHash,
      now,
      idleSince,
      staffIdleSince,
      staffBegunAt,
    ])
    if (!row) return null
    return {
      viewer: {
        kind: 'signed-in',
        userId: row.user_id,
        sessionId: row.id,
        username: row.username,
        authenticatedAt: row.authenticated_at,
        permissions: new Set(row.permissions.filter(isPermission)),
      },
      lastSeenAt: row.last_seen_at,
    }
  }

  async lookup(ids: readonly Id[]): Promise<SessionRow[]> {
    return this.visible('sessions:read').andWhere('session.id = ANY(:ids)', { ids }).getRawMany<SessionRow>()
  }

  /** A session that the viewer may see, or may end without seeing it. */
  async findEndable(id: Id): Promise<SessionRow | null> {
    const query = this.visible('sessions:read', 'sessions:revoke').andWhere('session.id = :id', { id })
    return (await query.getRawOne<SessionRow>()) ?? null
  }

  async list(filter: SessionFilter, page: PageRequest): Promise<Page<SessionRow>> {
    return readPage(this.matching(filter), NEWEST_FIRST, page)
  }

  async count(filter: SessionFilter): Promise<number> {
    return this.matching(filter).getCount()
  }

  async add(session: Session): Promise<void> {
    await this.db.repo(Session).insert(session)
  }

  /** Whether a session is open, and stays so until the transaction ends. */
  async lockOpen(id: Id): Promise<boolean> {
    const row = await this.db
      .repo(Session)
      .findOne({ select: { id: true }, where: { id, endedAt: IsNull() }, lock: { mode: 'pessimistic_read' } })
    return row !== null
  }

  /** Ends an open session; false when it had ended already. */
  async end(id: Id, reason: EndReason): Promise<boolean> {
    const result = await this.db
      .repo(Session)
      .update({ id, endedAt: IsNull() }, { endedAt: this.db.now, endReason: reason })
    return result.affected === 1
  }

  /**
   * Ends a person's open sessions but one that may stay; returns the ids of those that it ended. One that only the limits of staff
   * hold back is among them: it would live again when its holder's last role ends.
   */
  async endAll(userId: Id, reason: EndReason, keptId: Id | null): Promise<Id[]> {
    const ended = await this.db
      .repo(Session)
      .createQueryBuilder()
      .update()
      .set({ endedAt: this.db.now, endReason: reason })
      .where('user_id = :userId AND id IS DISTINCT FROM :keptId AND ended_at IS NULL', { userId, keptId })
      .andWhere('expires_at > :now AND last_seen_at > :idleSince', this.bounds())
      .returning('id')
      .execute()
    return (ended.raw as { id: Id }[]).map((row) => row.id)
  }

  /**
   * Gives an open session a new token after its holder has proven who they are, and the old one is dead; false when it has
   * ended. What was proven before still counts.
   */
  async renew(id: Id, tokenHash: Buffer, methods: readonly AuthenticationMethod[]): Promise<boolean> {
    const { affected } = await this.db
      .repo(Session)
      .createQueryBuilder()
      .update()
      .set({ tokenHash, authenticatedAt: this.db.now, methods: () => WITH_METHODS })
      .where('id = :id AND ended_at IS NULL', { id, added: methods })
      .execute()
    return affected === 1
  }

  /** Adds to what the holder of a session has proven. */
  async addMethod(id: Id, method: AuthenticationMethod): Promise<void> {
    await this.db
      .repo(Session)
      .createQueryBuilder()
      .update()
      .set({ methods: () => WITH_METHODS })
      .where('id = :id', { id, added: [method] })
      .execute()
  }

  /** Notes when sessions, and the people who hold them, were last seen. */
  async see(lastSeen: ReadonlyMap<Id, Date>): Promise<void> {
    await this.db.query(
      `WITH seen AS (SELECT * FROM unnest($1::uuid[], $2::timestamptz[]) AS seen (session_id, at)),
       touched AS (
         UPDATE sessions SET last_seen_at = seen.at FROM seen
         WHERE sessions.id = seen.session_id AND sessions.last_seen_at < seen.at
         RETURNING sessions.user_id, seen.at
       )
       UPDATE users SET last_seen_at = touched.at FROM (SELECT user_id, max(at) AS at FROM touched GROUP BY user_id) touched
       WHERE users.id = touched.user_id AND (users.last_seen_at IS NULL OR users.last_seen_at < touched.at)`,
      [[...lastSeen.keys()], [...lastSeen.values()]],
    )
  }

  private matching({ userId, includeEnded }: SessionFilter): SelectQueryBuilder<Session> {
    const query = this.visible('sessions:read').andWhere('session.userId = :userId', { userId })
    if (includeEnded) return query
    return query.andWhere(
      `session.endedAt IS NULL AND session.expiresAt > :now AND session.lastSeenAt > :idleSince
       AND (session.lastSeenAt > :staffIdleSince AND session.createdAt > :staffBegunAt OR NOT ${IS_STAFF})`,
      this.bounds(),
    )
  }

  /** What a session must have begun and been used after, to be alive now. */
  private bounds() {
    const { now } = this.db
    const { person, staff } = SESSION_LIMITS
    return {
      now,
      idleSince: later(now, -person.idle),
      staffIdleSince: later(now, -staff.idle),
      staffBegunAt: later(now, -staff.absolute),
    }
  }

  private visible(...permissions: Permission[]): SelectQueryBuilder<Session> {
    const { viewer } = this.db.caller
    const query = selectRows(this.db, Session, 'session', COLUMNS)
    if (permissions.some((permission) => holds(viewer, permission))) return query
    return query.andWhere('session.userId = :viewer', { viewer: viewerId(viewer) })
  }
}
