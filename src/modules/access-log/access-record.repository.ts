import { newId, type Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import type { Permission } from '../../core/permission'
import type { Database } from '../../db/database'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { ownOrWithinReach } from '../../db/reach'
import { isInForce } from '../role/held-sql'
import { AccessRecord } from './access-record.entity'

const COLUMNS = ['id', 'occurredAt', 'readerId', 'roles', 'fields', 'reason', 'requestId'] as const
export type AccessRecordRow = Pick<AccessRecord, (typeof COLUMNS)[number]>

const NEWEST_FIRST: ListOrder<AccessRecordRow> = { columns: ['occurredAt', 'id'], descending: true }

/** Every question about who looked at whose data. People see who looked at theirs; `audit:read` sees all. */
export class AccessRecordRepository {
  constructor(private readonly db: Database) {}

  /** Adds what one reader has seen of any number of people, in one statement, with the roles that allow it. */
  async add(
    readerId: Id,
    read: readonly { subjectId: Id; fields: readonly string[] }[],
    permissions: readonly Permission[],
  ): Promise<void> {
    const { now, caller } = this.db
    const rows = read.map(({ subjectId, fields }) => ({ id: newId(now), subject_id: subjectId, fields }))
    await this.db.query(
      `INSERT INTO access_records (id, occurred_at, reader_id, subject_id, roles, fields, reason, request_id)
       SELECT read.id, $2, $3, read.subject_id, allowing.roles, read.fields, $4, $5
       FROM jsonb_to_recordset($1) AS read (id uuid, subject_id uuid, fields text[])
       CROSS JOIN (
         SELECT coalesce(array_agg(DISTINCT role.name), '{}') AS roles
         FROM role_grants held JOIN roles role ON role.id = held.role_id
         WHERE held.user_id = $3 AND ${isInForce('held', '$2')} AND role.permissions && $6::text[]
       ) allowing`,
      [JSON.stringify(rows), now, readerId, caller.reason ?? null, caller.requestId, permissions],
    )
  }

  async listOf(subjectId: Id, page: PageRequest): Promise<Page<AccessRecordRow>> {
    return readPage(this.of(subjectId), NEWEST_FIRST, page)
  }

  async countOf(subjectId: Id): Promise<number> {
    return this.of(subjectId).getCount()
  }

  private of(subjectId: Id) {
    return selectRows(this.db, AccessRecord, 'record', COLUMNS)
      .where('record.subjectId = :subjectId', { subjectId })
      .andWhere(...ownOrWithinReach(this.db.caller.viewer, 'record.subjectId', 'audit:read'))
  }
}
