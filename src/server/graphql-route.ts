import { fastifyApolloHandler } from '@as-integrations/fastify'
import type { ApolloServer, BaseContext } from '@apollo/server'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import type { Config } from '../config/config'
import type { Context } from '../context/context'
import type { Executor } from '../graphql/executor'
import { withStatus } from './apollo'
import { clientAddress, trusting } from './client-address'
import { tokenCookie } from './cookie'
import { mayUseCookie, tokenOf } from './credentials'
import { refuse } from './http'
import type { Requests } from './requests'

export const GRAPHQL_PATH = '/graphql'

declare module 'fastify' {
  interface FastifyRequest {
    context?: Context
  }
}

export interface GraphqlRouteOptions {
  apollo: ApolloServer<BaseContext>
  executor: Executor
  requests: Requests
  config: Config
}

/** Puts Apollo on its path, with a context for each request and the cookie that its answer sets. */
export function serveGraphql(
  http: FastifyInstance,
  { apollo, executor, requests, config }: GraphqlRouteOptions,
): void {
  const trusts = trusting(config.trustedProxies)
  const answer = fastifyApolloHandler(apollo, {
    context: async (request: FastifyRequest) => {
      try {
        const address = clientAddress(request.raw, trusts)
        request.context = await requests.contextOf({
          headers: request.headers,
          requestId: request.id,
          address,
        })
        return request.context
      } catch (error) {
        throw withStatus(executor.mask(error, request.id))
      }
    },
  }) as unknown as (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>

  const handler: RouteHandlerMethod = async (request, reply) => {
    try {
      return await answer(request, reply)
    } finally {
      if (request.context) {
        const { cookie } = request.context.exchange
        if (cookie) reply.header('set-cookie', tokenCookie(cookie.token, cookie.expiresAt))
        requests.conclude(request.context, reply.elapsedTime)
      }
    }
  }

  http.route({
    method: ['GET', 'POST'],
    url: GRAPHQL_PATH,
    onRequest: (request, reply, next) => {
      if (!acceptsJson(request.headers.accept)) {
        return refuse(reply, 406, 'Accept application/graphql-response+json or application/json.')
      }
      // Apollo refuses plain GETs as possible forgeries; without a cookie, or from our own pages, there is nothing to forge.
      if (request.method === 'GET') request.headers['apollo-require-preflight'] ??= 'given'
      if (!asks(request) || !tokenOf(request.headers)?.fromCookie || mayUseCookie(request, config))
        return next()
      return refuse(
        reply,
        403,
        'Pages of other origins may not use the cookie. The operator can allow yours with CORS_ORIGINS.',
        'FORBIDDEN',
      )
    },
    handler,
  })
}

/** Whether there is an operation: a browser that is led here by a link elsewhere only gets a page. */
const asks = ({ method, query }: FastifyRequest): boolean =>
  method !== 'GET' || (query as { query?: unknown }).query !== undefined

/** Apollo finds out that its answer is not wanted only when it has carried out the operation. */
const acceptsJson = (accept = '*/*'): boolean =>
  /\*\/\*|application\/(\*|json|graphql-response\+json)/i.test(accept)
