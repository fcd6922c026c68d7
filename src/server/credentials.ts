import { parse as parseCookies } from 'cookie'
import type { IncomingHttpHeaders } from 'node:http'
import type { Config } from '../config/config'
import { isAccessToken, TOKEN_PREFIX } from '../crypto/token'

/** `__Host-` makes browsers insist on Secure, on our host alone and on all of its paths (RFC 6265bis §4.1.3.2). */
export const COOKIE_NAME = '__Host-portico'

const BEARER = /^Bearer +([\w-]+)$/i

/**
 * The token that a request carries, and how; null for a stranger. A bearer token counts before a cookie, and an access token
 * is for programs, which have none.
 */
export function tokenOf(headers: IncomingHttpHeaders): { token: string; fromCookie: boolean } | null {
  if (headers.authorization !== undefined) {
    const token = BEARER.exec(headers.authorization)?.[1]
    return token?.startsWith(TOKEN_PREFIX) ? { token, fromCookie: false } : null
  }
  const token = headers.cookie === undefined ? undefined : parseCookies(headers.cookie)[COOKIE_NAME]
  return token?.startsWith(TOKEN_PREFIX) && !isAccessToken(token) ? { token, fromCookie: true } : null
}

/** Where we are, and which other origins are as good as ours. */
type Sites = Pick<Config, 'publicUrl' | 'corsOrigins'>

/** Whether a page of this origin may use the credentials of a person's cookie. */
export const isTrustedOrigin = (origin: string, { publicUrl, corsOrigins }: Sites): boolean =>
  origin === new URL(publicUrl).origin || corsOrigins.includes(origin)

/**
 * Whether a request may use the cookie that it carries. A page says where it is from: with `Origin`, or when it gets
 * something from its own origin with `Sec-Fetch-Site` alone (Fetch Metadata), without which a GET could be anybody's.
 */
export function mayUseCookie(
  { method, headers }: { method: string; headers: IncomingHttpHeaders },
  sites: Sites,
): boolean {
  if (headers.origin !== undefined) return isTrustedOrigin(headers.origin, sites)
  const site = headers['sec-fetch-site'] ?? (method === 'GET' ? 'unknown' : 'none')
  return site === 'same-origin' || site === 'none'
}

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]']

/** Whether a `Host` header names this machine as itself, or as the operator calls it. */
export function isLocalName(host: string, { publicUrl }: Sites): boolean {
  const { hostname } = new URL(`http://${host}`)
  return LOOPBACK_NAMES.includes(hostname) || hostname === new URL(publicUrl).hostname
}
