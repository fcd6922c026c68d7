import pino, { type Logger } from 'pino'
import type { Config } from '../config/config'

/** Where a secret or a person might stand in what is logged; the last line of defence, for nothing should log them at all. */
const REDACTED = ['password', 'token', 'code', 'email', 'authorization', 'cookie', 'parameters', 'query'].flatMap((key) => [
  key,
  `*.${key}`,
  `err.${key}`,
  `err.*.${key}`,
])

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
    },
    destination as pino.DestinationStream,
  )

/** An error without what may hold a person's data: of a failed statement the SQL and the constraint, not the parameters. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) }
  const { name, stack, cause } = error
  const driver = (error as { driverError?: { code?: string; constraint?: string } }).driverError
  return {
    name,
    stack,
    ...(driver ? { sqlState: driver.code, constraint: driver.constraint } : {}),
    ...(cause === undefined ? {} : { cause: describeError(cause) }),
  }
}
