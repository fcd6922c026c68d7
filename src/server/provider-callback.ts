import type { FastifyInstance } from 'fastify'
import type { Config } from '../config/config'
import { anonymous } from '../core/viewer'
import type { Database } from '../db/database'
import { returnFromProvider } from '../modules/identity/journey'
import { clientAddress, trusting } from './client-address'
import { sendNotice } from './pages/page'

/**
 * What is registered at an identity provider as redirect URI, after PUBLIC_URL. Each has one of its own, so that the answer of
 * one is never taken to another, which would learn a code that is good for somebody (mix-up, RFC 9700 §4.4).
 */
export const callbackPath = (providerId: string): string => `/sign-in/callback/${providerId}`

/** Takes people who come back from an identity provider, and leads them on to where they began (303, RFC 9700 §4.12). */
export function serveProviderCallback(
  http: FastifyInstance,
  { db, config }: { db: Database; config: Pick<Config, 'trustedProxies'> },
): void {
  const trusts = trusting(config.trustedProxies)
  http.get<{ Params: { provider: string } }>(callbackPath(':provider'), async (request, reply) => {
    const address = clientAddress(request.raw, trusts)
    const asStranger = db.as({ viewer: anonymous, requestId: request.id, address })
    const answer = new URLSearchParams(request.raw.url!.split('?')[1] ?? '')
    const way = await returnFromProvider(asStranger, request.params.provider, answer)
    if (!way) {
      return sendNotice(
        reply.code(400),
        'This sign-in cannot be finished',
        'It was finished already, or has taken too long. Go back to where you began, and begin again.',
      )
    }
    if (way.failure && way.failure.problem !== 'access_denied')
      request.log.warn(
        { problem: way.failure.problem, reason: way.failure.reason },
        'A journey to an identity provider failed',
      )
    return reply.code(303).header('location', way.location).send()
  })
}
