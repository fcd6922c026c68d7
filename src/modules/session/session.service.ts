import { later } from '../../core/clock'
import { ApiError, notFound } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { holds, requireSignedIn, type SignedIn } from '../../core/viewer'
import { hashToken, newToken } from '../../crypto/token'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { RoleService } from '../role/role.service'
import { UserService } from '../user/user.service'
import { Session } from './session.entity'
import { EndReason } from './end-reason'
import { SESSION_LIMITS } from './session-limits'
import type { AuthenticationMethod } from './authentication-method'
import type { Transport } from './transport'
import { SessionRepository, type SessionFilter, type SessionRow } from './session.repository'

const UNNAMED_DEVICE = 'Unnamed device'

/** The messages that tell of a session's beginning and end. Sockets listen to the first, subscriptions to the second. */
export const SESSION_ENDED = 'session-ended'
export const sessionsChanged = (userId: Id): string => `sessions-changed:${userId}`

export class SessionService {
  private readonly sessions: SessionRepository

  constructor(private readonly db: Database) {
    this.sessions = new SessionRepository(db)
  }

  /** Who holds this token at this moment, and when the session was last seen. */
  async findViewer(token: string): Promise<{ viewer: SignedIn; lastSeenAt: Date } | null> {
    return this.sessions.findViewer(hashToken(token))
  }

  async lookup(ids: readonly Id[]): Promise<SessionRow[]> {
    return this.sessions.lookup(ids)
  }

  async list(filter: SessionFilter, page: PageRequest): Promise<Page<SessionRow>> {
    return this.sessions.list(filter, page)
  }

  async count(filter: SessionFilter): Promise<number> {
    return this.sessions.count(filter)
  }

  /** Notes when sessions were last seen; called in the background, so that no request waits for it. */
  async see(lastSeen: ReadonlyMap<Id, Date>): Promise<void> {
    if (lastSeen.size > 0) await this.sessions.see(lastSeen)
  }

  /** The addresses from which sessions were started, decrypted with one look-up of keys. */
  async addresses(sessions: readonly SessionRow[]): Promise<(string | null)[]> {
    const places = sessions.map((session) => ({ ...session, ownerId: session.userId }))
    return this.db.codec.open(Session, 'address', places, (place) => place.address)
  }

  /** Starts a session for somebody who has proven who they are. The token is in the answer and nowhere else. */
  async start(
    userId: Id,
    transport: Transport,
    deviceName: string | undefined,
    methods: readonly AuthenticationMethod[] = [],
  ): Promise<{ session: SessionRow; token: string }> {
    const token = newToken()
    const session = await this.db.transaction(async (tx) => {
      const { now, caller } = tx
      const id = newId(now)
      const isStaff = (await new RoleService(tx).heldBy([userId])).some(
        ({ permissions }) => permissions.length > 0,
      )
      const session: Session = {
        id,
        userId,
        tokenHash: hashToken(token),
        transport,
        methods: [...methods],
        deviceName: deviceName || UNNAMED_DEVICE,
        address:
          caller.address === null
            ? null
            : await tx.codec.seal(Session, 'address', { id, ownerId: userId }, caller.address),
        createdAt: now,
        authenticatedAt: now,
        lastSeenAt: now,
        expiresAt: later(now, SESSION_LIMITS[isStaff ? 'staff' : 'person'].absolute),
        endedAt: null,
        endReason: null,
      }
      await new SessionRepository(tx).add(session)
      const target = toGlobalId('session', id)
      await new AuditService(tx).record('session.started', {
        actorId: userId,
        sessionId: id,
        target,
        details: { transport, methods: [...methods] },
      })
      await tx.notify(sessionsChanged(userId), { sessionId: id, change: 'started' })
      return session
    })
    return { session, token }
  }

  /**
   * Gives the viewer's session a new token, after these proofs; the old one is dead.
   * @throws ApiError UNAUTHENTICATED when the session has ended meanwhile.
   */
  async renew(methods: readonly AuthenticationMethod[]): Promise<{ session: SessionRow; token: string }> {
    const { sessionId, userId } = requireSignedIn(this.db.caller.viewer)
    const token = newToken()
    return this.db.transaction(async (tx) => {
      const sessions = new SessionRepository(tx)
      if (!(await sessions.renew(sessionId, hashToken(token), methods))) throw sessionEnded()
      await new AuditService(tx).record('session.reauthenticated', {
        target: toGlobalId('session', sessionId),
        details: { methods: [...methods] },
      })
      await tx.notify(SESSION_ENDED, { sessionId })
      await tx.notify(sessionsChanged(userId), { sessionId, change: 'renewed' })
      const [session] = await sessions.lookup([sessionId])
      if (!session) throw notFound('session')
      return { session, token }
    })
  }

