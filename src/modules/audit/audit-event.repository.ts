import { Brackets, type SelectQueryBuilder } from 'typeorm'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { holds, viewerId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { insertRows } from '../../db/insert'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import type { AuditAction, AuditOutcome } from './audit-event'
import { AuditEvent } from './audit-event.entity'

const COLUMNS = [
  'id',
  'occurredAt',
  'action',
  'outcome',
  'actorId',
  'subjectId',
  'ownerId',
  'target',
  'requestId',
  'address',
  'details',
] as const
export type AuditEventRow = Pick<AuditEvent, (typeof COLUMNS)[number]>

export interface AuditEventFilter {
  /** Events that this person caused or that concern them. */
  personId?: Id
  actorId?: Id
  subjectId?: Id
  actions?: readonly AuditAction[]
  outcome?: AuditOutcome
  since?: Date
  until?: Date
}

const NEWEST_FIRST: ListOrder<AuditEventRow> = { columns: ['occurredAt', 'id'], descending: true }

/** Every question about the trail. People see the events that they caused or that concern them; `audit:read` sees all. */
export class AuditEventRepository {
  constructor(private readonly db: Database) {}

  async add(...events: AuditEvent[]): Promise<void> {
    await insertRows(this.db, AuditEvent, events)
  }

  async list(filter: AuditEventFilter, page: PageRequest): Promise<Page<AuditEventRow>> {
    return readPage(this.matching(filter), NEWEST_FIRST, page)
  }

  async count(filter: AuditEventFilter): Promise<number> {
    return this.matching(filter).getCount()
  }

  async lookup(ids: readonly Id[]): Promise<AuditEventRow[]> {
    return this.visible().andWhere('event.id = ANY(:ids)', { ids }).getRawMany<AuditEventRow>()
  }

  private matching(filter: AuditEventFilter): SelectQueryBuilder<AuditEvent> {
    const query = this.visible()
    if (filter.personId) query.andWhere(concerns('person'), { person: filter.personId })
    if (filter.actorId) query.andWhere('event.actorId = :actorId', { actorId: filter.actorId })
    if (filter.subjectId) query.andWhere('event.subjectId = :subjectId', { subjectId: filter.subjectId })
    if (filter.actions) query.andWhere('event.action = ANY(:actions)', { actions: filter.actions })
    if (filter.outcome) query.andWhere('event.outcome = :outcome', { outcome: filter.outcome })
    if (filter.since) query.andWhere('event.occurredAt >= :since', { since: filter.since })
    if (filter.until) query.andWhere('event.occurredAt < :until', { until: filter.until })
    return query
  }

  private visible(): SelectQueryBuilder<AuditEvent> {
    const { viewer } = this.db.caller
    const query = selectRows(this.db, AuditEvent, 'event', COLUMNS)
    if (!holds(viewer, 'audit:read')) query.andWhere(concerns('viewer'), { viewer: viewerId(viewer) })
    return query
  }
}

const concerns = (parameter: string) =>
  new Brackets((where) =>
    where.where(`event.actorId = :${parameter}`).orWhere(`event.subjectId = :${parameter}`),
  )
