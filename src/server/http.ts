import { fastifyApolloHandler } from '@as-integrations/fastify'
import type { ApolloServer, BaseContext } from '@apollo/server'
import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { GraphQLError } from 'graphql'
import type { Config } from '../config/config'
import type { Context } from '../context/context'
import { DAY } from '../core/clock'
import { ApiError, type ErrorCode } from '../core/error'
import { translate } from '../db/database-error'
import { withStatus } from './apollo'
import { tokenCookie } from './cookie'
import { isTrustedOrigin, tokenOf } from './credentials'
import { newRequestId, type Requests } from './requests'

export const GRAPHQL_PATH = '/graphql'

/** Largest request body, in bytes. */
const BODY_LIMIT = 100 * 1024

declare module 'fastify' {
  interface FastifyRequest {
    context?: Context
  }
}

/** The HTTP server without its routes: headers, limits, errors and one log line a request. */
export async function createHttp(config: Config, logger: FastifyBaseLogger): Promise<FastifyInstance> {
  const http = fastify({
    loggerInstance: logger,
    disableRequestLogging: true,
    genReqId: newRequestId,
    requestIdLogLabel: 'requestId',
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    keepAliveTimeout: 65_000,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    clientErrorHandler: (error, socket) => {
      if (socket.writable) socket.end(`HTTP/1.1 400 Bad Request\r\n${BARE_HEADERS}Connection: close\r\nContent-Length: 0\r\n\r\n`)
      logger.debug({ code: (error as NodeJS.ErrnoException).code }, 'A client sent something that is not HTTP')
    },
  })
  await http.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] } },
    strictTransportSecurity: { maxAge: (365 * DAY) / 1000, includeSubDomains: true },
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginEmbedderPolicy: false,
  })
  await http.register(cors, {
    origin: (origin, answer) => answer(null, origin !== undefined && isTrustedOrigin(origin, config.publicUrl, config.corsOrigins)),
    credentials: true,
    methods: ['GET', 'POST'],
    allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'x-apollo-operation-name', 'apollo-require-preflight'],
    exposedHeaders: ['x-request-id', 'retry-after'],
    maxAge: DAY / 1000,
  })
  http.removeContentTypeParser('text/plain')
  http.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
    reply.header('cache-control', 'no-store')
    // A body that inflates is a bomb that no limit on its bytes would stop.
    if (request.headers['content-encoding'] !== undefined && request.headers['content-encoding'] !== 'identity') {
      return fail(reply, 415, 'BAD_USER_INPUT', 'Send the body without compression.')
    }
    return undefined
  })
  http.addHook('onResponse', async (request, reply) => logRequest(logger, request, reply))
  http.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0]!
    const allowed = METHODS.filter((method) => http.hasRoute({ method, url: path }))
    if (allowed.length === 0) return fail(reply, 404, 'NOT_FOUND', 'There is nothing here; the API is at /graphql.')
    reply.header('allow', allowed.join(', '))
    return fail(reply, 405, 'BAD_USER_INPUT', `Use ${allowed.join(' or ')}.`)
  })
  http.setErrorHandler((error: Error & { statusCode?: number; code?: string }, request, reply) => {
    const status = error.statusCode ?? 500
    if (status < 500) return fail(reply, status, 'BAD_USER_INPUT', MESSAGES[status] ?? 'The request is malformed.')
    request.log.error({ err: error }, 'A request failed')
    return fail(reply, 500, 'INTERNAL', 'Something went wrong on our side.')
  })
  return http
}

const METHODS = ['GET', 'POST'] as const

const BARE_HEADERS = [
  "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options: nosniff',
  'Referrer-Policy: no-referrer',
  'Cache-Control: no-store',
  `Strict-Transport-Security: max-age=${(365 * DAY) / 1000}; includeSubDomains`,
  '',
].join('\r\n')

const MESSAGES: Record<number, string> = {
  400: 'The body is not the JSON that it is said to be.',
  413: `The body is too large; at most ${BODY_LIMIT} bytes are read.`,
  415: 'Send the operation as application/json.',
}

/** An answer to a request that did not become an operation, in the shape of all answers. */
function fail(reply: FastifyReply, status: number, code: ErrorCode, message: string): FastifyReply {
  const requestId = code === 'INTERNAL' ? { requestId: reply.request.id } : {}
  return reply.code(status).send({ errors: [{ message, extensions: { code, ...requestId } }] })
}

/** Puts Apollo on its path, with a context for each request and the cookie that its answer sets. */
export function serveGraphql(http: FastifyInstance, apollo: ApolloServer<BaseContext>, requests: Requests, config: Config): void {
  http.route({
    method: ['GET', 'POST'],
    url: GRAPHQL_PATH,
    preHandler: async (request, reply) => {
      const carried = tokenOf(request.headers)
      if (carried?.fromCookie && !isSameSite(request, config)) {
        return fail(reply, 403, 'FORBIDDEN', 'Pages of other origins may not use the cookie. The operator can allow yours with CORS_ORIGINS.')
      }
      // Apollo refuses plain GETs as possible forgeries; without a cookie, or from our own pages, there is nothing to forge.
      if (request.method === 'GET') request.headers['apollo-require-preflight'] ??= 'given'
      return undefined
    },
    handler: fastifyApolloHandler(apollo, { context: (request, reply) => contextOf(request, reply, requests) }) as never,
  })
  http.addHook('onSend', async (request, reply) => {
    const cookie = request.context?.exchange.cookie
    if (cookie) reply.header('set-cookie', tokenCookie(cookie.token, cookie.expiresAt))
  })
  http.addHook('onResponse', async (request) => {
    if (request.context) requests.conclude(request.context)
  })
}

async function contextOf(request: FastifyRequest, _reply: FastifyReply, requests: Requests): Promise<BaseContext> {
  try {
    request.context = await requests.contextOf({ headers: request.headers, requestId: request.id, address: request.ip })
    return request.context as unknown as BaseContext
  } catch (error) {
    const known = translate(error)
    if (known instanceof ApiError) throw withStatus(known)
    throw new GraphQLError('The context could not be made.', { originalError: error as Error })
  }
}

/** Whether the browser says that the request comes from a page of ours or of an allowed origin (Fetch Metadata). */
function isSameSite(request: FastifyRequest, config: Config): boolean {
  const { origin } = request.headers
  if (origin !== undefined) return isTrustedOrigin(origin, config.publicUrl, config.corsOrigins)
  const site = request.headers['sec-fetch-site']
  return site === undefined || site === 'same-origin' || site === 'none'
}

/** One line a request. It names the operation, never its variables, nor who asked. */
function logRequest(logger: FastifyBaseLogger, request: FastifyRequest, reply: FastifyReply): void {
  const operation = request.context?.exchange.operation
  logger.info(
    {
      requestId: request.id,
      method: request.method,
      path: request.url.split('?')[0],
      status: reply.statusCode,
      durationMs: Math.round(reply.elapsedTime * 10) / 10,
      ...(operation && {
        operation: operation.name,
        kind: operation.kind,
        cost: operation.cost,
        ...(operation.errorCodes.length > 0 && { errorCodes: operation.errorCodes }),
      }),
    },
    'request',
  )
}