  /**
   * Makes sure, inside a transaction, that the viewer's session was not ended meanwhile, and is not until it commits.
   * @throws ApiError UNAUTHENTICATED
   */
  async assertAlive(): Promise<void> {
    const { sessionId } = requireSignedIn(this.db.caller.viewer)
    if (!(await this.sessions.lockOpen(sessionId))) throw sessionEnded()
  }

  /**
   * Makes sure, inside the transaction that changes how the viewer signs in, that they may: that it is not frozen, that the
   * session was not ended meanwhile, and that neither happens before the transaction ends.
   * @throws Rejected FROZEN; ApiError UNAUTHENTICATED
   */
  async assertMayChangeCredentials(): Promise<void> {
    await new UserService(this.db).assertNotFrozen(requireSignedIn(this.db.caller.viewer).userId)
    await this.assertAlive()
  }

  /** Whether a session is open, and stays so until the transaction ends. */
  async holdOpen(sessionId: Id): Promise<boolean> {
    return this.sessions.lockOpen(sessionId)
  }

  /** Adds to what the viewer has proven in this session. */
  async addMethod(method: AuthenticationMethod): Promise<void> {
    await this.sessions.addMethod(requireSignedIn(this.db.caller.viewer).sessionId, method)
  }

  /** Ends the viewer's own session. */
  async signOut(): Promise<void> {
    const { sessionId, userId } = requireSignedIn(this.db.caller.viewer)
    await this.db.transaction((tx) => endSession(tx, sessionId, userId, EndReason.SIGNED_OUT))
  }

  /**
   * Ends one session: one's own, or with `sessions:revoke` that of somebody who is not above oneself. Returns it where the
   * viewer may see it.
   * @throws ApiError NOT_FOUND when there is none that the viewer may end.
   */
  async revoke(sessionId: Id): Promise<SessionRow | null> {
    const viewer = requireSignedIn(this.db.caller.viewer)
    return this.db.transaction(async (tx) => {
      const sessions = new SessionRepository(tx)
      const session = await sessions.findEndable(sessionId)
      if (!session) throw notFound('session')
      const isOwn = session.userId === viewer.userId
      if (!isOwn) {
        if (!holds(viewer, 'sessions:revoke')) throw notFound('session')
        await new RoleService(tx).assertMayActOn(session.userId, 'sessions:revoke')
      }
      await endSession(tx, sessionId, session.userId, isOwn ? EndReason.REVOKED : EndReason.REVOKED_BY_STAFF)
      return (await sessions.lookup([sessionId]))[0] ?? null
    })
  }

  /** Ends all of the viewer's sessions except the one that asks; returns how many. */
  async revokeOthers(): Promise<number> {
    const { sessionId, userId } = requireSignedIn(this.db.caller.viewer)
    return this.endAll(userId, EndReason.REVOKED, sessionId)
  }

  /** Ends all sessions of a person but one that may stay; returns how many. */
  async endAll(userId: Id, reason: EndReason, keptId: Id | null): Promise<number> {
    return this.db.transaction(async (tx) => {
      const ended = await new SessionRepository(tx).endAll(userId, reason, keptId)
      for (const id of ended) await announceEnd(tx, id, userId, reason)
      return ended.length
    })
  }
}

const sessionEnded = () => new ApiError('UNAUTHENTICATED', 'This session has ended. Sign in again.')

async function endSession(tx: Database, sessionId: Id, userId: Id, reason: EndReason): Promise<void> {
  const ended = await new SessionRepository(tx).end(sessionId, reason)
  if (ended) await announceEnd(tx, sessionId, userId, reason)
}

async function announceEnd(tx: Database, sessionId: Id, userId: Id, reason: EndReason): Promise<void> {
  await new AuditService(tx).record('session.ended', {
    subjectId: userId,
    target: toGlobalId('session', sessionId),
    details: { reason },
  })
  await tx.notify(SESSION_ENDED, { sessionId })
  await tx.notify(sessionsChanged(userId), { sessionId, change: 'ended' })
}
