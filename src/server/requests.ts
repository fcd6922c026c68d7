import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { Context } from '../context/context'
import type { Background } from '../core/background'
import type { Id } from '../core/id'
import { anonymous, type Viewer } from '../core/viewer'
import type { Database } from '../db/database'
import type { PubSub } from '../db/pub-sub'
import { AuditOutcome } from '../modules/audit/audit-event'
import { AuditService } from '../modules/audit/audit.service'
import { SessionService } from '../modules/session/session.service'
import type { LastSeen } from './last-seen'
import { tokenOf } from './credentials'

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
  ) {}

  async contextOf({ headers, requestId, address }: Origin): Promise<Context> {
    const viewer = await this.viewerOf(headers)
    return new Context(this.db.as({ viewer, requestId, address }), this.pubSub, {
      idempotencyKey: singleHeader(headers['idempotency-key']),
      userAgent: headers['user-agent'] ?? null,
    })
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

  /** The session that these credentials stand for at this moment; null for none. Asking does not count as using it. */
  async sessionOf(headers: IncomingHttpHeaders): Promise<Id | null> {
    return (await this.find(headers))?.viewer.sessionId ?? null
  }

  private async viewerOf(headers: IncomingHttpHeaders): Promise<Viewer> {
    const found = await this.find(headers)
    if (!found) return anonymous
    this.lastSeen.note(found.viewer, found.lastSeenAt)
    return found.viewer
  }

  private async find(headers: IncomingHttpHeaders) {
    const carried = tokenOf(headers)
    return carried && (await new SessionService(this.db).findViewer(carried.token))
  }
}

const singleHeader = (value: string | string[] | undefined): string | null =>
  Array.isArray(value) ? value.join(', ') : (value ?? null)
