import type { Reads } from '../../context/reads'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { readerId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { AccessRecordRepository, type AccessRecordRow } from './access-record.repository'

/** Who has looked at whose personal data, so that the person can know (GDPR art. 15, HIPAA § 164.312(b)). */
export class AccessLogService {
  private readonly records: AccessRecordRepository

  constructor(private readonly db: Database) {
    this.records = new AccessRecordRepository(db)
  }

  /** Writes down what a request has read, in one statement for all people, and that it read the trail; the answer waits for it. */
  async record(reads: Reads): Promise<void> {
    const reader = readerId(this.db.caller.viewer)
    const { read, permissions } = reads.take()
    if (read.length > 0 && reader !== null) await this.records.add(reader, read, permissions)
    for (const filter of reads.trails.splice(0)) await new AuditService(this.db).recordReading(filter)
  }

  /** Who has looked at this person's data, newest first. */
  async listOf(subjectId: Id, page: PageRequest): Promise<Page<AccessRecordRow>> {
    return this.records.listOf(subjectId, page)
  }

  async countOf(subjectId: Id): Promise<number> {
    return this.records.countOf(subjectId)
  }
}
