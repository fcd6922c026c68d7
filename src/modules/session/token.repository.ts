import { IsNull } from 'typeorm'
import { authorityOf, type GrantedRole } from '../../core/authority'
import type { Id } from '../../core/id'
import type { Permission } from '../../core/permission'
import type { Impersonator, InSession, Recognised } from '../../core/viewer'
import type { Database } from '../../db/database'
import { isMemberOf } from '../../db/reach'
import { lacksConsentSql, requiredConsents } from '../consent/consent-sql'
import { heldSql } from '../role/held-sql'
import { isActive } from '../user/user-status'
import type { AuthenticationMethod } from './authentication-method'
import { endOf, plus } from './session-end'
import { SUPERSEDED_GRACE } from './session-limits'
import { Session } from './session.entity'
import { standingOf, type Standing } from './standing'
import { SupersededToken } from './superseded-token.entity'

/** A grant that reaches whoever the session stands for. */
const OVER_PERSON = `(held.group_id IS NULL OR ${isMemberOf('session.user_id', 'ARRAY[held.group_id]')})`

/**
 * Session, person and permissions in one statement: the only one that every request of a signed-in person pays. `carried`
 * is a query for the session, and until when what was carried stands for it.
 */
const viewerBy = (carried: string) => (isConsentRequired: boolean) => `
  SELECT session.id, session.user_id, session.methods, session.authenticated_at, session.last_seen_at, person.username, held.grants,
    session.impersonator_id, impersonator.username AS impersonator_username, theirs.grants AS impersonator_grants,
    least(own.ends_at, carried.ends_at, held.end_at, theirs.end_at) AS until,
    ${isConsentRequired ? lacksConsentSql('session.user_id', '$3', '$4') : 'false'} AS lacks_consent
  FROM (${carried}) carried
  JOIN sessions session ON session.id = carried.session_id
  JOIN users person ON person.id = session.user_id
  CROSS JOIN LATERAL (${heldSql('session.user_id', '$2')}) held
  LEFT JOIN users impersonator ON impersonator.id = session.impersonator_id AND ${isActive('impersonator', '$2')}
  LEFT JOIN LATERAL (${heldSql('impersonator.id', '$2', OVER_PERSON)}) theirs ON impersonator.id IS NOT NULL
  CROSS JOIN LATERAL (SELECT ${endOf('held.is_staff')} AS ends_at) own
  WHERE session.ended_at IS NULL AND ${isActive('person', '$2')} AND least(own.ends_at, carried.ends_at) > $2`

const VIEWER_BY_TOKEN = viewerBy(`
  SELECT id AS session_id, NULL::timestamptz AS ends_at FROM sessions WHERE token_hash = $1
  UNION ALL
  SELECT session_id, ${plus('superseded_at', SUPERSEDED_GRACE)} FROM superseded_tokens WHERE token_hash = $1 AND NOT is_void`)

const VIEWERS_BY_SESSION = viewerBy('SELECT unnest($1::uuid[]) AS session_id, NULL::timestamptz AS ends_at')

interface ViewerRow {
  id: Id
  user_id: Id
  methods: AuthenticationMethod[]
  authenticated_at: Date
  last_seen_at: Date
  username: string
  grants: GrantedRole[]
  impersonator_id: Id | null
  impersonator_username: string | null
  impersonator_grants: GrantedRole[] | null
  until: Date
  lacks_consent: boolean
}

/**
 * Every question about tokens: whom they stand for, and which of them were superseded. Nobody reads one.
 * @visibility it finds out who the viewer is
 */
export class TokenRepository {
  constructor(private readonly db: Database) {}

  /** Whom this token stands for at this moment; null for one that does not work. */
  async findViewer(tokenHash: Buffer): Promise<Recognised<InSession> | null> {
    const [recognised] = await this.find(VIEWER_BY_TOKEN, tokenHash)
    return recognised ?? null
  }

  /** The holders of these sessions at this moment, with one statement; those that are over are left out. */
  async findViewersOf(sessionIds: readonly Id[]): Promise<Recognised<InSession>[]> {
    return this.find(VIEWERS_BY_SESSION, sessionIds)
  }

