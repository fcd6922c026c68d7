import { later } from '../../core/clock'
import { ApiError, notFound } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import {
  holdsSomewhere,
  requireSession,
  requireSignedIn,
  type InSession,
  type Recognised,
} from '../../core/viewer'
import { hashToken, newToken } from '../../crypto/token'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { AuthorityService } from '../role/authority.service'
import { RoleGrantService } from '../role/role-grant.service'
import { UserService } from '../user/user.service'
import { deviceNameOf } from './device-name'
import { EndReason } from './end-reason'
import { isNewDevice, tellOfMisuse, tellOfNewDevice, tellOfReactivation } from './notices'
import { SESSION_LIMITS } from './session-limits'
import { Session } from './session.entity'
import {
  SessionRepository,
  type SessionFilter,
  type SessionRow,
  type StoredSession,
} from './session.repository'
import type { AuthenticationMethod } from './authentication-method'
import { TokenRepository } from './token.repository'
import { Transport } from './transport'

/** The name of a device of which nothing is known at all. */
const UNNAMED_DEVICE = 'Unnamed device'

/**
 * The messages that tell of a session's end, of a new token, and to whoever holds it of all that happens to it. Sockets
 * listen to the first, what is remembered of tokens depends on the first two, subscriptions listen to the last.
 */
export const SESSION_ENDED = 'session-ended'
export const SESSION_RENEWED = 'session-renewed'
export const sessionsChanged = (userId: Id): string => `sessions-changed:${userId}`

/** A session, and the token that stands for it from now on: in the answer, and nowhere else. */
export interface Issued {
  session: SessionRow
  token: string
}

export class SessionService {
  private readonly sessions: SessionRepository

  constructor(private readonly db: Database) {
    this.sessions = new SessionRepository(db)
  }

  /**
   * Whom this token stands for at this moment. To use one that was superseded a while ago ends its session: it was stolen
   * from its holder, or stolen by whoever has the new one (RFC 9700 §4.14.2).
   */
  async findViewer(token: string): Promise<Recognised<InSession> | null> {
    return this.recognise(hashToken(token))
  }

  /** The same for the hash of a token. */
  async recognise(tokenHash: Buffer): Promise<Recognised<InSession> | null> {
    const tokens = new TokenRepository(this.db)
    const recognised = await tokens.findViewer(tokenHash)
    if (recognised) return recognised
    const misused = await tokens.findMisused(tokenHash)
    if (misused) await this.endMisused(misused)
    return null
  }

