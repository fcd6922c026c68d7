import type { Id } from './id'
import { anonymous, type Viewer } from './viewer'

/** On whose behalf something happens, and from where: what the audit trail needs to know of a request. */
export interface Caller {
  readonly viewer: Viewer
  readonly requestId: string | null
  /** The client's address as far as it can be trusted; null for work that no request caused. */
  readonly address: string | null
  /** Why somebody of the staff looks, in their own words: the `Access-Reason` header. */
  readonly reason?: string | null
  /** The `User-Agent` header, for naming a device and its kind; nothing else is done with it, and it is stored nowhere. */
  readonly userAgent?: string | null
  /** Whether the client asks that nobody follows what is done with it: `Sec-GPC: 1` (Global Privacy Control), or `DNT: 1`. */
  readonly objectsToTracking?: boolean
}

/** Portico itself: jobs, commands, demo data. */
export const system: Caller = Object.freeze({ viewer: anonymous, requestId: null, address: null })

/** The data-key owner of facts that belong to nobody, such as the address of a stranger's failed sign-in. */
export const SYSTEM_OWNER: Id = '00000000-0000-0000-0000-000000000000'