  /** The open session whose token this was, and should not be used any more; null for every other token. */
  async findMisused(tokenHash: Buffer): Promise<Pick<Session, 'id' | 'userId' | 'deviceName'> | null> {
    const { now } = this.db
    const [session] = await this.db.query<{ id: Id; user_id: Id; device_name: string }>(
      `SELECT session.id, session.user_id, session.device_name
       FROM superseded_tokens token JOIN sessions session ON session.id = token.session_id
       WHERE token.token_hash = $1 AND ${plus('token.superseded_at', SUPERSEDED_GRACE)} <= $2
         AND session.ended_at IS NULL AND ${endOf('false')} > $2`,
      [tokenHash, now],
    )
    return session ? { id: session.id, userId: session.user_id, deviceName: session.device_name } : null
  }

  /**
   * Gives an open session another token. Its row is locked, so that those who do this at once take turns, each superseding
   * what the one before has made: a session has one token that lasts. False when the session has ended, or when its
   * holder has proven anew who they are since `authenticatedAt`, which made the token void that this rests on.
   */
  async rotate(sessionId: Id, tokenHash: Buffer, authenticatedAt: Date): Promise<boolean> {
    const session = await this.lockOpen(sessionId)
    if (!session || session.authenticatedAt.getTime() !== authenticatedAt.getTime()) return false
    await this.supersede(session, { tokenHash }, false)
    return true
  }

  /** The same after its holder has proven anew who they are: all earlier tokens are dead at once. False when it has ended. */
  async renew(sessionId: Id, tokenHash: Buffer, proven: readonly AuthenticationMethod[]): Promise<boolean> {
    const session = await this.lockOpen(sessionId)
    if (!session) return false
    const methods = [...new Set([...session.methods, ...proven])].sort()
    await this.supersede(session, { tokenHash, authenticatedAt: this.db.now, methods }, true)
    await this.db.repo(SupersededToken).update({ sessionId }, { isVoid: true })
    return true
  }

  private async lockOpen(id: Id): Promise<Session | null> {
    return this.db
      .repo(Session)
      .findOne({ where: { id, endedAt: IsNull() }, lock: { mode: 'pessimistic_write' } })
  }

  private async supersede(
    { id, tokenHash }: Session,
    changes: Partial<Pick<Session, 'tokenHash' | 'authenticatedAt' | 'methods'>>,
    isVoid: boolean,
  ): Promise<void> {
    await this.db
      .repo(SupersededToken)
      .insert({ tokenHash, sessionId: id, supersededAt: this.db.now, isVoid })
    await this.db.repo(Session).update({ id }, changes)
  }

  private async find(
    sqlFor: (isConsentRequired: boolean) => string,
    carried: Buffer | readonly Id[],
  ): Promise<Recognised<InSession>[]> {
    const consents = requiredConsents(this.db)
    const rows = await this.db.query<ViewerRow>(sqlFor(consents.length > 0), [
      carried,
      this.db.now,
      ...consents,
    ])
    return rows.map((row) => this.recognised(row)).filter((one) => one !== null)
  }

  private recognised(row: ViewerRow): Recognised<InSession> | null {
    const holder = {
      userId: row.user_id,
      sessionId: row.id,
      username: row.username,
      authenticatedAt: row.authenticated_at,
      methods: row.methods,
      // Whoever acts as somebody else agrees to nothing in their name.
      lacksConsent: row.lacks_consent && row.impersonator_id === null,
    }
    const standing = standingOf(holder, row.grants, this.db.tools.staffNeedSecondFactor)
    const acting = row.impersonator_id === null ? standing : asImpersonator(standing, row)
    return acting && { ...acting, lastSeenAt: row.last_seen_at, until: row.until }
  }
}

/** What somebody of the staff may who acts as the holder of a session; null where they may not do so any more. */
function asImpersonator(
  { viewer }: Standing,
  {
    grants,
    impersonator_id: userId,
    impersonator_username: username,
    impersonator_grants: theirs,
  }: ViewerRow,
): Standing | null {
  if (userId === null || username === null || theirs === null) return null
  const { permissions, inGroups } = authorityOf(theirs, { hasReason: true })
  const over = new Set([...permissions, ...inGroups.keys()])
  if (!over.has('users:impersonate')) return null
  // As the person, nobody may do what they may not do themselves, nor what the person may not.
  const keeps = (permission: Permission) => over.has(permission) && viewer.permissions.has(permission)
  const impersonator: Impersonator = { userId, username, permissions: over }
  return { viewer: { ...viewer, ...authorityOf(grants, { keeps }), impersonator }, withReason: null }
}