  /** The holders of sessions at this moment; those that are over are left out. */
  async findViewersOf(sessionIds: readonly Id[]): Promise<Recognised<InSession>[]> {
    return new TokenRepository(this.db).findViewersOf(sessionIds)
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

  /** The addresses from which sessions were started, decrypted with one look-up of keys; an error for one that does not open. */
  async addresses(sessions: readonly StoredSession[]): Promise<(string | null | Error)[]> {
    const places = sessions.map((session) => ({ ...session, ownerId: session.userId }))
    return this.db.codec.openEach(Session, 'address', places, (place) => place.address)
  }

  /**
   * Starts a session for somebody who has proven who they are, in these ways. A sign-in from a device that they have not
   * used of late is told them by mail, and so is one that ends a deactivation.
   */
  async start(
    userId: Id,
    transport: Transport,
    deviceName: string | undefined,
    methods: readonly AuthenticationMethod[] = [],
  ): Promise<Issued> {
    const token = newToken()
    const session = await this.db.transaction(async (tx) => {
      const { now, caller } = tx
      const id = newId(now)
      const isStaff = await new RoleGrantService(tx).isStaff(userId)
      const session: Session = {
        id,
        userId,
        impersonatorId: null,
        tokenHash: hashToken(token),
        transport,
        methods: [...methods],
        deviceName: deviceName || deviceNameOf(caller.userAgent) || UNNAMED_DEVICE,
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
      const isNew = await isNewDevice(tx, session)
      await new SessionRepository(tx).add(session)
      const target = toGlobalId('session', id)
      const eventId = await new AuditService(tx).record('session.started', {
        actorId: userId,
        sessionId: id,
        target,
        details: { transport, methods: [...methods], isNewDevice: isNew },
      })
      if (isNew) await tellOfNewDevice(tx, session, eventId)
      await tx.notify(sessionsChanged(userId), { sessionId: id, change: 'started' })
      if (await new UserService(tx).noteSignIn(userId)) await tellOfReactivation(tx, session)
      return session
    })
    return { session, token }
  }

  /** Starts a session in which somebody of the staff acts as a person, for a while in milliseconds. Whether they may, the caller decides. */
  async impersonate(userId: Id, impersonator: InSession, lifetime: number): Promise<Issued> {
    const token = newToken()
    const { now } = this.db
    const session: Session = {
      id: newId(now),
      userId,
      impersonatorId: impersonator.userId,
      tokenHash: hashToken(token),
      // A cookie would take the place of their own session's.
      transport: Transport.BEARER,
      methods: [],
      deviceName: `Staff: ${impersonator.username}`,
      // Where staff are is not the person's to know.
      address: null,
      createdAt: now,
      authenticatedAt: now,
      lastSeenAt: now,
      expiresAt: later(now, lifetime),
      endedAt: null,
      endReason: null,
    }
    await this.sessions.add(session)
    await this.db.notify(sessionsChanged(userId), { sessionId: session.id, change: 'started' })
    return { session, token }
  }

  /** Ends a session in which somebody acts as a person. */
  async endImpersonation(sessionId: Id, userId: Id): Promise<void> {
    await endSession(this.db, sessionId, userId, EndReason.SIGNED_OUT)
  }

  /**
   * Gives the viewer's session a new token because they ask for one. The one until now works for ten seconds more, and
   * asked for with such a one, a session gets its next token all the same: there is always one that lasts.
   * @throws ApiError UNAUTHENTICATED when the session has ended, or its holder has proven anew who they are, meanwhile.
   */
  async rotate(): Promise<Issued> {
    const { sessionId, authenticatedAt } = requireSession(this.db.caller.viewer)
    return this.supersede(
      (tokens, tokenHash) => tokens.rotate(sessionId, tokenHash, authenticatedAt),
      (audit, target) => audit.record('session.rotated', { target }),
    )
  }

  /**
   * Gives the viewer's session a new token because they have proven who they are, in these ways; the old ones are dead.
   * @throws ApiError UNAUTHENTICATED when the session has ended meanwhile.
   */
  async renew(methods: readonly AuthenticationMethod[]): Promise<Issued> {
    const { sessionId } = requireSession(this.db.caller.viewer)
    return this.supersede(
      (tokens, tokenHash) => tokens.renew(sessionId, tokenHash, methods),
      (audit, target) =>
        audit.record('session.reauthenticated', { target, details: { methods: [...methods] } }),
    )
  }

  /**
   * Makes sure, inside a transaction, that the viewer's session was not ended meanwhile, and is not until it commits.
   * @throws ApiError UNAUTHENTICATED
   */
  async assertAlive(): Promise<void> {
    const { sessionId } = requireSession(this.db.caller.viewer)
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

  /** Adds to what the viewer has proven in this session. Call it inside the transaction that rests on the proof. */
  async addMethod(method: AuthenticationMethod): Promise<void> {
    const { sessionId } = requireSession(this.db.caller.viewer)
    await this.sessions.addMethod(sessionId, method)
    await this.db.notify(SESSION_RENEWED, { sessionId })
  }

  /** Ends the viewer's own session. */
  async signOut(): Promise<void> {
    const { sessionId, userId } = requireSession(this.db.caller.viewer)
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
        if (!holdsSomewhere(viewer, 'sessions:revoke')) throw notFound('session')
        await new AuthorityService(tx).assertMayActOn(session.userId, 'sessions:revoke')
      }
      await endSession(tx, sessionId, session.userId, isOwn ? EndReason.REVOKED : EndReason.REVOKED_BY_STAFF)
      return (await sessions.lookup([sessionId]))[0] ?? null
    })
  }

  /** Ends all of the viewer's sessions except the one that asks; returns how many. */
  async revokeOthers(): Promise<number> {
    const { sessionId, userId } = requireSession(this.db.caller.viewer)
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

  /** Ends all sessions in which somebody acts as a person, whose own go on. */
  async endImpersonationsOf(userId: Id): Promise<void> {
    await this.db.transaction(async (tx) => {
      const ended = await new SessionRepository(tx).endImpersonationsOf(userId, EndReason.REVOKED)
      for (const id of ended) await announceEnd(tx, id, userId, EndReason.REVOKED)
    })
  }

  private async supersede(
    replace: (tokens: TokenRepository, tokenHash: Buffer) => Promise<boolean>,
    record: (audit: AuditService, target: string) => Promise<Id>,
  ): Promise<Issued> {
    const { sessionId, userId } = requireSession(this.db.caller.viewer)
    const token = newToken()
    return this.db.transaction(async (tx) => {
      if (!(await replace(new TokenRepository(tx), hashToken(token)))) throw sessionEnded()
      await record(new AuditService(tx), toGlobalId('session', sessionId))
      await tx.notify(SESSION_RENEWED, { sessionId })
      await tx.notify(sessionsChanged(userId), { sessionId, change: 'renewed' })
      const [session] = await new SessionRepository(tx).lookup([sessionId])
      if (!session) throw notFound('session')
      return { session, token }
    })
  }

  private async endMisused({ id, userId, deviceName }: Pick<Session, 'id' | 'userId' | 'deviceName'>) {
    await this.db.transaction(async (tx) => {
      // Of many uses at once, the first ends it.
      if (!(await endSession(tx, id, userId, EndReason.TOKEN_REUSED))) return
      await new AuditService(tx).record('session.token-reused', {
        subjectId: userId,
        target: toGlobalId('session', id),
      })
      await tellOfMisuse(tx, userId, deviceName)
    })
  }
}

const sessionEnded = () => new ApiError('UNAUTHENTICATED', 'This session has ended. Sign in again.')

async function endSession(tx: Database, sessionId: Id, userId: Id, reason: EndReason): Promise<boolean> {
  const ended = await new SessionRepository(tx).end(sessionId, reason)
  if (ended) await announceEnd(tx, sessionId, userId, reason)
  return ended !== null
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
