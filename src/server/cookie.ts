import { serialize } from 'cookie'
import { COOKIE_NAME } from './credentials'

/** The `Set-Cookie` header that gives a browser its token, or takes it away. */
export const tokenCookie = (token: string | null, expiresAt: Date | null): string =>
  serialize(COOKIE_NAME, token ?? '', {
    path: '/',
    secure: true,
    httpOnly: true,
    sameSite: 'lax',
    ...(token === null ? { maxAge: 0 } : { expires: expiresAt ?? undefined }),
  })
