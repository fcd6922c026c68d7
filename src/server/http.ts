import cors from '@fastify/cors'
import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import type { Config } from '../config/config'
import { DAY, SECOND } from '../core/clock'
import type { ErrorCode } from '../core/error'
import { parseUrl } from '../core/url'
import { isLocalName, isTrustedOrigin } from './credentials'
import { answerBare, secureAnswers } from './headers'
import { logRequest } from './log'
import { newRequestId } from './requests'

/** Largest request body, in bytes. */
const BODY_LIMIT = 100 * 1024

const METHODS = ['GET', 'POST', 'PUT'] as const

/** The HTTP server without its routes: headers, limits, errors and one log line a request. */
export async function createHttp(config: Config, logger: FastifyBaseLogger): Promise<FastifyInstance> {
  const http = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: newRequestId,
    bodyLimit: BODY_LIMIT,
    requestTimeout: 30 * SECOND,
    connectionTimeout: 60 * SECOND,
    // Longer than proxies keep theirs, so that it is never we who close a connection which they are about to use.
    keepAliveTimeout: 65 * SECOND,
    // Node would answer a request without a Host by itself, without our headers; we refuse it below.
    http: { requireHostHeader: false, connectionsCheckingInterval: 5 * SECOND },
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    frameworkErrors: (_error, _request, reply) =>
      refuse(reply as FastifyReply, 400, 'The address is malformed.'),
    clientErrorHandler: (error: NodeJS.ErrnoException, socket) => {
      logger.debug({ reason: error.code }, 'A client sent something that is not HTTP')
      const [status, headers] = ANSWERS_TO_NOISE[error.code ?? ''] ?? ['400 Bad Request']
      answerBare(socket, status, headers)
    },
  })
  secureAnswers(http.server)
  await http.register(cors, {
    origin: (origin, answer) => answer(null, origin !== undefined && isTrustedOrigin(origin, config)),
    credentials: true,
    methods: [...METHODS],
    allowedHeaders: [
      'authorization',
      'content-type',
      'access-reason',
      'idempotency-key',
      'x-apollo-operation-name',
      'apollo-require-preflight',
    ],
    exposedHeaders: ['x-request-id', 'retry-after'],
    maxAge: DAY / SECOND,
  })
  readJsonOnly(http)
  http.addHook('onRequest', (request, reply, next) => {
    reply.header('x-request-id', request.id)
    reply.raw.once('close', () => logRequest(logger, request, reply))
    const problem = problemOf(request, config)
    if (problem) refuse(reply, ...problem)
    else next()
  })
  http.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0]!
    const allowed = METHODS.filter((method) => http.hasRoute({ method, url: path }))
    if (allowed.length === 0)
      return refuse(reply, 404, 'There is nothing here; the API is at /graphql.', 'NOT_FOUND')
    return refuse(reply.header('allow', allowed.join(', ')), 405, `Use ${allowed.join(' or ')}.`)
  })
  http.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500
    if (status < 500) return refuse(reply, status, MESSAGES[status] ?? 'The request is malformed.')
    request.log.error({ err: error }, 'A request failed')
    return refuse(reply, 500, 'Something went wrong on our side.', 'INTERNAL')
  })
  return http
}

/** Answers to what the parser of HTTP cannot make a request of, by its error's code. */
const ANSWERS_TO_NOISE: Record<string, [status: string, headers?: Record<string, string>]> = {
  HPE_INVALID_METHOD: ['405 Method Not Allowed', { allow: METHODS.join(', ') }],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout'],
}

const MESSAGES: Record<number, string> = {
  400: 'The body is not the JSON that it is said to be.',
  413: `The body is too large; at most ${BODY_LIMIT} bytes are read.`,
  415: 'Send the operation as application/json.',
}

/** An answer to a request that did not become an operation, in the shape of all answers. */
export function refuse(
  reply: FastifyReply,
  status: number,
  message: string,
  code: ErrorCode = 'BAD_USER_INPUT',
): void {
  const requestId = code === 'INTERNAL' ? { requestId: reply.request.id } : {}
  void reply.code(status).send({ errors: [{ message, extensions: { code, ...requestId } }] })
}

/** What is wrong with a request before its body is read. */
function problemOf({ headers }: FastifyRequest, config: Config): [status: number, message: string] | null {
  const { host } = headers
  if (!host || parseUrl(`http://${host}`) === null)
    return [400, 'The request does not say for which host it is.']
  // A page that has its own name point here (DNS rebinding) must not get at what development shows.
  if (config.environment !== 'production' && !isLocalName(host, config)) {
    return [421, `This is a development server; open it as ${config.publicUrl}.`]
  }
  // A body that inflates is a bomb that no limit on its bytes would stop.
  if ((headers['content-encoding'] ?? 'identity') !== 'identity')
    return [415, 'Send the body without compression.']
  return null
}

/** JSON is the only kind of body, and what is not UTF-8 is not JSON (RFC 8259 §8.1). */
function readJsonOnly(http: FastifyInstance): void {
  const parse = http.getDefaultJsonParser('error', 'error')
  const utf8 = new TextDecoder('utf-8', { fatal: true })
  http.removeAllContentTypeParsers()
  http.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    let text: string
    try {
      text = utf8.decode(body)
    } catch (error) {
      return done(Object.assign(error as Error, { statusCode: 400 }))
    }
    return parse(request, text, done)
  })
}
