import type { SelectQueryBuilder } from 'typeorm'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { partiesOf, viewerId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { PLANNED_ANEW } from '../../db/preparing-client'
import { withinReach } from '../../db/reach'
import { CaseStatus } from './case-status'
import { ModerationCase } from './moderation-case.entity'
import type { ReportReason } from './report-reason'

const COLUMNS = [
  'id',
  'subjectKind',
  'subjectId',
  'authorId',
  'status',
  'rank',
  'openedAt',
  'claimedById',
  'claimedUntil',
  'staffRemark',
  'reportedText',
  'decidedById',
  'decidedAt',
  'version',
] as const
export type ModerationCaseRow = Pick<ModerationCase, (typeof COLUMNS)[number]>

export interface ModerationCaseFilter {
  /** Open cases where nothing is said. */
  status?: CaseStatus
  /** Those that somebody has reported for this. */
  reason?: ReportReason
  claimedByMe?: boolean
  /** Those in which a filter has found something; or, if false, only the others. */
  foundByFilter?: boolean
}

/** A case as it is where it is new. */
export interface NewCase extends Pick<
  ModerationCase,
  'id' | 'subjectKind' | 'subjectId' | 'authorId' | 'openedAt' | 'reportedText'
> {
  weight: number
}

/** The most weighty first, and of those that weigh the same the oldest. */
const MOST_URGENT_FIRST: ListOrder<ModerationCaseRow> = {
  columns: ['rank', 'openedAt', 'id'],
  descending: false,
}

/** What SQL says for: somebody looks at it. Nothing is written when that time is over. */
const IS_CLAIMED = '(moderation.claimed_by_id IS NOT NULL AND moderation.claimed_until > :now)'

/** Every question about cases: about what those people have written whom `posts:moderate` reaches, but oneself. */
export class ModerationCaseRepository {
  constructor(private readonly db: Database) {}

  async lookup(ids: readonly Id[]): Promise<ModerationCaseRow[]> {
    return this.visible().andWhere('moderation.id = ANY(:ids)', { ids }).getRawMany<ModerationCaseRow>()
  }

  async list(filter: ModerationCaseFilter, page: PageRequest): Promise<Page<ModerationCaseRow>> {
    return readPage(this.matching(filter), MOST_URGENT_FIRST, page)
  }

  async count(filter: ModerationCaseFilter): Promise<number> {
    return this.matching(filter).getCount()
  }

  /** How many cases there are in each status that has any. */
  async countByStatus(): Promise<Map<CaseStatus, number>> {
    const rows = await this.visible()
      .select('moderation.status', 'status')
      .addSelect('count(*)::int', 'count')
      .groupBy('moderation.status')
      .getRawMany<{ status: CaseStatus; count: number }>()
    return new Map(rows.map(({ status, count }) => [status, count]))
  }

  /**
   * How many cases there were before about the same author.
   * @visibility whoever asks has the cases
   */
  async countEarlier(ids: readonly Id[]): Promise<{ id: Id; count: number }[]> {
    return this.db.query(
      `SELECT moderation.id, (
         SELECT count(*)::int FROM moderation_cases earlier WHERE earlier.author_id = moderation.author_id
           AND (earlier.opened_at, earlier.id) < (moderation.opened_at, moderation.id)
       ) AS count FROM moderation_cases moderation WHERE moderation.id = ANY($1)`,
      [ids],
    )
  }

  /** A case that the viewer may see, locked until the transaction ends. */
  async lock(id: Id): Promise<ModerationCaseRow | null> {
    const query = this.visible().andWhere('moderation.id = :id', { id }).setLock('pessimistic_write')
    return (await query.getRawOne<ModerationCaseRow>()) ?? null
  }

  /**
   * The most urgent of the open cases that nobody looks at, or is about to, and in which the viewer has reported nothing, locked until the
   * transaction ends.
   */
  async lockNext(): Promise<ModerationCaseRow | null> {
    const isReporter =
      'EXISTS (SELECT FROM reports report WHERE report.case_id = moderation.id AND report.reporter_id = ANY(:themselves))'
    const query = this.matching({ status: CaseStatus.OPEN }).andWhere(
      `NOT ${IS_CLAIMED} AND NOT ${isReporter}`,
      { now: this.db.now },
    )
    for (const column of MOST_URGENT_FIRST.columns) query.addOrderBy(`moderation.${column}`)
    const next = query.limit(1).setLock('pessimistic_write').setOnLocked('skip_locked')
    return (await next.getRawOne<ModerationCaseRow>()) ?? null
  }

  /**
   * Opens a case about a thing, or lets the open one weigh more; returns which it is, locked, and what it has kept of the thing.
   * @visibility the use case shows whoever reports nothing of the case
   */
  async open({
    id,
    subjectKind,
    subjectId,
    authorId,
    openedAt,
    reportedText,
    weight,
  }: NewCase): Promise<Pick<ModerationCase, 'id' | 'reportedText'>> {
    const [row] = await this.db.query<Pick<ModerationCase, 'id' | 'reportedText'>>(
      `INSERT INTO moderation_cases AS opened (id, subject_kind, subject_id, author_id, status, rank, opened_at, reported_text, version)
       VALUES ($1, $2, $3, $4, '${CaseStatus.OPEN}', -$5::integer, $6, $7, 1)
       ON CONFLICT (subject_id) WHERE status = '${CaseStatus.OPEN}' DO UPDATE SET rank = opened.rank + excluded.rank
       RETURNING id, reported_text AS "reportedText"`,
      [id, subjectKind, subjectId, authorId, weight, openedAt, reportedText],
    )
    return row!
  }

  /**
   * Whoever has read the case knows another text, so its version counts.
   * @visibility as `open`
   */
  async keepText(id: Id, reportedText: Buffer | null): Promise<void> {
    await this.db.repo(ModerationCase).update({ id }, { reportedText, version: () => 'version + 1' })
  }

  /** Changes a case that is locked, and counts its version. */
  async change(
    { id, version }: Pick<ModerationCase, 'id' | 'version'>,
    changes: Partial<ModerationCase>,
  ): Promise<void> {
    await this.db.repo(ModerationCase).update({ id }, { ...changes, version: version + 1 })
  }

  private matching({
    status = CaseStatus.OPEN,
    reason,
    claimedByMe,
    foundByFilter,
  }: ModerationCaseFilter): SelectQueryBuilder<ModerationCase> {
    const query = this.visible().andWhere('moderation.status = :status', { status })
    // Most cases are reported for it, or hardly any.
    if (reason)
      query
        .andWhere(
          'EXISTS (SELECT FROM reports report WHERE report.case_id = moderation.id AND report.reason = :reason)',
          { reason },
        )
        .comment(PLANNED_ANEW)
    if (claimedByMe != null) {
      const isMine = `(${IS_CLAIMED} AND moderation.claimed_by_id = :me)`
      query.andWhere(claimedByMe ? isMine : `NOT ${isMine}`, {
        now: this.db.now,
        me: viewerId(this.db.caller.viewer),
      })
    }
    if (foundByFilter != null) {
      const isFound = 'EXISTS (SELECT FROM content_filter_matches found WHERE found.case_id = moderation.id)'
      query.andWhere(foundByFilter ? isFound : `NOT ${isFound}`)
    }
    return query
  }

  private visible(): SelectQueryBuilder<ModerationCase> {
    const { viewer } = this.db.caller
    return selectRows(this.db, ModerationCase, 'moderation', COLUMNS)
      .where('moderation.authorId <> ALL(:themselves)', {
        themselves: partiesOf(viewer),
      })
      .andWhere(...withinReach(viewer, 'moderation.authorId', 'posts:moderate'))
  }
}
