import { Brackets, type SelectQueryBuilder } from 'typeorm'
import { DAY, later } from '../../core/clock'
import { idOf, momentOf, toGlobalId, type Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { anonymous, holds, readerId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { insertRows } from '../../db/insert'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { isShown, ownOrWithinReach } from '../../db/reach'
import {
  NOT_FOR_WHOM_THEY_ARE_ABOUT,
  type AuditAction,
  type AuditOutcome,
  type SecurityAction,
} from './audit-event'
import { AuditEvent } from './audit-event.entity'

const COLUMNS = [
  'id',
  'occurredAt',
  'action',
  'outcome',
  'actorId',
  'impersonatorId',
  'subjectId',
  'ownerId',
  'target',
  'requestId',
  'address',
  'details',
  'personalDetails',
] as const
export type AuditEventRow = Pick<AuditEvent, (typeof COLUMNS)[number]>

const SECURITY_COLUMNS = [
  'id',
  'occurredAt',
  'action',
  'actorId',
  'subjectId',
  'ownerId',
  'sessionId',
  'address',
  'details',
] as const
export interface SecurityEventRow extends Pick<AuditEvent, (typeof SECURITY_COLUMNS)[number]> {
  action: SecurityAction
}

const TOLD_COLUMNS = [
  'id',
  'occurredAt',
  'action',
  'outcome',
  'actorId',
  'impersonatorId',
  'subjectId',
  'target',
] as const
/** What other systems may be told of an event: ids and moments, and no words. */
export type ToldEvent = Pick<AuditEvent, (typeof TOLD_COLUMNS)[number]>

export interface AuditEventFilter {
  /** Events that this person caused or that concern them. */
  personId?: Id
  actorId?: Id
  /** Events that this person caused as somebody else. */
  impersonatorId?: Id
  subjectId?: Id
  actions?: readonly AuditAction[]
  outcome?: AuditOutcome
  since?: Date
  until?: Date
}

const NEWEST_FIRST: ListOrder<Pick<AuditEvent, 'occurredAt' | 'id'>> = {
  columns: ['occurredAt', 'id'],
  descending: true,
}

/** Every question about the trail. People see the events that they caused or that concern them; `audit:read` sees all. */
export class AuditEventRepository {
  constructor(private readonly db: Database) {}

  async add(...events: AuditEvent[]): Promise<void> {
    await insertRows(this.db, AuditEvent, events)
  }

  async list(filter: AuditEventFilter, page: PageRequest): Promise<Page<AuditEventRow>> {
    return readPage<AuditEventRow>(this.matching(filter), NEWEST_FIRST, page)
  }

  async count(filter: AuditEventFilter): Promise<number> {
    return this.matching(filter).getCount()
  }

  async lookup(ids: readonly Id[]): Promise<AuditEventRow[]> {
    return this.visible()
      .andWhere(...among(ids))
      .getRawMany<AuditEventRow>()
  }

  async listSecurity(personId: Id, page: PageRequest): Promise<Page<SecurityEventRow>> {
    return readPage<SecurityEventRow>(this.visibleSecurity(personId), NEWEST_FIRST, page)
  }

  async countSecurity(personId: Id): Promise<number> {
    return this.visibleSecurity(personId).getCount()
  }

  /**
   * What other systems may be told of these events; those that concern somebody whose data is kept and no more are left out.
   * @param regardless actions that are told of whomever they concern.
   * @visibility what leaves was chosen by whoever holds `webhooks:manage` over everybody
   */
  async findTold(ids: readonly Id[], regardless: readonly AuditAction[]): Promise<ToldEvent[]> {
    const [isShownToAnybody, parameters] = isShown(anonymous, 'event.subjectId')
    return selectRows(this.db, AuditEvent, 'event', TOLD_COLUMNS)
      .where(...among(ids))
      .andWhere(`(event.action = ANY(:regardless) OR ${isShownToAnybody})`, { ...parameters, regardless })
      .getRawMany<ToldEvent>()
  }

  /** @visibility whoever disowns one is held to be its subject by the use case */
  async findSecurity(id: Id): Promise<SecurityEventRow | null> {
    const row = await this.security()
      .andWhere(...among([id]))
      .getRawOne<SecurityEventRow>()
    return row ?? null
  }

  /** @visibility asked of events that the viewer has found */
  async disownedAt(ids: readonly Id[]): Promise<Map<Id, Date>> {
    const rows = await this.db.query<{ target: string; at: Date }>(
      `SELECT target, min(occurred_at) AS at FROM audit_events
       WHERE action = 'account.disowned' AND target = ANY($1) AND occurred_at >= $2 GROUP BY target`,
      [ids.map((id) => toGlobalId('event', id)), spanOf(ids).from],
    )
    return new Map(rows.map(({ target, at }) => [idOf('event', target)!, at]))
  }

  private visibleSecurity(personId: Id): SelectQueryBuilder<AuditEvent> {
    return this.security()
      .andWhere('event.subjectId = :personId', { personId })
      .andWhere(...ownOrWithinReach(this.db.caller.viewer, 'event.subjectId', 'security:read'))
  }

  private security(): SelectQueryBuilder<AuditEvent> {
    return selectRows(this.db, AuditEvent, 'event', SECURITY_COLUMNS).where('event.isSecurityEvent')
  }

  private matching(filter: AuditEventFilter): SelectQueryBuilder<AuditEvent> {
    const query = this.visible()
    if (filter.personId) query.andWhere(concerns('person'), { person: filter.personId })
    if (filter.actorId) query.andWhere('event.actorId = :actorId', { actorId: filter.actorId })
    if (filter.impersonatorId) {
      query.andWhere('event.impersonatorId = :impersonatorId', { impersonatorId: filter.impersonatorId })
    }
    if (filter.subjectId) query.andWhere('event.subjectId = :subjectId', { subjectId: filter.subjectId })
    if (filter.actions) query.andWhere('event.action = ANY(:actions)', { actions: filter.actions })
    if (filter.outcome) query.andWhere('event.outcome = :outcome', { outcome: filter.outcome })
    if (filter.since) query.andWhere('event.occurredAt >= :since', { since: filter.since })
    if (filter.until) query.andWhere('event.occurredAt < :until', { until: filter.until })
    return query
  }

  private visible(): SelectQueryBuilder<AuditEvent> {
    const { viewer } = this.db.caller
    // Also what the viewer has done themselves to somebody who is not shown to them any more.
    const query = selectRows(this.db, AuditEvent, 'event', COLUMNS).where(
      ...isShown(viewer, 'event.subjectId'),
    )
    // Nobody finds what is kept about them and not for them.
    const me = readerId(viewer)
    if (me !== null) {
      query.andWhere(`NOT (event.action = ANY(:hidden) AND event.details ->> 'about' = :me)`, {
        hidden: NOT_FOR_WHOM_THEY_ARE_ABOUT,
        me: toGlobalId('user', me),
      })
    }
    if (holds(viewer, 'audit:read')) return query
    const [isWithinReach, parameters] = ownOrWithinReach(viewer, 'event.subjectId', 'audit:read')
    return query.andWhere(`(event.actorId = :actor OR event.impersonatorId = :actor OR ${isWithinReach})`, {
      ...parameters,
      actor: readerId(viewer),
    })
  }
}

/** How far the moments of an event and of its id may lie apart, in milliseconds; far less than the month of a partition. */
const TOLERANCE = DAY

/** When events of these ids can have happened: what was before or after need not be looked through, partition by partition. */
function spanOf(ids: readonly Id[]): { from: Date; to: Date } {
  const moments = ids.map((id) => momentOf(id)?.getTime())
  const known = moments.filter((moment) => moment !== undefined)
  if (known.length < ids.length || known.length === 0) return { from: new Date(0), to: END_OF_TIME }
  return {
    from: later(new Date(Math.min(...known)), -TOLERANCE),
    to: later(new Date(Math.max(...known)), TOLERANCE),
  }
}

const END_OF_TIME = new Date(Date.UTC(9999, 11, 31))

const among = (ids: readonly Id[]): [sql: string, parameters: object] => [
  'event.id = ANY(:ids) AND event.occurredAt BETWEEN :from AND :to',
  { ids, ...spanOf(ids) },
]

const concerns = (parameter: string) =>
  new Brackets((where) =>
    where
      .where(`event.actorId = :${parameter}`)
      .orWhere(`event.subjectId = :${parameter}`)
      .orWhere(`event.impersonatorId = :${parameter}`),
  )
