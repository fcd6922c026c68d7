import { IsNull, MoreThan } from 'typeorm'
import { authorityOf, reasonsCount, type GrantedRole } from '../../core/authority'
import type { Id } from '../../core/id'
import type { Permission } from '../../core/permission'
import type { Recognised, WithAccessToken } from '../../core/viewer'
import type { Database } from '../../db/database'
import { ownOrWithinReach } from '../../db/reach'
import { lacksConsentSql, requiredConsents } from '../consent/consent-sql'
import { heldSql } from '../role/held-sql'
import { isActive } from '../user/user-status'
import { AccessToken } from './access-token.entity'
import { AccessTokenEndReason } from './end-reason'

/** What is shown of a token, with the reason of an end that time alone has brought about. */
export type AccessTokenRow = Omit<AccessToken, 'tokenHash'>

/** The most tokens that are listed of one person; the oldest that have ended are left out. */
const MAX_LISTED = 200

/** Token, owner and permissions in one statement, the only one that a request with a token pays for being recognised. */
const viewerBy = (condition: string) => (isConsentRequired: boolean) => `
  SELECT token.id, token.user_id, token.last_used_at, token.scopes, person.username, held.grants,
    least(token.expires_at, held.end_at) AS until,
    ${isConsentRequired ? lacksConsentSql('token.user_id', '$3', '$4') : 'false'} AS lacks_consent
  FROM access_tokens token
  JOIN users person ON person.id = token.user_id
  CROSS JOIN LATERAL (${heldSql('token.user_id', '$2')}) held
  WHERE ${condition} AND token.revoked_at IS NULL AND token.expires_at > $2 AND ${isActive('person', '$2')}`

const VIEWER_BY_TOKEN = viewerBy('token.token_hash = $1')
const VIEWERS_BY_ID = viewerBy('token.id = ANY($1::uuid[])')

interface ViewerRow {
  id: Id
  user_id: Id
  last_used_at: Date | null
  username: string
  scopes: string[]
  grants: GrantedRole[]
  until: Date
  lacks_consent: boolean
}

/** Every question about access tokens. People see their own; `security:read` sees all. */
export class AccessTokenRepository {
  constructor(private readonly db: Database) {}

  /**
   * Whom this token stands for at this moment; null for one that does not work.
   * @visibility it finds out who the viewer is
   */
  async findViewer(tokenHash: Buffer): Promise<Recognised<WithAccessToken> | null> {
    const [recognised] = await this.find(VIEWER_BY_TOKEN, tokenHash)
    return recognised ?? null
  }

  /**
   * Those for whom tokens stand at this moment, by the tokens' ids; those that do not work are left out.
   * @visibility it finds out who the viewer is
   */
  async findViewersOf(ids: readonly Id[]): Promise<Recognised<WithAccessToken>[]> {
    return this.find(VIEWERS_BY_ID, ids)
  }

  /** The tokens of a person, newest first: those that work, and those that ended not long ago where asked for. */
  async findByUser(userId: Id, includeEnded: boolean): Promise<AccessTokenRow[]> {
    const tokens = await this.db
      .repo(AccessToken)
      .createQueryBuilder('token')
      .where({ userId, ...(!includeEnded && this.isLive()) })
      .andWhere(...ownOrWithinReach(this.db.caller.viewer, 'token.userId', 'security:read'))
      .orderBy('token.createdAt', 'DESC')
      .addOrderBy('token.id', 'DESC')
      .take(MAX_LISTED)
      .getMany()
    return tokens.map((token) => this.shown(token))
  }

  /** @visibility the owner is in the WHERE */
  async findOwn(id: Id, userId: Id): Promise<AccessTokenRow | null> {
    const token = await this.db.repo(AccessToken).findOneBy({ id, userId })
    return token && this.shown(token)
  }

  /**
   * How many tokens of a person work.
   * @visibility the owner asks before another is made
   */
  async countLive(userId: Id): Promise<number> {
    return this.db.repo(AccessToken).countBy({ userId, ...this.isLive() })
  }

  async add(token: AccessToken): Promise<void> {
    await this.db.repo(AccessToken).insert(token)
  }

  /**
   * Ends those tokens of a person that work, or one of them; returns the ids of those that it ended.
   * @visibility whoever ends one has been found to be allowed to
   */
  async end(
    owned: { userId: Id; id?: Id },
    endReason: Exclude<AccessTokenEndReason, AccessTokenEndReason.EXPIRED>,
  ): Promise<Id[]> {
    const ended = await this.db
      .repo(AccessToken)
      .createQueryBuilder()
      .update()
      .set({ revokedAt: this.db.now, endReason })
      .where({ ...owned, ...this.isLive() })
      .returning('id')
      .execute()
    return (ended.raw as { id: Id }[]).map(({ id }) => id)
  }

  /** Notes when tokens were last used. One that was less than a minute ago, also by another process, stays as it is. */
  async see(lastUsed: ReadonlyMap<Id, Date>): Promise<void> {
    await this.db.query(
      `UPDATE access_tokens SET last_used_at = used.at
       FROM unnest($1::uuid[], $2::timestamptz[]) AS used (id, at)
       WHERE access_tokens.id = used.id
         AND (last_used_at IS NULL OR last_used_at <= used.at - interval '1 minute')`,
      [[...lastUsed.keys()], [...lastUsed.values()]],
    )
  }

  private isLive() {
    return { revokedAt: IsNull(), expiresAt: MoreThan(this.db.now) }
  }

  private shown({ tokenHash: _, ...token }: AccessToken): AccessTokenRow {
    const isExpired = token.revokedAt === null && token.expiresAt <= this.db.now
    return isExpired ? { ...token, endReason: AccessTokenEndReason.EXPIRED } : token
  }

  private async find(
    sqlFor: (isConsentRequired: boolean) => string,
    carried: Buffer | readonly Id[],
  ): Promise<Recognised<WithAccessToken>[]> {
    const consents = requiredConsents(this.db)
    const rows = await this.db.query<ViewerRow>(sqlFor(consents.length > 0), [
      carried,
      this.db.now,
      ...consents,
    ])
    return rows.map(recognised)
  }
}

function recognised(row: ViewerRow): Recognised<WithAccessToken> {
  const keeps = (permission: Permission) => row.scopes.includes(permission)
  return {
    viewer: {
      kind: 'signed-in',
      userId: row.user_id,
      username: row.username,
      sessionId: null,
      accessTokenId: row.id,
      lacksConsent: row.lacks_consent,
      ...authorityOf(row.grants, { keeps }),
    },
    withReason: reasonsCount(row.grants) ? authorityOf(row.grants, { keeps, hasReason: true }) : null,
    lastSeenAt: row.last_used_at,
    until: row.until,
  }
}
