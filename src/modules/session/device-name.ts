import { parse } from 'bowser'

/** How much of a `User-Agent` is looked at; what browsers send is shorter. In characters. */
const MAX_USER_AGENT = 512

const MAX_NAME = 60

/** Systems that run on one kind of device, which says more to its owner. */
const LESS_THAN_ITS_MODEL = ['iOS']

/** A program's name for itself (RFC 9110 §10.1.5), without its version: `curl/8.5.0` is curl. */
const PRODUCT = /^(?!Mozilla\b)([A-Za-z][A-Za-z0-9_.-]{0,39})(?:\/[\d.]|$)/

/** What a client says of itself, as a person would: "Firefox on Linux", "Safari on iPhone". Null where it says nothing. */
export function deviceNameOf(userAgent: string | null | undefined): string | null {
  const text = userAgent?.slice(0, MAX_USER_AGENT).trim()
  if (!text) return null
  const { browser, os, platform } = parse(text)
  const program = browser.name?.replace(/^Microsoft /, '') || PRODUCT.exec(text)?.[1]
  const device = os.name && LESS_THAN_ITS_MODEL.includes(os.name) ? (platform.model ?? os.name) : os.name
  const name = program && device ? `${program} on ${device}` : program || device
  return name?.slice(0, MAX_NAME) ?? null
}
