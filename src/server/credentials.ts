import { parse as parseCookies } from 'cookie'
import type { IncomingHttpHeaders } from 'node:http'
import { TOKEN_PREFIX } from '../crypto/token'

/** `__Host-` makes browsers insist on Secure, on our host alone and on all of its paths (RFC 6265bis §4.1.3.2). */
export const COOKIE_NAME = '__Host-portico'

const BEARER = /^Bearer +([\w-]+)$/i

/** The token that a request carries, and how; null for a stranger. A bearer token counts before a cookie. */
export function tokenOf(headers: IncomingHttpHeaders): { token: string; fromCookie: boolean } | null {
  if (headers.authorization !== undefined) {
    const token = BEARER.exec(headers.authorization)?.[1]
    return token?.startsWith(TOKEN_PREFIX) ? { token, fromCookie: false } : null
  }
  const token = headers.cookie === undefined ? undefined : parseCookies(headers.cookie)[COOKIE_NAME]
  return token?.startsWith(TOKEN_PREFIX) ? { token, fromCookie: true } : null
}

/** Whether a page of this origin may use the credentials of a person's cookie. */
export function isTrustedOrigin(origin: string, publicUrl: string, allowed: readonly string[]): boolean {
  return origin === new URL(publicUrl).origin || allowed.includes(origin)
}
