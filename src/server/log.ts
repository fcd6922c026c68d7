import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import pino, { type Logger } from 'pino'
import type { Config } from '../config/config'
import type { Category } from '../core/personal-data'
import { TOKENS } from '../crypto/token'
import { classifiedTables } from '../db/personal-tables'

/** What a secret or a request may stand under. */
const SECRETS = ['password', 'token', 'code', 'email', 'authorization', 'cookie', 'parameters', 'query']

/** The kinds of facts that no log line is about; of the others, such as why a job failed, it may be. */
const HIDDEN: readonly Category[] = ['identity', 'contact', 'credential', 'content', 'location']

const REDACTED = '[redacted]'

/** How deep in what is logged something is looked for. */
const DEPTH = 3

/** The names under which a secret or a person might stand in what is logged: those of the columns, as they are classified. */
const hiddenNames = (): ReadonlySet<string> =>
  new Set([
    ...SECRETS,
    ...classifiedTables().flatMap(({ columns }) =>
      columns.flatMap(({ name, property, classification }) =>
        typeof classification === 'object' && HIDDEN.includes(classification.category)
          ? [name, property]
          : [],
      ),
    ),
  ])

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  [Object.prototype, null].includes(Object.getPrototypeOf(value))

/** What is logged without what might be personal; the last line of defence, for nothing should log it at all. */
function redacted(value: unknown, hidden: ReadonlySet<string>, depth = DEPTH): unknown {
  if (depth === 0) return value
  if (Array.isArray(value)) return value.map((item) => redacted(item, hidden, depth - 1))
  if (!isPlain(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      hidden.has(name) ? REDACTED : redacted(inner, hidden, depth - 1),
    ]),
  )
}

/** Control characters and line ends that JSON lets stand, and terminals and other readers of logs do not. */
const CONTROLS = /[\u007f-\u009f\u2028\u2029]/g

/** One JSON object a line; control characters in values are escaped, so that nobody can forge a line. */
export function createLog(config: Pick<Config, 'logLevel'>, destination?: pino.DestinationStream): Logger {
  const hidden = hiddenNames()
  return pino(
    {
      level: config.logLevel,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (line) => redacted(line, hidden) as Record<string, unknown>,
      },
      serializers: { err: describeError },
      hooks: {
        streamWrite: (line) =>
          line
            .replace(TOKENS, REDACTED)
            .replace(CONTROLS, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`),
      },
    },
    destination as pino.DestinationStream,
  )
}

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
