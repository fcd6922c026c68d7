import { LRUCache } from 'lru-cache'
import { BROWSER_MAP, OS_MAP, parse } from 'bowser'

/** On what something was done, as coarsely as figures need it; null for what is not known. */
export interface Device {
  deviceClass: string | null
  /** Its family, without a version: `Firefox`. */
  browser: string | null
  /** Its family, without a version: `Linux`. */
  os: string | null
}

/** How much of a `User-Agent` is looked at; what browsers send is shorter. In characters. */
const MAX_USER_AGENT = 512

/** What a client calls itself besides may be anything, a version or a person included: only names that are known are kept. */
const BROWSERS: ReadonlySet<string> = new Set(Object.values(BROWSER_MAP))
const SYSTEMS: ReadonlySet<string> = new Set(Object.values(OS_MAP))

const UNKNOWN: Device = { deviceClass: null, browser: null, os: null }

/** Few clients speak in many words: each is read once. */
const known = new LRUCache<string, Device>({ max: 1_000 })

/** What a client says of itself in its `User-Agent`. */
export function deviceOf(userAgent: string | null | undefined): Device {
  const text = userAgent?.slice(0, MAX_USER_AGENT).trim()
  if (!text) return UNKNOWN
  const found = known.get(text)
  if (found) return found
  const { browser, os, platform } = parse(text)
  const device: Device = {
    deviceClass: platform.type ?? null,
    browser: among(BROWSERS, browser.name),
    os: among(SYSTEMS, os.name),
  }
  known.set(text, device)
  return device
}

const among = (known: ReadonlySet<string>, name: string | undefined): string | null =>
  name !== undefined && known.has(name) ? name : null
