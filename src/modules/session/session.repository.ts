import { IsNull, type SelectQueryBuilder } from 'typeorm'
import { later } from '../../core/clock'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import type { Permission } from '../../core/permission'
import type { Database } from '../../db/database'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { ownOrWithinReach } from '../../db/reach'
import { isStaffSql } from '../role/held-sql'
import { Session } from './session.entity'
import type { AuthenticationMethod } from './authentication-method'
import { EndReason } from './end-reason'
import { endOf, endsIdle } from './session-end'
import { SESSION_LIMITS } from './session-limits'

/** What a row shows as it is stored; whether and why a session has ended depends on the time as well. */
const STORED = [
  'id',
  'userId',
  'impersonatorId',
  'transport',
  'methods',
  'deviceName',
  'address',
  'createdAt',
  'authenticatedAt',
  'lastSeenAt',
  'expiresAt',
] as const
export type StoredSession = Pick<Session, (typeof STORED)[number]>
export type SessionRow = StoredSession & Pick<Session, 'endedAt' | 'endReason'>

export interface SessionFilter {
  userId: Id
  /** Whether sessions that have ended are listed too. */
  includeEnded: boolean
}

const NEWEST_FIRST: ListOrder<SessionRow> = { columns: ['createdAt', 'id'], descending: true }

/** Whether whoever has a listed session holds any permission at `:now`: only then do the limits of staff hold for it. */
const IS_STAFF = isStaffSql('session.user_id', ':now')

const WITH_METHODS = 'ARRAY(SELECT DISTINCT unnest(methods || :added::text[]) ORDER BY 1)'

/** What a listed session is by itself: its roles are looked up once for it, which OFFSET keeps PostgreSQL from undoing. */
const ownEnd = (answer: string) => `(
  SELECT ${answer}
  FROM (SELECT ${IS_STAFF} AS is_staff OFFSET 0) holder
  CROSS JOIN LATERAL (SELECT ${endOf('holder.is_staff')} AS at, ${endsIdle('holder.is_staff')} AS is_idle) own)`

/** When a session ended: by somebody's doing, or else by itself. */
const ENDED_AT = ownEnd('coalesce(session.ended_at, CASE WHEN own.at <= :now THEN own.at END)')

const END_REASON = ownEnd(`CASE
  WHEN session.ended_at IS NOT NULL THEN session.end_reason
  WHEN own.at > :now THEN NULL
  WHEN own.is_idle THEN '${EndReason.IDLE}'
  ELSE '${EndReason.EXPIRED}' END`)

/** Every question about sessions. People see their own; `sessions:read` sees all. */
export class SessionRepository {
  constructor(private readonly db: Database) {}

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

  /**
   * Whether a session is open, and stays so until the transaction ends.
   * @visibility a session that the viewer holds
   */
  async lockOpen(id: Id): Promise<boolean> {
    const row = await this.db
      .repo(Session)
      .findOne({ select: { id: true }, where: { id, endedAt: IsNull() }, lock: { mode: 'pessimistic_read' } })
    return row !== null
  }

  /**
   * Ends a session; null when it has ended already.
   * @visibility whoever ends one has been found to be allowed to
   */
  async end(id: Id, reason: EndReason): Promise<Id | null> {
    return (await this.endWhere('id = :id', { id }, reason))[0] ?? null
  }

  /**
   * Ends a person's sessions but one that may stay; returns the ids of those that it ended.
   * @visibility whoever ends them has been found to be allowed to
   */
  async endAll(userId: Id, reason: EndReason, keptId: Id | null): Promise<Id[]> {
    return this.endWhere('user_id = :userId AND id IS DISTINCT FROM :keptId', { userId, keptId }, reason)
  }

  /**
   * Ends the sessions in which somebody acts as a person; returns their ids.
   * @visibility the person, or whoever handles a request of theirs, ends them
   */
  async endImpersonationsOf(userId: Id, reason: EndReason): Promise<Id[]> {
    return this.endWhere('user_id = :userId AND impersonator_id IS NOT NULL', { userId }, reason)
  }

  /**
   * Ends those sessions that have not ended, not by themselves either. One that only the limits of staff hold back is among
   * them: it would live again when its holder's last role ends.
   */
  private async endWhere(condition: string, parameters: object, reason: EndReason): Promise<Id[]> {
    const { now } = this.db
    const ended = await this.db
      .repo(Session)
      .createQueryBuilder()
      .update()
      .set({ endedAt: now, endReason: reason })
      .where(condition, parameters)
      .andWhere(`ended_at IS NULL AND expires_at > :now AND last_seen_at > :idleSince`, {
        now,
        idleSince: later(now, -SESSION_LIMITS.person.idle),
      })
      .returning('id')
      .execute()
    return (ended.raw as { id: Id }[]).map((row) => row.id)
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

  /**
   * The sessions that a person has begun or used since a moment, under one device name, newest first. Whoever signs in is
   * nobody yet, so it does not ask for the viewer.
   * @visibility whoever signs in is nobody yet
   */
  async findByDevice(userId: Id, deviceName: string, since: Date): Promise<StoredSession[]> {
    return selectRows(this.db, Session, 'session', STORED)
      .where('session.userId = :userId AND session.deviceName = :deviceName', { userId, deviceName })
      .andWhere('session.lastSeenAt > :since', { since })
      .orderBy('session.createdAt', 'DESC')
      .limit(100)
      .getRawMany<StoredSession>()
  }

  /**
   * Notes when sessions, and the people who hold them, were last seen. A session that was seen less than a minute ago, also
   * by another process, stays as it is.
   */
  async see(lastSeen: ReadonlyMap<Id, Date>): Promise<void> {
    await this.db.query(
      `WITH seen AS (SELECT * FROM unnest($1::uuid[], $2::timestamptz[]) AS seen (session_id, at)),
       touched AS (
         UPDATE sessions SET last_seen_at = seen.at FROM seen
         WHERE sessions.id = seen.session_id AND sessions.last_seen_at <= seen.at - interval '1 minute'
         RETURNING sessions.user_id, sessions.impersonator_id, seen.at
       )
       UPDATE users SET last_seen_at = touched.at
       FROM (SELECT coalesce(impersonator_id, user_id) AS user_id, max(at) AS at FROM touched GROUP BY 1) touched
       WHERE users.id = touched.user_id AND (users.last_seen_at IS NULL OR users.last_seen_at < touched.at)`,
      [[...lastSeen.keys()], [...lastSeen.values()]],
    )
  }

  private matching({ userId, includeEnded }: SessionFilter): SelectQueryBuilder<Session> {
    const query = this.visible('sessions:read').andWhere('session.userId = :userId', { userId })
    if (includeEnded) return query
    // The first two are cheap, and spare most rows the third.
    return query.andWhere(`session.endedAt IS NULL AND session.expiresAt > :now AND ${ENDED_AT} IS NULL`)
  }

  private visible(...permissions: Permission[]): SelectQueryBuilder<Session> {
    return selectRows(this.db, Session, 'session', STORED)
      .addSelect(ENDED_AT, 'endedAt')
      .addSelect(END_REASON, 'endReason')
      .setParameter('now', this.db.now)
      .andWhere(...ownOrWithinReach(this.db.caller.viewer, 'session.userId', ...permissions))
  }
}
