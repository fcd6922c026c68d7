import { toGlobalId, type Id, type IdKind } from '../../core/id'
import { holds } from '../../core/viewer'
import type { Database } from '../../db/database'
import { entryOf, type AuditAction } from './audit-event'
import type { AuditEventFilter, AuditEventRow } from './audit-event.repository'
import { AuditService } from './audit.service'
import { isDoneBy } from './doer'

/** Newline-delimited JSON, an object a line; or CSV as RFC 4180 has it. */
export const EXPORT_FORMATS = ['ndjson', 'csv'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** An event as a file shows it. What nobody can decrypt any more is null, or left out of the details. */
interface ExportedEvent {
  id: string
  occurredAt: string
  action: AuditAction
  severity: string
  outcome: string
  actorId: string | null
  impersonatorId: string | null
  subjectId: string | null
  target: string | null
  requestId: string | null
  address: string | null
  details: Record<string, unknown>
}

const COLUMNS = [
  'id',
  'occurredAt',
  'action',
  'severity',
  'outcome',
  'actorId',
  'impersonatorId',
  'subjectId',
  'target',
  'requestId',
  'address',
  'details',
] as const satisfies readonly (keyof ExportedEvent)[]

/** How many events are read at once: as many as a page may have. */
const BATCH = 100

export interface ExportOptions {
  format: ExportFormat
  /** Everything, whoever asks: for the command line, which belongs to whoever runs the installation. */
  isUnlimited?: boolean
  /** What is done once events have been read, before they are told, each with its address where that is told too. */
  beforeTelling?: (
    db: Database,
    events: readonly (AuditEventRow & { isAddressTold: boolean })[],
  ) => Promise<void>
}

/**
 * The trail as the text of a file, newest first, as far as a filter and the viewer leave it: a page at a time, so that memory does not grow.
 * `asOfNow` answers on behalf of whom a page is read, as they are by then: it can take longer than somebody's right to it lasts.
 */
export async function* exportTrail(
  asOfNow: () => Promise<Database>,
  filter: AuditEventFilter,
  { format, isUnlimited = false, beforeTelling }: ExportOptions,
): AsyncGenerator<string> {
  if (format === 'csv') yield csvLine(COLUMNS)
  for (let after: string | null = null; ;) {
    const db = await asOfNow()
    const audit = new AuditService(db)
    const { viewer } = db.caller
    const page = await audit.list(filter, { first: BATCH, after }, { isUnlimited })
    // From where somebody acted is for themselves, and for whoever may read the trail of everybody: `AuditEvent.address`.
    const rows = page.rows.map((row) => ({
      ...row,
      isAddressTold:
        row.address !== null && (isUnlimited || holds(viewer, 'audit:read') || isDoneBy(viewer, row)),
    }))
    await beforeTelling?.(db, rows)
    const addresses = await audit.addresses(
      rows.map((row) => (row.isAddressTold ? row : { ...row, address: null })),
    )
    const details = await audit.details(rows)
    const events = rows.map((row, index) => exported(row, known(addresses[index]), known(details[index])))
    if (events.length > 0) yield events.map((event) => WRITE[format](event)).join('')
    const last = page.rows.at(-1)
    if (!last || !(await page.hasNextPage())) return
    after = page.cursorOf(last)
  }
}

/** What was altered does not open. It is verified elsewhere; the rest is worth having. */
const known = <Value>(opened: Value | Error | undefined): Value | null =>
  opened instanceof Error || opened === undefined ? null : opened

function exported(
  row: AuditEventRow,
  address: string | null,
  details: Record<string, unknown> | null,
): ExportedEvent {
  const global = (kind: IdKind, id: Id | null) => id && toGlobalId(kind, id)
  return {
    id: toGlobalId('event', row.id),
    occurredAt: row.occurredAt.toISOString(),
    action: row.action,
    severity: entryOf(row.action).severity,
    outcome: row.outcome,
    actorId: global('user', row.actorId),
    impersonatorId: global('user', row.impersonatorId),
    subjectId: global('user', row.subjectId),
    target: row.target,
    requestId: row.requestId,
    address,
    details: details ?? {},
  }
}

const WRITE: Record<ExportFormat, (event: ExportedEvent) => string> = {
  ndjson: (event) => `${JSON.stringify(event)}\n`,
  csv: (event) =>
    csvLine(
      COLUMNS.map((column) => (column === 'details' ? JSON.stringify(event.details) : (event[column] ?? ''))),
    ),
}

/** What a spreadsheet would take for a formula. */
const FORMULA = /^[=+\-@\t\r]/

/** A line of CSV (RFC 4180). A cell that a spreadsheet would calculate begins with an apostrophe, so that it is a text (OWASP, CSV injection). */
export const csvLine = (cells: readonly string[]): string =>
  `${cells.map((cell) => `"${(FORMULA.test(cell) ? `'${cell}` : cell).replaceAll('"', '""')}"`).join(',')}\r\n`
