import { types } from 'node:util'
import { Rejected } from '../core/error'

interface SystemError extends Error {
  code?: string
  address?: string
  port?: number
  errors?: unknown[]
}

/** Faults of programs, whose place is worth more than their words. */
const FAULTS = [TypeError, ReferenceError, RangeError, SyntaxError]

/** Why something could not be done, in words for whoever typed the command, with what to do about it. */
export function explain(error: unknown): string {
  if (!types.isNativeError(error)) return String(error)
  if (error instanceof Rejected) {
    return error.problems
      .map(({ field, message }) => [field.join('.'), message].filter(Boolean).join(': '))
      .join('\n')
  }
  // What the driver and the mapper wrap tells more than the wrapping.
  if (types.isNativeError(error.cause)) return explain(error.cause)
  // Node tries all addresses of a name, and reports them together.
  const { code, address, port, message, errors } = error as SystemError
  if (errors?.length) return explain(errors[0])
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} is taken by another program. Set PORT to a free one, e.g. PORT=${(port ?? 4000) + 1}.`
    case 'EADDRNOTAVAIL':
      return `This machine has no address ${address}. Set HOST to one of its own, e.g. HOST=127.0.0.1.`
    case 'ECONNREFUSED':
      return `Nothing answers at ${address}:${port}. Start PostgreSQL there, or correct DATABASE_URL.`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The host of DATABASE_URL or DATABASE_OWNER_URL cannot be found (${code}).`
    case '28P01':
    case '28000':
    case '3D000':
      return `PostgreSQL refuses the connection: ${message}. Check DATABASE_URL and DATABASE_OWNER_URL.`
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
    case 'CERT_HAS_EXPIRED':
      return `PostgreSQL's certificate is not trusted: ${message}. Name its authority with sslrootcert in DATABASE_URL.`
    case 'EACCES':
      return port === undefined
        ? message
        : `This user may not listen on port ${port}. Set PORT to one above 1023, e.g. PORT=4000.`
    default:
      return FAULTS.some((fault) => error instanceof fault) ? (error.stack ?? message) : message
  }
}
