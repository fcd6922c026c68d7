import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import type { Permission } from '../../core/permission'
import type { Database } from '../../db/database'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { ownOrWithinReach } from '../../db/reach'
import { isInForce } from '../role/held-sql'
import { AccessRecord } from './access-record.entity'

const COLUMNS = [
  'id',
  'occurredAt',
  'readerId',
  'subjectId',
  'roles',
  'fields',
  'accessReason',
  'reason',
  'requestId',
] as const
export type AccessRecordRow = Pick<AccessRecord, (typeof COLUMNS)[number]>

const NEWEST_FIRST: ListOrder<AccessRecordRow> = { columns: ['occurredAt', 'id'], descending: true }

/** That somebody's data was read, as it is added. */
export type NewAccess = Pick<AccessRecord, 'id' | 'subjectId' | 'fields' | 'accessReason'>

/** What one person, the reader, has seen of another in a span of time, or was seen of one by another. */
export interface AccessSummary {
  /** Whose data it was, or who has read it. */
  id: Id
  username: string
  fields: string[]
  times: number
  firstAt: Date
  lastAt: Date
  /** Why, as far as it was said. */
  reasons: string[]
}

/** The same before its reasons were opened. */
export interface SealedSummary extends Omit<AccessSummary, 'reasons'> {
  reasons: Pick<AccessRecord, 'id' | 'subjectId' | 'accessReason'>[]
  formerReasons: string[]
}

/** From the one moment on, and before the other. */
export interface Span {
  from: Date
  to: Date
}

/** How many people are read at once. */
const BATCH = 500

/** Of a record that stands once for each of its fields, in one place. */
const HAS_REASON = 'record.access_reason IS NOT NULL AND field IS NOT DISTINCT FROM record.fields[1]'

/** A summary with its sealed reasons beside one another; null where there is none. */
interface Fetched extends Omit<SealedSummary, 'reasons'> {
  ids: Id[] | null
  subjects: Id[]
  sealed: Buffer[]
}

const withReasons = ({ ids, subjects, sealed, ...summary }: Fetched): SealedSummary => ({
  ...summary,
  reasons: (ids ?? []).map((id, index) => ({
    id,
    subjectId: subjects[index]!,
    accessReason: sealed[index]!,
  })),
})

/** Every question about who looked at whose data. People see who looked at theirs; `audit:read` sees all. */
export class AccessRecordRepository {
  constructor(private readonly db: Database) {}

  /** Adds what one reader has seen of any number of people, in one statement, with the roles that allow it. */
  async add(readerId: Id, read: readonly NewAccess[], permissions: readonly Permission[]): Promise<void> {
    const { now, caller } = this.db
    const rows = read.map(({ id, subjectId, fields, accessReason }) => {
      return {
        id,
        subject_id: subjectId,
        fields,
        access_reason: accessReason && `\\x${accessReason.toString('hex')}`,
      }
    })
    await this.db.query(
      `INSERT INTO access_records (id, occurred_at, reader_id, subject_id, roles, fields, access_reason, request_id)
       SELECT read.id, $2, $3, read.subject_id, allowing.roles, read.fields, read.access_reason, $4
       FROM jsonb_to_recordset($1) AS read (id uuid, subject_id uuid, fields text[], access_reason bytea)
       CROSS JOIN (
         SELECT coalesce(array_agg(DISTINCT role.name), '{}') AS roles
         FROM role_grants held JOIN roles role ON role.id = held.role_id
         WHERE held.user_id = $3 AND ${isInForce('held', '$2')} AND role.permissions && $5::text[]
       ) allowing`,
      [JSON.stringify(rows), now, readerId, caller.requestId, permissions],
    )
  }

  async listOf(subjectId: Id, page: PageRequest): Promise<Page<AccessRecordRow>> {
    return readPage(this.of(subjectId), NEWEST_FIRST, page)
  }

  async countOf(subjectId: Id): Promise<number> {
    return this.of(subjectId).getCount()
  }

  /**
   * Whose data somebody has read, person by person, the first of them first. Call it inside a transaction.
   * @visibility whoever operates Portico asks, from the command line
   */
  readBy(readerId: Id, span: Span): AsyncGenerator<SealedSummary[]> {
    return this.summaries('reader_id', 'subject_id', readerId, span)
  }

  /**
   * Who has read somebody's data. Call it inside a transaction.
   * @visibility whoever operates Portico asks, from the command line
   */
  readersOf(subjectId: Id, span: Span): AsyncGenerator<SealedSummary[]> {
    return this.summaries('subject_id', 'reader_id', subjectId, span)
  }

  /** Some at a time, so that there may be any number; partitions of other months are not looked through. */
  private async *summaries(
    by: 'reader_id' | 'subject_id',
    other: 'reader_id' | 'subject_id',
    id: Id,
    { from, to }: Span,
  ): AsyncGenerator<SealedSummary[]> {
    const cursor = `summaries_by_${by}`
    await this.db.query(
      `DECLARE ${cursor} NO SCROLL CURSOR FOR
       SELECT record.${other} AS id, coalesce(min(person.username), '') AS username,
         coalesce(array_agg(DISTINCT field ORDER BY field) FILTER (WHERE field IS NOT NULL), '{}') AS fields,
         count(DISTINCT record.id)::int AS times, min(record.occurred_at) AS "firstAt", max(record.occurred_at) AS "lastAt",
         coalesce(array_agg(DISTINCT record.reason) FILTER (WHERE record.reason IS NOT NULL), '{}') AS "formerReasons",
         array_agg(record.id) FILTER (WHERE ${HAS_REASON}) AS ids, array_agg(record.subject_id) FILTER (WHERE ${HAS_REASON}) AS subjects,
         array_agg(record.access_reason) FILTER (WHERE ${HAS_REASON}) AS sealed
       FROM access_records record
       LEFT JOIN LATERAL unnest(record.fields) field ON true
       LEFT JOIN users person ON person.id = record.${other}
       WHERE record.${by} = $1 AND record.occurred_at >= $2 AND record.occurred_at < $3
       GROUP BY record.${other} ORDER BY "firstAt", record.${other}`,
      [id, from, to],
    )
    try {
      for (;;) {
        const people = await this.db.query<Fetched>(`FETCH ${BATCH} FROM ${cursor}`)
        if (people.length > 0) yield people.map(withReasons)
        if (people.length < BATCH) return
      }
    } finally {
      await this.db.query(`CLOSE ${cursor}`)
    }
  }

  private of(subjectId: Id) {
    return selectRows(this.db, AccessRecord, 'record', COLUMNS)
      .where('record.subjectId = :subjectId', { subjectId })
      .andWhere(...ownOrWithinReach(this.db.caller.viewer, 'record.subjectId', 'audit:read'))
  }
}
