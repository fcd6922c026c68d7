import { In, IsNull, MoreThanOrEqual, Not, type SelectQueryBuilder } from 'typeorm'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { partiesOf, viewerId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { ownOrWithinReach } from '../../db/reach'
import { ModerationAction, REMOVING, type Measure } from './moderation-action'
import { ModerationDecision } from './moderation-decision.entity'
import { isSilence } from './silence-condition'

const COLUMNS = [
  'id',
  'caseId',
  'subjectKind',
  'subjectId',
  'userId',
  'action',
  'brokenRule',
  'statedReasons',
  'isAutomated',
  'isDetectedAutomatically',
  'decidedById',
  'decidedAt',
  'endsAt',
  'appealEndsAt',
  'reversedAt',
  'version',
] as const
export type ModerationDecisionRow = Pick<ModerationDecision, (typeof COLUMNS)[number]>

/** Somebody writes nothing until a moment. */
export interface Silence {
  userId: Id
  until: Date
}

const NEWEST_FIRST: ListOrder<ModerationDecisionRow> = { columns: ['decidedAt', 'id'], descending: true }

/** Every question about decisions. People see those against them; `posts:moderate` sees those against the people whom it reaches. */
export class ModerationDecisionRepository {
  constructor(private readonly db: Database) {}

  async lookup(ids: readonly Id[]): Promise<ModerationDecisionRow[]> {
    return this.visible().andWhere('decision.id = ANY(:ids)', { ids }).getRawMany<ModerationDecisionRow>()
  }

  /** What somebody has decided in these cases: one decision each at most. */
  async findByCase(caseIds: readonly Id[]): Promise<ModerationDecisionRow[]> {
    return this.visible()
      .andWhere(`decision.caseId = ANY(:caseIds) AND decision.action <> '${ModerationAction.HOLD}'`, {
        caseIds,
      })
      .getRawMany<ModerationDecisionRow>()
  }

  async list(userId: Id, page: PageRequest): Promise<Page<ModerationDecisionRow>> {
    return readPage(this.against(userId), NEWEST_FIRST, page)
  }

  async count(userId: Id): Promise<number> {
    return this.against(userId).getCount()
  }

  /** A decision against somebody whom the viewer moderates, locked until the transaction ends. */
  async lockOfOthers(id: Id): Promise<ModerationDecisionRow | null> {
    const { viewer } = this.db.caller
    return this.lock(
      this.visible().andWhere('decision.userId <> ALL(:themselves)', {
        themselves: partiesOf(viewer),
      }),
      id,
    )
  }

  /**
   * A decision, locked until the transaction ends.
   * @visibility whoever asks has been told of it by mail, as the use case finds out
   */
  async lockAny(id: Id): Promise<ModerationDecisionRow | null> {
    return this.lock(selectRows(this.db, ModerationDecision, 'decision', COLUMNS), id)
  }

  /** A decision against the viewer, locked until the transaction ends. */
  async lockOwn(id: Id): Promise<ModerationDecisionRow | null> {
    const own = { own: viewerId(this.db.caller.viewer) }
    return this.lock(this.visible().andWhere('decision.userId = :own', own), id)
  }

  /**
   * Until when those of these people are silenced who are.
   * @visibility the use case asks about the viewer, or the policy has asked for the person
   */
  async silences(userIds: readonly Id[]): Promise<Silence[]> {
    return this.db.query(
      `SELECT user_id AS "userId", max(ends_at) AS until FROM moderation_decisions
       WHERE user_id = ANY($1) AND ${isSilence('moderation_decisions', '$2')}
       GROUP BY user_id`,
      [userIds, this.db.now],
    )
  }

  /**
   * Whether a decision holds by which something is removed.
   * @visibility a use case asks, which shows nothing of it
   */
  async isRemoved(subjectId: Id): Promise<boolean> {
    return this.db
      .repo(ModerationDecision)
      .existsBy({ subjectId, action: In([...REMOVING]), reversedAt: IsNull() })
  }

  /**
   * Whether a decision holds by which something is hidden.
   * @visibility as `isRemoved`
   */
  async isHidden(subjectId: Id): Promise<boolean> {
    return this.db
      .repo(ModerationDecision)
      .existsBy({ subjectId, action: ModerationAction.HIDE, reversedAt: IsNull(), endsAt: IsNull() })
  }

  /**
   * Whether a filter has held something else of somebody since a moment than this decision says.
   * @visibility as `isRemoved`
   */
  async isHeldSince(userId: Id, since: Date, decisionId: Id): Promise<boolean> {
    const decidedAt = MoreThanOrEqual(since)
    return this.db
      .repo(ModerationDecision)
      .existsBy({ id: Not(decisionId), userId, action: ModerationAction.HOLD, decidedAt })
  }

  /**
   * Ends the decisions of these kinds that hold about a thing; false where none does.
   * @visibility as `isRemoved`
   */
  async end(subjectId: Id, actions: Measure[]): Promise<boolean> {
    const { affected } = await this.db
      .repo(ModerationDecision)
      .update(
        { subjectId, action: In(actions), reversedAt: IsNull(), endsAt: IsNull() },
        { endsAt: this.db.now, version: () => 'version + 1' },
      )
    return affected! > 0
  }

  async add(decision: ModerationDecision): Promise<void> {
    await this.db.repo(ModerationDecision).insert(decision)
  }

  async reverse({ id, version }: ModerationDecisionRow, reversedById: Id | null): Promise<void> {
    await this.db
      .repo(ModerationDecision)
      .update({ id }, { reversedAt: this.db.now, reversedById, version: version + 1 })
  }

  private async lock(
    query: SelectQueryBuilder<ModerationDecision>,
    id: Id,
  ): Promise<ModerationDecisionRow | null> {
    const found = query.andWhere('decision.id = :id', { id }).setLock('pessimistic_write')
    return (await found.getRawOne<ModerationDecisionRow>()) ?? null
  }

  private against(userId: Id): SelectQueryBuilder<ModerationDecision> {
    return this.visible().andWhere('decision.userId = :userId', { userId })
  }

  private visible(): SelectQueryBuilder<ModerationDecision> {
    const { viewer } = this.db.caller
    return selectRows(this.db, ModerationDecision, 'decision', COLUMNS).where(
      ...ownOrWithinReach(viewer, 'decision.userId', 'posts:moderate'),
    )
  }
}
