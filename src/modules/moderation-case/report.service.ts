import { newId, type Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { partiesOf, requireSignedIn } from '../../core/viewer'
import type { Database } from '../../db/database'
import { MailService } from '../mail/mail.service'
import { CaseStatus } from './case-status'
import { ModerationCaseService, type About } from './moderation-case.service'
import { Report } from './report.entity'
import type { ReportReason } from './report-reason'
import { ReportRepository, type ReportRow } from './report.repository'

export type { ReportRow }

/** What people find wrong with what others have written. */
export class ReportService {
  private readonly reports: ReportRepository

  constructor(private readonly db: Database) {
    this.reports = new ReportRepository(db)
  }

  async list(caseId: Id, page: PageRequest): Promise<Page<ReportRow>> {
    return this.reports.list(caseId, page)
  }

  async count(caseId: Id): Promise<number> {
    return this.reports.count(caseId)
  }

  async listBy(reporterId: Id, page: PageRequest): Promise<Page<ReportRow>> {
    return this.reports.listBy(reporterId, page)
  }

  async countBy(reporterId: Id): Promise<number> {
    return this.reports.countBy(reporterId)
  }

  /** What people have remarked, decrypted with one look-up of keys; null where they have not, or their key is gone. */
  async remarks(reports: readonly ReportRow[]): Promise<(string | null | Error)[]> {
    const places = reports.map((report) => ({ ...report, ownerId: report.reporterId }))
    const remarks = await this.db.codec.openEach(Report, 'remark', places, ({ remark }) => remark)
    return remarks.map((remark) => remark ?? null)
  }

  /** Whether the viewer, or who acts as them, has reported something in a case, and so is not who decides it. */
  async isReporter(caseId: Id): Promise<boolean> {
    return this.reports.exists(caseId, partiesOf(this.db.caller.viewer))
  }

  /**
   * Adds what the viewer finds wrong with a thing to the case that is open about it, or to a new one; where they have said so before,
   * it is that report that is answered, while its case is open, and until the thing is changed after that was decided.
   */
  async add(
    about: About,
    { reason, note, changedAt }: { reason: ReportReason; note?: string | undefined; changedAt: Date | null },
  ): Promise<{ report: ReportRow; isNew: boolean }> {
    const { userId } = requireSignedIn(this.db.caller.viewer)
    const { subjectKind, subjectId } = about
    const first = await this.reports.findOwn(userId, subjectId, changedAt)
    if (first) return { report: first, isNew: false }
    const { now } = this.db
    const id = newId(now)
    const weight = weightOf(await this.reports.recordOf(userId))
    const report: Report = {
      id,
      caseId: await new ModerationCaseService(this.db).open(about, weight, now),
      subjectId,
      reporterId: userId,
      reason,
      remark: note ? await this.db.codec.seal(Report, 'remark', { id, ownerId: userId }, note) : null,
      weight,
      createdAt: now,
      toldAt: null,
    }
    await this.reports.add(report)
    return { report: { ...report, subjectKind, status: CaseStatus.OPEN }, isNew: true }
  }

  /**
   * Tells up to so many of those who have reported something in a case what came of it, each once (Regulation (EU) 2022/2065 art.
   * 16 (5)); how many it was.
   */
  async tellReporters(caseId: Id, limit: number): Promise<number> {
    return this.db.transaction(async (tx) => {
      const told = await new ReportRepository(tx).markTold(caseId, limit)
      const mails = new MailService(tx)
      for (const { reporterId, createdAt: at, status } of told)
        await mails.send(reporterId, status === CaseStatus.ACTED_ON ? 'reportActedOn' : 'reportDismissed', {
          at,
        })
      return told.length
    })
  }
}

/**
 * How much a report counts: twenty times the chance that it is right, as those were that somebody has made before (Laplace's rule
 * of succession). That is 10 for the first of somebody, and then more or less, from 1 to 20.
 */
export const weightOf = ({ right, wrong }: { right: number; wrong: number }): number =>
  Math.max(1, Math.round((20 * (right + 1)) / (right + wrong + 2)))
