import type { FastifyInstance } from 'fastify'
import type { GraphQLError } from 'graphql'
import { coerceInputValue, isInputType, type GraphQLSchema } from 'graphql'
import { Readable } from 'node:stream'
import type { Config } from '../config/config'
import { Reads } from '../context/reads'
import type { Context } from '../context/context'
import { ApiError, type ErrorCode } from '../core/error'
import type { Id } from '../core/id'
import { holdsSomewhere, lacksConsent, requireSignedIn, viewerId, type SignedIn } from '../core/viewer'
import type { Executor } from '../graphql/executor'
import { AccessLogService } from '../modules/access-log/access-log.service'
import { checkedFilter } from '../modules/audit/audit-event.input'
import type { AuditEventFilter } from '../modules/audit/audit-event.loader'
import { AuditService } from '../modules/audit/audit.service'
import { doerOf } from '../modules/audit/doer'
import {
  EXPORT_FORMATS,
  exportTrail,
  type ExportFormat,
  type ExportOptions,
} from '../modules/audit/export-trail'
import { assertFreshProof } from '../modules/authentication/step-up'
import { clientAddress, trusting } from './client-address'
import { mayUseCookie, tokenOf } from './credentials'
import type { Requests } from './requests'

export const AUDIT_EXPORT_PATH = '/audit-export'

const TYPES: Record<ExportFormat, string> = { ndjson: 'application/x-ndjson', csv: 'text/csv; charset=utf-8' }

const STATUS: Partial<Record<ErrorCode, number>> = {
  BAD_USER_INPUT: 400,
  UNAUTHENTICATED: 401,
  REAUTHENTICATION_REQUIRED: 401,
  CONSENT_REQUIRED: 403,
  FORBIDDEN: 403,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
}

interface Options {
  executor: Executor
  requests: Requests
  config: Config
  schema: GraphQLSchema
}

/**
 * Hands out the trail as a file, as far as a filter leaves it: a POST with `{ "format": "ndjson" | "csv", "filter": … }`, the filter as
 * `auditEvents` takes it. For holders of `audit:read` who have proved of late who they are. It is on the trail before the first line leaves,
 * and in the access log of everybody of whom a line tells; and it ends, cut off, where whoever asked may not read the trail any more.
 */
export function serveAuditExport(
  http: FastifyInstance,
  { executor, requests, config, schema }: Options,
): void {
  const trusts = trusting(config.trustedProxies)
  http.post(AUDIT_EXPORT_PATH, async (request, reply) => {
    let context: Context | undefined
    try {
      if (tokenOf(request.headers)?.fromCookie && !mayUseCookie(request, config))
        throw new ApiError('FORBIDDEN', 'Pages of other origins may not use the cookie.')
      const address = clientAddress(request.raw, trusts)
      context = await requests.contextOf({ headers: request.headers, requestId: request.id, address })
      await context.identify()
      const { db } = context
      const holder = admitted(context)
      await assertFreshProof(db)
      const { format, filter } = asked(schema, request.body)
      await new AuditService(db).recordExport(filter, format)
      const origin = { headers: request.headers, requestId: request.id, address }
      const asOfNow = async () => {
        const now = await requests.contextOfHolder(origin, holder)
        admitted(now)
        return now.db
      }
      const lines = exportTrail(asOfNow, filter, { format, beforeTelling: noteReads })
      return await reply
        .headers({
          'content-disposition': `attachment; filename="audit-events.${format}"`,
          'cache-control': 'no-store',
        })
        .type(TYPES[format])
        .send(Readable.from(lines, { objectMode: false }))
    } catch (error) {
      // An attempt that the trail must show, as those that the policy refuses.
      if (error instanceof ApiError && error.code === 'FORBIDDEN')
        context?.refusals.add(`POST ${AUDIT_EXPORT_PATH}`)
      const { message, extensions } = executor.mask(error, request.id).toJSON()
      return await reply
        .code(STATUS[(extensions as { code: ErrorCode }).code] ?? 500)
        .send({ errors: [{ message, extensions }] })
    } finally {
      if (context) requests.conclude(context)
    }
  })
}

/** Whoever may read the trail at this moment. @throws ApiError UNAUTHENTICATED, CONSENT_REQUIRED, FORBIDDEN */
function admitted({ viewer }: Context): SignedIn {
  const known = requireSignedIn(viewer)
  if (lacksConsent(known))
    throw new ApiError('CONSENT_REQUIRED', 'Agree first to what `viewer.missingConsents` names.')
  if (!holdsSomewhere(known, 'audit:read')) throw new ApiError('FORBIDDEN', 'You may not see or do this.')
  return known
}

/** Of whom a file tells, and from where they acted: for their access logs, as the fields of the API note it. */
const noteReads: NonNullable<ExportOptions['beforeTelling']> = async (db, events) => {
  const reads = new Reads()
  const note = (userId: Id | null, field: string) => {
    if (userId !== null && userId !== viewerId(db.caller.viewer)) reads.note(userId, field, ['audit:read'])
  }
  for (const event of events) {
    note(event.subjectId, 'AuditEvent.details')
    if (event.isAddressTold) note(doerOf(event), 'AuditEvent.address')
  }
  await new AccessLogService(db).record(reads)
}

/** @throws ApiError BAD_USER_INPUT; Rejected */
function asked(schema: GraphQLSchema, body: unknown): { format: ExportFormat; filter: AuditEventFilter } {
  const { format, filter, ...rest } = (typeof body === 'object' && body !== null ? body : {}) as Record<
    string,
    unknown
  >
  if (Object.keys(rest).length > 0 || !EXPORT_FORMATS.includes(format as ExportFormat))
    throw new ApiError(
      'BAD_USER_INPUT',
      'Give `format`, which is `ndjson` or `csv`, and a `filter` if there is to be one.',
    )
  const type = schema.getType('AuditEventFilter')
  if (!isInputType(type)) throw new Error('The schema has no AuditEventFilter.')
  const given = coerceInputValue(filter ?? {}, type, (path, _value, { message }: GraphQLError) => {
    throw new ApiError('BAD_USER_INPUT', `\`${['filter', ...path].join('.')}\`: ${message}`)
  }) as object
  return { format: format as ExportFormat, filter: checkedFilter(given) }
}
