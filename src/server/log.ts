import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import pino, { type Logger } from 'pino'
import type { Config } from '../config/config'
import { TOKENS } from '../crypto/token'

/** Where a secret or a person might stand in what is logged; the last line of defence, for nothing should log them at all. */
const REDACTED = [
  'password',
  'token',
  'code',
  'email',
  'authorization',
  'cookie',
  'parameters',
  'query',
].flatMap((key) => [key, `*.${key}`, `err.${key}`, `err.*.${key}`])

/** Control characters and line ends that JSON lets stand, and terminals and other readers of logs do not. */
const CONTROLS = /[\u007f-\u009f\u2028\u2029]/g

/** One JSON object a line; control characters in values are escaped, so that nobody can forge a line. */
export const createLog = (config: Pick<Config, 'logLevel'>, destination?: pino.DestinationStream): Logger =>
  pino(
    {
      level: config.logLevel,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED, censor: '[redacted]' },
      serializers: { err: describeError },
      hooks: {
        streamWrite: (line) =>
          line
            .replace(TOKENS, '[redacted]')
            .replace(CONTROLS, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`),
      },
    },
    destination as pino.DestinationStream,
  )

/** An error without what may hold a person's data: of a failed statement the SQL and the constraint, not the parameters. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) }
  const { name, stack, cause } = error
  const { driverError, query } = error as {
    driverError?: { code?: string; constraint?: string }
    query?: string
  }
  return {
    name,
    stack,
    ...(driverError && { sqlState: driverError.code, constraint: driverError.constraint, sql: query }),
    ...(cause === undefined ? {} : { cause: describeError(cause) }),
  }
}

/** Longest name of an operation that is written out; clients choose it. */
const NAME_LIMIT = 64

/** One line a request. It names the route and the operation, never what was asked of them, nor who asked. */
export function logRequest(logger: FastifyBaseLogger, request: FastifyRequest, reply: FastifyReply): void {
  const operation = request.context?.exchange.operation
  logger.info(
    {
      requestId: request.id,
      method: request.method,
      route: request.routeOptions.url ?? null,
      status: reply.statusCode,
      durationMs: Math.round(reply.elapsedTime * 10) / 10,
      ...(!reply.raw.writableFinished && { aborted: true }),
      ...(operation && {
        operation: operation.name?.slice(0, NAME_LIMIT) ?? null,
        kind: operation.kind,
        cost: operation.cost,
        ...(operation.errorCodes.length > 0 && { errorCodes: operation.errorCodes }),
      }),
    },
    'request',
  )
}
