import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { Context } from '../context/context'
import type { Background } from '../core/background'
import type { Id } from '../core/id'
import type { Caller } from '../core/caller'
import { anonymous, type SignedIn, type Viewer } from '../core/viewer'
import { hashToken } from '../crypto/token'
import type { Database } from '../db/database'
import type { PubSub } from '../db/pub-sub'
import { AuditOutcome } from '../modules/audit/audit-event'
import { AuditService } from '../modules/audit/audit.service'
import { SessionService, type Recognised } from '../modules/session/session.service'
import type { LastSeen } from './last-seen'
import { tokenOf } from './credentials'
import type { ViewerCache } from './viewer-cache'

export const newRequestId = (): string => `req_${randomBytes(12).toString('base64url')}`

/** Where a request comes from, whichever transport brought it. */
export interface Origin {
  headers: IncomingHttpHeaders
  requestId: string
  address: string | null
}

/** Makes the context of each request, and closes its books afterwards. */
export class Requests {
  constructor(
    private readonly db: Database,
    private readonly pubSub: PubSub,
    private readonly lastSeen: LastSeen,
    private readonly background: Background,
    private readonly viewers: ViewerCache,
  ) {}

  /** For a request over HTTP, whose credentials came with it. */
  async contextOf({ headers, requestId, address }: Origin): Promise<Context> {
    const caller = callerOf({ headers, requestId, address })
    const tokenHash = tokenHashOf(headers)
    const exchange = { idempotencyKey: singleHeader(headers['idempotency-key']) }
    if (tokenHash === null) return new Context(this.db.as(caller), this.pubSub, exchange)
    const ask = () =>
      this.viewers.learn(tokenHash, () => new SessionService(this.db.as(caller)).recognise(tokenHash))
    const remembered = this.viewers.recall(tokenHash)
    const viewer = this.seen(remembered ?? (await ask()))
    return new Context(this.db.as({ ...caller, viewer }), this.pubSub, {
      ...exchange,
      ...(remembered && { identify: async () => this.seen(await ask()) }),
    })
  }

  /** For something that is asked on an open socket, in the name of the session that opened it, whatever its token by now. */
  async contextOfSession(origin: Origin, sessionId: Id | null): Promise<Context> {
    const found = sessionId === null ? null : await new SessionService(this.db).findViewerOf(sessionId)
    const caller: Caller = { ...callerOf(origin), viewer: this.seen(found) }
    return new Context(this.db.as(caller), this.pubSub, { idempotencyKey: null })
  }

  /** Records what the policy refused, once for the whole request, without letting the answer wait. */
  conclude(context: Context): void {
    if (context.refusals.size === 0) return
    const fields = [...context.refusals].sort()
    context.refusals.clear()
    const audit = new AuditService(context.db)
    this.background.run(
      audit.record('access.refused', { outcome: AuditOutcome.REFUSED, details: { fields } }),
    )
  }

  /** Who these credentials stand for at this moment; null for nobody. */
  async holderOf(origin: Origin): Promise<SignedIn | null> {
    const tokenHash = tokenHashOf(origin.headers)
    if (tokenHash === null) return null
    const found = await new SessionService(this.db.as(callerOf(origin))).recognise(tokenHash)
    return found?.viewer ?? null
  }

  /** Whether a session is open at this moment. Asking does not count as using it. */
  async isOpen(sessionId: Id): Promise<boolean> {
    return (await new SessionService(this.db).findViewerOf(sessionId)) !== null
  }

  private seen(recognised: Recognised | null): Viewer {
    if (!recognised) return anonymous
    this.lastSeen.note(recognised.viewer, recognised.lastSeenAt)
    return recognised.viewer
  }
}

/** Whoever asks is nobody yet. */
const callerOf = ({ headers, requestId, address }: Origin): Caller => ({
  viewer: anonymous,
  requestId,
  address,
  userAgent: headers['user-agent'] ?? null,
})

function tokenHashOf(headers: IncomingHttpHeaders): Buffer | null {
  const carried = tokenOf(headers)
  return carried && hashToken(carried.token)
}

const singleHeader = (value: string | string[] | undefined): string | null =>
  Array.isArray(value) ? value.join(', ') : (value ?? null)
