import type { Context } from '../../context/context'
import { Transport } from './transport'

/** Puts a token where its client wants to carry it: into the cookie, or into the answer. */
export function carry(
  context: Context,
  token: string,
  session: { transport: Transport; expiresAt: Date },
): string | null {
  if (session.transport === Transport.BEARER) return token
  context.exchange.cookie = { token, expiresAt: session.expiresAt }
  return null
}
