import { DAY, later } from '../../core/clock'
import { notFound, rejected, UserErrorCode } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import { requireSession, type Recognised, type WithAccessToken } from '../../core/viewer'
import { hashToken, newAccessToken } from '../../crypto/token'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { MailService } from '../mail/mail.service'
import { knownPermissions } from '../role/known-permissions'
import { AuthorityService } from '../role/authority.service'
import { SessionService } from '../session/session.service'
import type { AccessToken } from './access-token.entity'
import type { CreateAccessTokenInput } from './access-token.input'
import { AccessTokenRepository, type AccessTokenRow } from './access-token.repository'
import { AccessTokenEndReason } from './end-reason'

export type { AccessTokenRow }

/** Tells every process that an access token was ended before its time. */
export const ACCESS_TOKEN_REVOKED = 'access-token-revoked'

/** How long a token lasts where nothing is said, and at most; in milliseconds. */
const LIFETIME = { usual: 90 * DAY, longest: 365 * DAY }

/** How many tokens of one person may work at a time. */
const MAX_LIVE = 50

/**
 * Personal access tokens: with one, a program acts as its owner, within the scopes that the owner gave it and never beyond
 * what the owner may do at that moment. None of them opens what concerns credentials.
 */
export class AccessTokenService {
  private readonly tokens: AccessTokenRepository

  constructor(private readonly db: Database) {
    this.tokens = new AccessTokenRepository(db)
  }

  /** Whom the token with this hash stands for at this moment. */
  async recognise(tokenHash: Buffer): Promise<Recognised<WithAccessToken> | null> {
    return this.tokens.findViewer(tokenHash)
  }

  /** Whom these tokens stand for at this moment, by their ids; those that have ended are left out. */
  async findViewersOf(ids: readonly Id[]): Promise<Recognised<WithAccessToken>[]> {
    return this.tokens.findViewersOf(ids)
  }

  async ofUser(userId: Id, includeEnded: boolean): Promise<AccessTokenRow[]> {
    return this.tokens.findByUser(userId, includeEnded)
  }

  /** Notes when tokens were last used; called in the background, so that no request waits for it. */
  async see(lastUsed: ReadonlyMap<Id, Date>): Promise<void> {
    if (lastUsed.size > 0) await this.tokens.see(lastUsed)
  }

  /**
   * Makes a token for the viewer, who is told by mail. The token itself is in the answer, and nowhere else.
   * @throws Rejected INVALID for scopes that Portico does not know and a time that does not fit; NOT_PERMITTED for scopes
   * that the viewer does not hold, and for too many tokens. ApiError UNAUTHENTICATED when the session has ended meanwhile.
   */
  async create(input: CreateAccessTokenInput): Promise<{ accessToken: AccessTokenRow; token: string }> {
    const { userId } = requireSession(this.db.caller.viewer)
    const { name } = input
    const scopes = knownPermissions(input.scopes, 'scopes')
    const { now } = this.db
    const expiresAt = expiryOf(input, now)
    const token = newAccessToken()
    const accessToken = await this.db.transaction(async (tx) => {
      // Whoever ends all sessions ends all tokens after them: this one is either among them, or is not made.
      await new SessionService(tx).assertMayChangeCredentials()
      const held = await new AuthorityService(tx).ofViewer()
      const missing = scopes.filter((scope) => !held.hasSomewhere(scope))
      if (missing.length > 0) {
        const message = `A token may do no more than you may yourself; you lack ${missing.join(', ')}.`
        throw rejected('scopes', UserErrorCode.NOT_PERMITTED, message)
      }
      const tokens = new AccessTokenRepository(tx)
      if ((await tokens.countLive(userId)) >= MAX_LIVE) {
        const message = `You have ${MAX_LIVE} access tokens. Revoke one that is not in use.`
        throw rejected([], UserErrorCode.NOT_PERMITTED, message)
      }
      const row: AccessTokenRow = {
        id: newId(tx.now),
        userId,
        name,
        scopes,
        createdAt: now,
        expiresAt,
        lastUsedAt: null,
        revokedAt: null,
        endReason: null,
      }
      await tokens.add({ ...row, tokenHash: hashToken(token) } satisfies AccessToken)
      const eventId = await new AuditService(tx).record('access-token.created', {
        target: toGlobalId('access_token', row.id),
        details: { scopes, expiresAt: expiresAt.toISOString() },
      })
      await new MailService(tx).send(userId, 'accessTokenCreated', { token: name, eventId })
      return row
    })
    return { accessToken, token }
  }

  /** Ends a token of the viewer's; one that has ended stays as it is. @throws ApiError NOT_FOUND when it is none of theirs. */
  async revoke(id: Id): Promise<AccessTokenRow> {
    const { userId } = requireSession(this.db.caller.viewer)
    return this.db.transaction(async (tx) => {
      await end(tx, { userId, id }, AccessTokenEndReason.REVOKED)
      const token = await new AccessTokenRepository(tx).findOwn(id, userId)
      if (!token) throw notFound('access token')
      return token
    })
  }

  /** Ends all tokens of a person. Call it after their sessions have been ended in the same transaction. */
  async endAll(userId: Id, reason: Parameters<AccessTokenRepository['end']>[1]): Promise<void> {
    await this.db.transaction((tx) => end(tx, { userId }, reason))
  }
}

function expiryOf({ expiresAt }: CreateAccessTokenInput, now: Date): Date {
  const until = expiresAt ?? later(now, LIFETIME.usual)
  if (until > now && until <= later(now, LIFETIME.longest)) return until
  const message = `Choose a moment within the next ${LIFETIME.longest / DAY} days.`
  throw rejected('expiresAt', UserErrorCode.INVALID, message)
}

async function end(
  tx: Database,
  ...[owned, reason]: Parameters<AccessTokenRepository['end']>
): Promise<void> {
  for (const id of await new AccessTokenRepository(tx).end(owned, reason)) {
    await new AuditService(tx).record('access-token.revoked', {
      subjectId: owned.userId,
      target: toGlobalId('access_token', id),
      details: { reason },
    })
    await tx.notify(ACCESS_TOKEN_REVOKED, { accessTokenId: id })
  }
}
