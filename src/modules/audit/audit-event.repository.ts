import type { SelectQueryBuilder } from 'typeorm'
import { DAY, later } from '../../core/clock'
import { NOBODY } from '../../api/input'
import { idOf, momentOf, toGlobalId, type Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { anonymous, holds, readerId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { insertRows } from '../../db/insert'
import {
  directionOf,
  readPage,
  selectRows,
  stretchOf,
  type ListOrder,
  type ReadStretch,
  type Stretch,
} from '../../db/page'
import { PLANNED_ANEW } from '../../db/preparing-client'
import { isShown, ownOrWithinReach } from '../../db/reach'
import { indexesOf, soughtIndex } from './address-index'
import { AuditAddress } from './audit-address.entity'
import {
  actionsOfOutcome,
  actionsOfSeverity,
  ALL_ACTIONS,
  AuditOutcome,
  NOT_FOR_WHOM_THEY_ARE_ABOUT,
  type AuditAction,
  type AuditSeverity,
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
  'sessionId',
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
  severities?: readonly AuditSeverity[]
  outcome?: AuditOutcome
  /** Events of the last two years from this address, or network as `coarseNetwork` has it. */
  address?: string
  requestId?: string
  since?: Date
  until?: Date
}

/**
 * A place in what is committed to the trail: after this event, in the order of transactions, among those that came between two snapshots
 * of PostgreSQL (`pg_snapshot`).
 */
export interface TailPlace {
  since: string
  until: string
  /** A transaction, as PostgreSQL counts them. */
  last: string
  lastId: Id
}

/** More than PostgreSQL counts. */
const ALL_TRANSACTIONS = '999999999999999999'

const NEWEST_FIRST: ListOrder<Pick<AuditEvent, 'occurredAt' | 'id'>> = {
  columns: ['occurredAt', 'id'],
  descending: true,
}

/** Every question about the trail. People see the events that they caused or that concern them; `audit:read` sees all. */
export class AuditEventRepository {
  constructor(private readonly db: Database) {}

  /** Adds events, and by what they are found that came from this address. */
  async add(events: readonly AuditEvent[], address: string | null): Promise<void> {
    await insertRows(this.db, AuditEvent, events)
    const indexes = address === null ? null : indexesOf(this.db.tools.keyring, address)
    if (!indexes) return
    const known = events.filter((event) => event.address !== null)
    await insertRows(
      this.db,
      AuditAddress,
      known.map(({ id, occurredAt, action, ownerId }) => ({
        eventId: id,
        occurredAt,
        action,
        ownerId,
        ...indexes,
      })),
    )
  }

  /**
   * @param isUnlimited everything, whoever asks: for the command line, which belongs to whoever runs the installation.
   * @throws ApiError BAD_USER_INPUT for what is no address.
   */
  async list(
    filter: AuditEventFilter,
    page: PageRequest,
    { isUnlimited = false } = {},
  ): Promise<Page<AuditEventRow>> {
    // How common it is what a filter asks for decides what to read.
    const query = this.matching(filter, isUnlimited ? this.all() : this.visible()).comment(PLANNED_ANEW)
    return readPage<AuditEventRow>(query, NEWEST_FIRST, page, this.readingBranches(query, filter))
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

  /** Where the trail ends at this moment, for whoever goes on from there. @visibility nobody is told */
  async tailEnd(): Promise<TailPlace> {
    const [row] = await this.db.query<{ now: string }>('SELECT pg_current_snapshot()::text AS now')
    return { since: row!.now, until: row!.now, last: ALL_TRANSACTIONS, lastId: NOBODY }
  }

  /**
   * What was committed after a place, as far as a filter leaves it, and the place to go on from. Of two snapshots that PostgreSQL has
   * taken, an event comes between them that the one does not show and the other does.
   * @param from no event that is committed by now is older.
   */
  async tail(
    filter: AuditEventFilter,
    place: TailPlace,
    limit: number,
    from: Date,
  ): Promise<{ found: { id: Id; place: TailPlace }[]; place: TailPlace }> {
    const rest = await this.committedAfter(place, filter, limit, from)
    if (rest.length > 0) return { found: rest, place: rest.at(-1)!.place }
    const { since: now } = await this.tailEnd()
    const next = { since: place.until, until: now, last: '0', lastId: NOBODY }
    const found = await this.committedAfter(next, filter, limit, from)
    return { found, place: found.at(-1)?.place ?? { ...next, last: ALL_TRANSACTIONS } }
  }

  private async committedAfter(
    place: TailPlace,
    filter: AuditEventFilter,
    limit: number,
    from: Date,
  ): Promise<{ id: Id; place: TailPlace }[]> {
    if (place.last === ALL_TRANSACTIONS) return []
    const rows = await this.matching(filter)
      .select('event.id', 'id')
      .addSelect('event.transactionId', 'transactionId')
      .andWhere('event.occurredAt >= :from', { from })
      .andWhere(
        'event.transactionId >= CAST(CAST(pg_snapshot_xmin(CAST(:begun AS pg_snapshot)) AS text) AS bigint)',
      )
      .andWhere(
        'event.transactionId < CAST(CAST(pg_snapshot_xmax(CAST(:ended AS pg_snapshot)) AS text) AS bigint)',
      )
      .andWhere(`NOT ${isShownIn(':begun')} AND ${isShownIn(':ended')}`, {
        begun: place.since,
        ended: place.until,
      })
      .andWhere('(event.transactionId, event.id) > (CAST(:last AS bigint), CAST(:lastId AS uuid))', {
        last: place.last,
        lastId: place.lastId,
      })
      .orderBy('event.transactionId')
      .addOrderBy('event.id')
      .limit(limit)
      .comment(PLANNED_ANEW)
      .getRawMany<{ id: Id; transactionId: string }>()
    return rows.map(({ id, transactionId }) => ({ id, place: { ...place, last: transactionId, lastId: id } }))
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

  private matching(filter: AuditEventFilter, query = this.visible()): SelectQueryBuilder<AuditEvent> {
    const actions = actionsIn(filter)
    if (filter.personId) query.andWhere(`(${CONCERNING.join(' OR ')})`, { person: filter.personId })
    if (filter.actorId) query.andWhere('event.actorId = :actorId', { actorId: filter.actorId })
    if (filter.impersonatorId) {
      query.andWhere('event.impersonatorId = :impersonatorId', { impersonatorId: filter.impersonatorId })
    }
    if (filter.subjectId) query.andWhere('event.subjectId = :subjectId', { subjectId: filter.subjectId })
    if (actions) query.andWhere('event.action = ANY(:actions)', { actions })
    if (filter.outcome) query.andWhere('event.outcome = :outcome', { outcome: filter.outcome })
    if (filter.since) query.andWhere('event.occurredAt >= :since', { since: filter.since })
    if (filter.until) query.andWhere('event.occurredAt < :until', { until: filter.until })
    if (filter.requestId !== undefined)
      query.andWhere('event.requestId = :requestId', { requestId: filter.requestId })
    if (filter.address !== undefined) this.fromAddress(query, filter.address)
    return query
  }

  /** Of those whose address the viewer may see: nobody learns by asking what they are not shown. */
  private fromAddress(query: SelectQueryBuilder<AuditEvent>, address: string): void {
    const { viewer } = this.db.caller
    const [[name, value] = []] = Object.entries(soughtIndex(this.db.tools.keyring, address))
    query
      .innerJoin(AuditAddress, 'place', 'place.eventId = event.id AND place.occurredAt = event.occurredAt')
      .andWhere(`place.${name} = :place`, { place: value })
    if (!holds(viewer, 'audit:read')) query.andWhere('event.actorId = :here', { here: readerId(viewer) })
  }

  /**
   * Reads a filter that thins the trail out without reading what it leaves out, however rare that makes what it asks for. What is common
   * is met soon: so the nearest stretch is walked first. What is not is read of each action, and of each way in which an event
   * concerns a person, no more than a page, in order, from an index of its own.
   */
  private readingBranches(
    query: SelectQueryBuilder<AuditEvent>,
    filter: AuditEventFilter,
  ): ReadStretch | undefined {
    // The events of a request are few.
    if (filter.requestId !== undefined) return undefined
    const actions = actionsIn(filter) ?? (filter.address === undefined ? null : ALL_ACTIONS)
    const concerning = filter.personId ? CONCERNING : [null]
    if (!actions && concerning.length === 1) return undefined
    return (stretch) =>
      this.db.transaction(async (tx) => {
        await tx.query(IN_ORDER)
        const branches = concerning.map((condition) =>
          condition ? query.clone().andWhere(condition) : query.clone(),
        )
        if (!actions) return tx.query<AuditEvent>(...unionOf(branches, stretch))
        const end = await this.endOfWalk(tx, filter, concerning, stretch)
        const walks = end === null ? branches : branches.map((branch) => branch.clone().andWhere(...end))
        const walked = await tx.query<AuditEvent>(...unionOf(walks, stretch))
        if (end === null || walked.length === stretch.limit) return walked
        for (const branch of branches) {
          branch.andWhere('event.action = wanted.action')
          if (filter.address !== undefined) branch.andWhere('place.action = wanted.action')
        }
        return tx.query<AuditEvent>(...unionOf(branches, stretch, actions))
      })
  }

  /**
   * Until where a walk leads over so many events that have the person and the time of a filter, whatever else it asks of them; null where
   * they are not that many. @visibility nobody is told
   */
  private async endOfWalk(
    tx: Database,
    { actorId, impersonatorId, subjectId, personId, since, until }: AuditEventFilter,
    concerning: readonly (string | null)[],
    stretch: Stretch,
  ): Promise<[sql: string, parameters: object] | null> {
    // One index is walked, so one of them is enough to say how far.
    const people = Object.entries({ actorId, impersonatorId, subjectId })
      .filter(([, id]) => id)
      .slice(0, 1)
    const moments: number[] = []
    for (const condition of concerning) {
      const query = selectRows(tx, AuditEvent, 'event', ['occurredAt'])
      if (condition) query.andWhere(condition, { person: personId })
      for (const [column, id] of people) query.andWhere(`event.${column} = :${column}`, { [column]: id })
      if (since) query.andWhere('event.occurredAt >= :since', { since })
      if (until) query.andWhere('event.occurredAt < :until', { until })
      const end = await stretchOf(query, NEWEST_FIRST, { ...stretch, limit: 1 })
        .offset(WALK)
        .comment(PLANNED_ANEW)
        .getRawOne<Pick<AuditEvent, 'occurredAt'>>()
      if (end) moments.push(end.occurredAt.getTime())
    }
    if (moments.length === 0) return null
    return stretch.backward
      ? ['event.occurredAt < :end', { end: new Date(Math.min(...moments)) }]
      : ['event.occurredAt > :end', { end: new Date(Math.max(...moments)) }]
  }

  /** @visibility see `list` */
  private all(): SelectQueryBuilder<AuditEvent> {
    return selectRows(this.db, AuditEvent, 'event', COLUMNS)
  }

  private visible(): SelectQueryBuilder<AuditEvent> {
    const { viewer } = this.db.caller
    // Also what the viewer has done themselves to somebody who is not shown to them any more.
    const query = this.all().where(...isShown(viewer, 'event.subjectId'))
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

/**
 * Has PostgreSQL walk along indexes that are in order, and collect nothing to sort it: how common each action is, it does not know where
 * they are asked for together.
 */
const IN_ORDER = [
  'enable_sort',
  'enable_bitmapscan',
  'enable_seqscan',
  'enable_hashjoin',
  'enable_mergejoin',
  'jit',
]
  .map((setting) => `SET LOCAL ${setting} = off`)
  .join('; ')

/** What SQL says for: a snapshot shows what the transaction of an event has done. */
const isShownIn = (snapshot: string): string =>
  `pg_visible_in_snapshot(CAST(CAST(event.transactionId AS text) AS xid8), CAST(${snapshot} AS pg_snapshot))`

/** Over how many events a walk leads before it is given up. */
const WALK = 2_000

/** A stretch of what any of these queries finds, each once; of each of these actions by itself, where there are any. */
function unionOf(
  queries: readonly SelectQueryBuilder<AuditEvent>[],
  stretch: Stretch,
  actions: readonly AuditAction[] | null = null,
): [sql: string, values: unknown[]] {
  const values: unknown[] = []
  const branches = queries.map((query) => {
    const [sql, parameters] = stretchOf(query, NEWEST_FIRST, stretch).getQueryAndParameters()
    const numbered = sql.replaceAll(/\$(\d+)/g, (_, number) => `$${Number(number) + values.length}`)
    values.push(...(parameters as unknown[]))
    if (!actions) return `(${numbered})`
    values.push(actions)
    return `SELECT page.* FROM unnest($${values.length}::text[]) AS wanted (action), LATERAL (${numbered}) page`
  })
  const direction = directionOf(NEWEST_FIRST, stretch.backward)
  return [
    `/* ${PLANNED_ANEW} */ SELECT DISTINCT ON ("occurredAt", id) * FROM (${branches.join(' UNION ALL ')}) found
     ORDER BY "occurredAt" ${direction}, id ${direction} LIMIT ${stretch.limit}`,
    values,
  ]
}

/** The ways in which an event concerns a person. */
const CONCERNING: readonly string[] = ['actorId', 'subjectId', 'impersonatorId'].map(
  (column) => `event.${column} = :person`,
)

/** The actions that a filter leaves, where it says something of them; how an event ended its action tells. */
function actionsIn({ actions, severities, outcome }: AuditEventFilter): AuditAction[] | null {
  const narrowed = [
    ...(actions ? [actions] : []),
    ...(severities ? [actionsOfSeverity(severities)] : []),
    // Nearly all succeed, which is no reason to look for each of them.
    ...(outcome && outcome !== AuditOutcome.SUCCESS ? [actionsOfOutcome(outcome)] : []),
  ]
  if (narrowed.length === 0) return null
  return ALL_ACTIONS.filter((action) => narrowed.every((some) => some.includes(action)))
}
