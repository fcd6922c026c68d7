import { In, type SelectQueryBuilder } from 'typeorm'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import type { Database } from '../../db/database'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { isShown } from '../../db/reach'
import type { ModeratedKind } from '../moderation-decision/moderated-kind'
import { CaseStatus } from './case-status'
import { Report } from './report.entity'

const COLUMNS = ['id', 'subjectId', 'reporterId', 'reason', 'remark', 'createdAt'] as const
export interface ReportRow extends Pick<Report, (typeof COLUMNS)[number]> {
  subjectKind: ModeratedKind
  /** Where its case stands. */
  status: CaseStatus
}

const OLDEST_FIRST: ListOrder<ReportRow> = { columns: ['createdAt', 'id'], descending: false }
const NEWEST_FIRST: ListOrder<ReportRow> = { ...OLDEST_FIRST, descending: true }

/** Somebody who is told what came of a report of theirs. */
type Told = Pick<ReportRow, 'reporterId' | 'createdAt' | 'status'>

/** Every question about reports. Whoever sees a case sees what has been reported, and people see what they have reported. */
export class ReportRepository {
  constructor(private readonly db: Database) {}

  /** @visibility whoever has found the case sees its reports */
  async list(caseId: Id, page: PageRequest): Promise<Page<ReportRow>> {
    return readPage(this.inCase(caseId), OLDEST_FIRST, page)
  }

  /** @visibility as `list` */
  async count(caseId: Id): Promise<number> {
    return this.inCase(caseId).getCount()
  }

  /** @visibility the policy lets nobody but the person ask */
  async listBy(reporterId: Id, page: PageRequest): Promise<Page<ReportRow>> {
    return readPage(this.by(reporterId), NEWEST_FIRST, page)
  }

  /** @visibility as `listBy` */
  async countBy(reporterId: Id): Promise<number> {
    return this.by(reporterId).getCount()
  }

  /**
   * What somebody has reported last about a thing, unless that was decided about before the thing was changed; null where they have not.
   * @visibility a use case asks on behalf of that person
   */
  async findOwn(reporterId: Id, subjectId: Id, changedAt: Date | null): Promise<ReportRow | null> {
    const query = this.by(reporterId)
      .andWhere('report.subjectId = :subjectId', { subjectId })
      .orderBy('report.createdAt', 'DESC')
      .limit(1)
    if (changedAt)
      query.andWhere('(moderation.decided_at IS NULL OR moderation.decided_at >= :changedAt)', { changedAt })
    return (await query.getRawOne<ReportRow>()) ?? null
  }

  /**
   * Whether one of these people has reported something in a case.
   * @visibility the use case asks about the viewer
   */
  async exists(caseId: Id, reporterIds: readonly Id[]): Promise<boolean> {
    return this.db.repo(Report).existsBy({ caseId, reporterId: In([...reporterIds]) })
  }

  /**
   * How many reports of somebody were right, and how many were not, in the cases that are decided.
   * @visibility a use case asks, which shows it to nobody
   */
  async recordOf(reporterId: Id): Promise<{ right: number; wrong: number }> {
    const [row] = await this.db.query<{ right: number; wrong: number }>(
      `SELECT count(*) FILTER (WHERE moderation.status = '${CaseStatus.ACTED_ON}')::int AS right,
         count(*) FILTER (WHERE moderation.status IN ('${CaseStatus.DISMISSED}', '${CaseStatus.REVERSED}'))::int AS wrong
       FROM reports JOIN moderation_cases moderation ON moderation.id = reports.case_id WHERE reporter_id = $1`,
      [reporterId],
    )
    return row!
  }

  /**
   * Notes of up to so many of those who have reported something in a case that they are told what came of it; who they are.
   * @visibility Portico tells them
   */
  async markTold(caseId: Id, limit: number): Promise<Told[]> {
    return this.db.query(
      `WITH told AS (UPDATE reports report SET told_at = $2 FROM moderation_cases moderation
       WHERE moderation.id = report.case_id AND moderation.status <> '${CaseStatus.OPEN}' AND report.id IN (
         SELECT id FROM reports WHERE case_id = $1 AND told_at IS NULL LIMIT $3 FOR UPDATE)
       RETURNING report.reporter_id AS "reporterId", report.created_at AS "createdAt", moderation.status)
       SELECT * FROM told`,
      [caseId, this.db.now, limit],
    )
  }

  async add(report: Report): Promise<void> {
    await this.db.repo(Report).insert(report)
  }

  /** Those of people who are shown. */
  private inCase(caseId: Id): SelectQueryBuilder<Report> {
    return this.select()
      .where('report.caseId = :caseId', { caseId })
      .andWhere(...isShown(this.db.caller.viewer, 'report.reporterId'))
  }

  private by(reporterId: Id): SelectQueryBuilder<Report> {
    return this.select().where('report.reporterId = :reporterId', { reporterId })
  }

  private select(): SelectQueryBuilder<Report> {
    return selectRows(this.db, Report, 'report', COLUMNS)
      .innerJoin('moderation_cases', 'moderation', 'moderation.id = report.case_id')
      .addSelect('moderation.subject_kind', 'subjectKind')
      .addSelect('moderation.status', 'status')
  }
}
