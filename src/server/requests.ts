import DataLoader from 'dataloader'
import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { Context } from '../context/context'
import type { Background } from '../core/background'
import type { Caller } from '../core/caller'
import type { Id } from '../core/id'
import { accessTokenIdOf, anonymous, type Recognised, type SignedIn, type Viewer } from '../core/viewer'
import { hashToken, isAccessToken } from '../crypto/token'
import type { Database } from '../db/database'
import type { PubSub } from '../db/pub-sub'
import { AccessTokenService } from '../modules/access-token/access-token.service'
import { ActivityService } from '../modules/activity/activity.service'
import { AuditOutcome } from '../modules/audit/audit-event'
import { AuditService } from '../modules/audit/audit.service'
import { SessionService } from '../modules/session/session.service'
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

/** How many holders are looked up with one statement: some are told of an event while others are still looked up. */
const HOLDERS_AT_ONCE = 100

/** Makes the context of each request, and closes its books afterwards. */
export class Requests {
  // An event reaches many sockets in one tick. Nothing is remembered: each is asked for anew.
  private readonly sessionHolders = holderLoader((ids) => new SessionService(this.db).findViewersOf(ids))
  private readonly tokenHolders = holderLoader((ids) => new AccessTokenService(this.db).findViewersOf(ids))

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
    const carried = carriedBy(headers)
    const exchange = { idempotencyKey: singleHeader(headers['idempotency-key']) }
    if (carried === null) return new Context(this.db.as(caller), this.pubSub, exchange)
    const ask = () => this.viewers.learn(carried.hash, () => carried.recognise(this.db.as(caller)))
    const remembered = this.viewers.recall(carried.hash)
    const viewer = this.seen(remembered ?? (await ask()), caller)
    return new Context(this.db.as({ ...caller, viewer }), this.pubSub, {
      ...exchange,
      ...(remembered && { identify: async () => this.seen(await ask(), caller) }),
    })
  }

  /** For something that is asked on an open socket, in the name of whoever opened it: a session, whatever its token by now. */
  async contextOfHolder(origin: Origin, holder: SignedIn | null): Promise<Context> {
    const found = holder && (await this.findAgain(holder))
    const caller = callerOf(origin)
    return new Context(this.db.as({ ...caller, viewer: this.seen(found, caller) }), this.pubSub, {
      idempotencyKey: null,
    })
  }

  /**
   * Records what the policy refused, once for the whole request, and where it took so many milliseconds that something was asked; without
   * letting the answer wait.
   */
  conclude(context: Context, duration: number | null = null): void {
    const { operation } = context.exchange
    if (duration !== null && (operation?.kind === 'query' || operation?.kind === 'mutation'))
      new ActivityService(context.db).noteOperation({
        name: operation.name,
        type: operation.kind,
        outcome: operation.errorCodes[0] ?? 'OK',
        duration,
      })
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
    const found = await carriedBy(origin.headers)?.recognise(this.db.as(callerOf(origin)))
    return found?.viewer ?? null
  }

  /** Whether a session is open, or an access token works, at this moment. Asking does not count as using it. */
  async isOpen(holder: SignedIn): Promise<boolean> {
    return (await this.findAgain(holder)) !== null
  }

  private async findAgain(holder: SignedIn): Promise<Recognised | null> {
    return holder.sessionId !== null
      ? this.sessionHolders.load(holder.sessionId)
      : this.tokenHolders.load(holder.accessTokenId)
  }

  private seen(recognised: Recognised | null, { reason }: Caller): Viewer {
    if (!recognised) return anonymous
    this.lastSeen.note(recognised)
    const { viewer, withReason } = recognised
    return withReason && reason ? { ...viewer, ...withReason } : viewer
  }
}

/** Finds the holders of sessions or tokens by their ids, all that are asked for in the same tick at once. */
const holderLoader = (find: (ids: readonly Id[]) => Promise<Recognised[]>) =>
  new DataLoader<Id, Recognised | null>(
    async (ids) => {
      const found = new Map(
        (await find(ids)).map((one) => [one.viewer.sessionId ?? accessTokenIdOf(one.viewer), one]),
      )
      return ids.map((id) => found.get(id) ?? null)
    },
    { cache: false, maxBatchSize: HOLDERS_AT_ONCE },
  )

/** Whoever asks is nobody yet. */
const callerOf = ({ headers, requestId, address }: Origin): Caller => ({
  viewer: anonymous,
  requestId,
  address,
  userAgent: headers['user-agent'] ?? null,
  objectsToTracking: headers['sec-gpc'] === '1' || headers['dnt'] === '1',
  reason: reasonOf(singleHeader(headers['access-reason'])),
})

/** Longest reason that is kept, in characters. */
const MAX_REASON = 500

/** Headers carry no more than Latin-1, so a reason may be percent-encoded UTF-8. */
function reasonOf(header: string | null): string | null {
  if (header === null) return null
  const text = header.replaceAll(/%[0-9a-f]{2}/gi, (code) =>
    String.fromCharCode(Number.parseInt(code.slice(1), 16)),
  )
  return (
    Buffer.from(text, 'latin1').toString('utf8').replaceAll(/\p{C}/gu, ' ').trim().slice(0, MAX_REASON) ||
    null
  )
}

/** What a request carries as its token: the hash, and how to find out whom it stands for. */
interface Carried {
  hash: Buffer
  recognise(db: Database): Promise<Recognised | null>
}

function carriedBy(headers: IncomingHttpHeaders): Carried | null {
  const carried = tokenOf(headers)
  if (carried === null) return null
  const hash = hashToken(carried.token)
  const Holders = isAccessToken(carried.token) ? AccessTokenService : SessionService
  return { hash, recognise: (db) => new Holders(db).recognise(hash) }
}

const singleHeader = (value: string | string[] | undefined): string | null =>
  Array.isArray(value) ? value.join(', ') : (value ?? null)
