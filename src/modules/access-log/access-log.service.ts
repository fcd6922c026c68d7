import type { Reads } from '../../context/reads'
import { newId, type Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { readerId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { AccessRecord } from './access-record.entity'
import {
  AccessRecordRepository,
  type AccessRecordRow,
  type AccessSummary,
  type NewAccess,
  type SealedSummary,
  type Span,
} from './access-record.repository'

export type { AccessRecordRow, AccessSummary, Span }

/** In place of a reason that somebody has changed below us. */
const UNREADABLE = 'It was changed, and cannot be read.'

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
    if (read.length > 0 && reader !== null)
      await this.records.add(reader, await this.withReason(read), permissions)
    for (const filter of reads.trails.splice(0)) await new AuditService(this.db).recordReading(filter)
  }

  /** Why the viewer looks, encrypted for each of these people; only where a reason was given are their keys looked up. */
  private async withReason(read: readonly Pick<NewAccess, 'subjectId' | 'fields'>[]): Promise<NewAccess[]> {
    const { now, codec, caller } = this.db
    const reason = caller.reason ?? null
    if (reason !== null) await codec.makeKeys(read.map(({ subjectId }) => subjectId))
    return Promise.all(
      read.map(async ({ subjectId, fields }) => {
        const id = newId(now)
        const place = { id, ownerId: subjectId }
        // Of somebody who was erased meanwhile, nothing can be said any more but that they were read.
        const sealed =
          reason === null
            ? null
            : await codec.sealUnlessDestroyed(AccessRecord, 'accessReason', place, reason)
        return { id, subjectId, fields, accessReason: sealed }
      }),
    )
  }

  /** Why they were read, decrypted with one look-up of keys; null where the person's key is gone, an error for what does not open. */
  async reasons(
    records: readonly Pick<AccessRecordRow, 'id' | 'subjectId' | 'accessReason' | 'reason'>[],
  ): Promise<(string | null | Error)[]> {
    const opened = await this.openReasons(records)
    return records.map(({ reason }, index) => opened[index] ?? reason)
  }

  /** Who has looked at this person's data, newest first. */
  async listOf(subjectId: Id, page: PageRequest): Promise<Page<AccessRecordRow>> {
    return this.records.listOf(subjectId, page)
  }

  async countOf(subjectId: Id): Promise<number> {
    return this.records.countOf(subjectId)
  }

  /**
   * Whose data somebody has read (GDPR art. 33), some people at a time, for whoever operates Portico. Call it inside a
   * transaction.
   */
  readBy(readerId: Id, span: Span): AsyncGenerator<AccessSummary[]> {
    return this.opened(this.records.readBy(readerId, span))
  }

  /** Who has read somebody's data, some readers at a time, for whoever operates Portico. Call it inside a transaction. */
  readersOf(subjectId: Id, span: Span): AsyncGenerator<AccessSummary[]> {
    return this.opened(this.records.readersOf(subjectId, span))
  }

  private async *opened(summaries: AsyncGenerator<SealedSummary[]>): AsyncGenerator<AccessSummary[]> {
    for await (const some of summaries) {
      const opened = (await this.openReasons(some.flatMap(({ reasons }) => reasons))).values()
      yield some.map(({ formerReasons, reasons, ...summary }) => {
        const texts = reasons.map(() => opened.next().value)
        const known = texts.flatMap((text) => (text instanceof Error ? [UNREADABLE] : (text ?? [])))
        return { ...summary, reasons: [...new Set([...formerReasons, ...known])].sort() }
      })
    }
  }

  private openReasons(records: readonly Pick<AccessRecordRow, 'id' | 'subjectId' | 'accessReason'>[]) {
    const places = records.map(({ id, subjectId, accessReason }) => ({
      id,
      ownerId: subjectId,
      accessReason,
    }))
    return this.db.codec.openEach(AccessRecord, 'accessReason', places, ({ accessReason }) => accessReason)
  }
}
