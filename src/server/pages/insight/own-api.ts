import type { FastifyInstance, FastifyRequest } from 'fastify'
import { createPortico, type Portico } from '../../../sdk/portico'
import { GRAPHQL_PATH } from '../../graphql-route'

/** What of a request says who asks, and from where. */
const CARRIED = ['cookie', 'user-agent', 'x-forwarded-for', 'accept-language'] as const

/**
 * The public API for whoever asks for a page, by the SDK as any client uses it, without a network in between. The page must be one that a
 * GET from anywhere may show: it is shown to whom the cookie is of, and nobody frames it.
 */
export function ownApi(http: FastifyInstance, { headers, raw }: FastifyRequest): Portico {
  const carried = Object.fromEntries(
    CARRIED.flatMap((name) => (headers[name] ? [[name, headers[name]]] : [])),
  )
  return createPortico({
    url: `http://localhost${GRAPHQL_PATH}`,
    fetch: async (_url, { method, headers: own, body } = {}) => {
      const answer = await http.inject({
        method: method as 'POST',
        url: GRAPHQL_PATH,
        headers: { ...Object.fromEntries(new Headers(own)), ...carried },
        payload: body as string,
        remoteAddress: raw.socket.remoteAddress,
      })
      return new Response(answer.body, {
        status: answer.statusCode,
        headers: { 'content-type': String(answer.headers['content-type']) },
      })
    },
  })
}
