import type { SelectQueryBuilder } from 'typeorm'
import { DAY, SECOND } from '../../core/clock'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { holds } from '../../core/viewer'
import type { Database } from '../../db/database'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { LOCKS } from '../../db/locks'
import type { ToldEvent } from '../audit/audit.service'
import { DeliveryStatus } from './delivery-status'
import type { WebhookAttempt } from './webhook-attempt.entity'
import { WebhookDelivery } from './webhook-delivery.entity'

const COLUMNS = [
  'id',
  'endpointId',
  'eventId',
  'action',
  'occurredAt',
  'status',
  'nextAttemptAt',
  'retryCount',
  'attemptCount',
] as const
export type WebhookDeliveryRow = Pick<WebhookDelivery, (typeof COLUMNS)[number]>

const NEWEST_FIRST: ListOrder<WebhookDeliveryRow> = { columns: ['occurredAt', 'id'], descending: true }

export interface WebhookDeliveryFilter {
  status?: DeliveryStatus
}

/** How long deliveries are kept after their events, in milliseconds. */
export const KEPT_FOR = 30 * DAY

/** A delivery that one process has to itself until a moment. */
export interface ClaimedDelivery extends Pick<
  WebhookDelivery,
  'id' | 'endpointId' | 'eventId' | 'retryCount' | 'attemptCount'
> {
  /** What tells this claim from one that another process makes after it. */
  claimedUntil: Date
}

/** What is to be told. */
export type QueuedEvent = Pick<ToldEvent, 'id' | 'action' | 'occurredAt'>

/** A place in the trail. */
export type Place = Pick<QueuedEvent, 'id' | 'occurredAt'>

/** Events after a place and before a moment. */
export interface Stretch {
  after: Place
  until: Date
}

/** Tells whoever sends that something is due. The trigger on the trail says the same. */
export const WEBHOOKS_DUE = 'webhooks-due'

/** Sent as if for the first time, from a moment on; one that is under way goes on. */
const AS_NEW = (now: string) =>
  `status = '${DeliveryStatus.PENDING}', next_attempt_at = ${now}, retry_count = 0`

/** How many are sent at once: in all by one process, and to one endpoint by all. One that fails is sent one at a time until it does not. */
export interface Room {
  free: number
  perEndpoint: number
}

/**
 * For how long, in milliseconds, whoever has claimed a delivery has it to themselves. Longer than it takes to send it and to write
 * down what came of it; then whoever it was is gone, or its claim is of no account.
 */
export const CLAIM = 30 * SECOND

/** Every question about what endpoints are told. `webhooks:manage` over everybody sees all. */
export class WebhookDeliveryRepository {
  constructor(private readonly db: Database) {}

  async lookup(ids: readonly Id[]): Promise<WebhookDeliveryRow[]> {
    return this.visible().andWhere('delivery.id = ANY(:ids)', { ids }).getRawMany<WebhookDeliveryRow>()
  }

  async list(
    endpointId: Id,
    filter: WebhookDeliveryFilter,
    page: PageRequest,
  ): Promise<Page<WebhookDeliveryRow>> {
    return readPage(this.matching(endpointId, filter), NEWEST_FIRST, page)
  }

  async count(endpointId: Id, filter: WebhookDeliveryFilter): Promise<number> {
    return this.matching(endpointId, filter).getCount()
  }

  /**
   * The last attempts of these deliveries, the latest first.
   * @visibility whoever has found a delivery sees what came of it
   */
  async findAttempts(deliveryIds: readonly Id[], each: number): Promise<WebhookAttempt[]> {
    return this.db.query<WebhookAttempt>(
      `SELECT attempt.delivery_id AS "deliveryId", number, started_at AS "startedAt", duration_ms AS "durationMs",
         status_code AS "statusCode", failure
       FROM unnest($1::uuid[]) AS list (id), LATERAL (
         SELECT * FROM webhook_attempts WHERE delivery_id = list.id ORDER BY number DESC LIMIT $2
       ) attempt ORDER BY number DESC`,
      [deliveryIds, each],
    )
  }

  /**
   * Takes what is due, some of each endpoint, the longest overdue first. Call it inside a transaction: those who claim take turns, so that
   * no more is sent to an endpoint at once than should be.
   * @visibility the sender asks what to send
   */
  async claim({ free, perEndpoint }: Room): Promise<ClaimedDelivery[]> {
    await this.db.query('SELECT pg_advisory_xact_lock($1)', [LOCKS.webhooks])
    return this.db.query<ClaimedDelivery>(
      `WITH due AS (
         SELECT next.id
         FROM webhook_endpoints endpoint
         CROSS JOIN LATERAL (
           SELECT count(*) AS count FROM webhook_deliveries claimed
           WHERE claimed.endpoint_id = endpoint.id AND claimed.claimed_until > now()
         ) under_way
         CROSS JOIN LATERAL (
           SELECT id, next_attempt_at FROM webhook_deliveries delivery
           WHERE delivery.endpoint_id = endpoint.id AND status = '${DeliveryStatus.PENDING}' AND next_attempt_at <= $1
             AND (claimed_until IS NULL OR claimed_until <= now())
           ORDER BY next_attempt_at, id
           LIMIT greatest(CASE WHEN endpoint.first_failure_at IS NULL THEN $3::int ELSE 1 END - under_way.count, 0)
         ) next
         WHERE endpoint.is_enabled AND (endpoint.resumes_at IS NULL OR endpoint.resumes_at <= $1)
         ORDER BY next.next_attempt_at, next.id LIMIT $2
       ), claimed AS (
         UPDATE webhook_deliveries SET claimed_until = clock_timestamp() + $4 * interval '1 millisecond'
         WHERE id IN (SELECT id FROM due) AND status = '${DeliveryStatus.PENDING}'
         RETURNING id, endpoint_id AS "endpointId", event_id AS "eventId", claimed_until AS "claimedUntil",
           retry_count AS "retryCount", attempt_count AS "attemptCount"
       )
       SELECT * FROM claimed`,
      [this.db.now, free, perEndpoint, CLAIM],
    )
  }

  /**
   * Writes down an attempt and what follows from it. False where the claim does not count any more, and nothing was written.
   * @visibility the sender notes what has come of it
   */
  async settle(
    claimed: ClaimedDelivery,
    attempt: Omit<WebhookAttempt, 'deliveryId' | 'number'>,
    { status, nextAttemptAt }: Pick<WebhookDelivery, 'status' | 'nextAttemptAt'>,
  ): Promise<boolean> {
    const settled = await this.db.query(
      `WITH settled AS (
         UPDATE webhook_deliveries SET status = $3, next_attempt_at = $4, claimed_until = NULL,
           retry_count = retry_count + 1, attempt_count = attempt_count + 1
         WHERE id = $1 AND claimed_until = $2 RETURNING id, attempt_count
       )
       INSERT INTO webhook_attempts (delivery_id, number, started_at, duration_ms, status_code, failure)
       SELECT id, attempt_count, $5, $6, $7, $8 FROM settled RETURNING number`,
      [
        ...[claimed.id, claimed.claimedUntil, status, nextAttemptAt],
        ...[attempt.startedAt, attempt.durationMs, attempt.statusCode, attempt.failure],
      ],
    )
    return settled.length > 0
  }

  /** Lets others have what was claimed and not sent. */
  async release(claimed: readonly ClaimedDelivery[]): Promise<void> {
    await this.db.query(
      `UPDATE webhook_deliveries delivery SET claimed_until = NULL
       FROM unnest($1::uuid[], $2::timestamptz[]) AS given (id, until)
       WHERE delivery.id = given.id AND delivery.claimed_until = given.until`,
      [claimed.map(({ id }) => id), claimed.map(({ claimedUntil }) => claimedUntil)],
    )
  }

  /** Removes what was claimed and is not to be sent at all. */
  async drop(claimed: readonly ClaimedDelivery[]): Promise<void> {
    await this.db.query('DELETE FROM webhook_deliveries WHERE id = ANY($1)', [claimed.map(({ id }) => id)])
  }

  /**
   * Has an endpoint told of an event that was recorded in this transaction, whatever else it is told; returns the delivery.
   * @visibility whoever tests an endpoint has found it
   */
  async add(endpointId: Id, { id, action, occurredAt }: QueuedEvent): Promise<Id> {
    const [added] = await this.db.query<{ id: Id }>(
      `INSERT INTO webhook_deliveries
         (id, endpoint_id, event_id, action, occurred_at, status, next_attempt_at, retry_count, attempt_count)
       VALUES (gen_random_uuid(), $1, $2, $3, $4, '${DeliveryStatus.PENDING}', $4, 0, 0)
       -- It is told of these anyway.
       ON CONFLICT (endpoint_id, event_id) DO UPDATE SET status = excluded.status RETURNING id`,
      [endpointId, id, action, occurredAt],
    )
    await this.tellSenders()
    return added!.id
  }

  /** Has a delivery sent again, as if for the first time. */
  async sendAgain(id: Id): Promise<void> {
    await this.db.query(`UPDATE webhook_deliveries SET ${AS_NEW('$2')} WHERE id = $1`, [id, this.db.now])
    await this.tellSenders()
  }

  /**
   * Has an endpoint told of some of the events of a stretch of the trail: of what it was not told, and of what it did not take. Returns
   * the last of those that were looked at; null where there are none any more.
   * @visibility whoever wants them sent has found the endpoint; what it is not to be told is not sent
   */
  async sendMissed(endpointId: Id, { after, until }: Stretch, limit: number): Promise<Place | null> {
    const [last] = await this.db.query<Place>(
      `WITH looked_at AS (
         SELECT id, action, occurred_at FROM audit_events
         WHERE (occurred_at, id) > ($2, $3) AND occurred_at < $4 ORDER BY occurred_at, id LIMIT $5
       ), queued AS (
         INSERT INTO webhook_deliveries AS delivery
           (id, endpoint_id, event_id, action, occurred_at, status, next_attempt_at, retry_count, attempt_count)
         SELECT gen_random_uuid(), endpoint.id, event.id, event.action, event.occurred_at, '${DeliveryStatus.PENDING}', $6, 0, 0
         FROM looked_at event JOIN webhook_endpoints endpoint
           ON endpoint.id = $1 AND endpoint.is_enabled AND wants_webhook(endpoint.events, event.action)
         ON CONFLICT (endpoint_id, event_id) DO UPDATE SET ${AS_NEW('$6')} WHERE delivery.status = '${DeliveryStatus.FAILED}'
       )
       SELECT occurred_at AS "occurredAt", id FROM looked_at ORDER BY occurred_at DESC, id DESC LIMIT 1`,
      [endpointId, after.occurredAt, after.id, until, limit, this.db.now],
    )
    await this.tellSenders()
    return last ?? null
  }

  /**
   * Removes deliveries of events from before a moment, and those of endpoints that are there no more; returns how many.
   * @visibility a task of the timetable
   */
  async removeOld(before: Date, limit: number): Promise<number> {
    const [removed] = await this.db.query<{ count: number }>(
      `WITH old AS (
         SELECT delivery.id FROM webhook_endpoints endpoint, LATERAL (
           SELECT id FROM webhook_deliveries
           WHERE endpoint_id = endpoint.id AND (occurred_at < $1 OR endpoint.deleted_at IS NOT NULL)
           ORDER BY occurred_at, id LIMIT $2
         ) delivery LIMIT $2
       ), removed AS (
         DELETE FROM webhook_deliveries WHERE id IN (SELECT id FROM old) RETURNING id
       )
       SELECT count(*)::int AS count FROM removed`,
      [before, limit],
    )
    return removed!.count
  }

  /**
   * How many are due, due later, and given up; those of endpoints that are disabled are none of them.
   * @visibility counts for whoever operates Portico
   */
  async countByState(): Promise<Record<'waiting' | 'later' | 'failed', number>> {
    const [counts] = await this.db.query<Record<'waiting' | 'later' | 'failed', number>>(
      `SELECT coalesce(sum(waiting), 0)::int AS waiting, coalesce(sum(later), 0)::int AS later, coalesce(sum(failed), 0)::int AS failed
       FROM webhook_endpoints endpoint
       CROSS JOIN LATERAL (
         SELECT count(*) FILTER (WHERE next_attempt_at <= $1) AS waiting, count(*) FILTER (WHERE next_attempt_at > $1) AS later
         FROM webhook_deliveries WHERE endpoint_id = endpoint.id AND status = '${DeliveryStatus.PENDING}'
       ) pending
       CROSS JOIN LATERAL (
         SELECT count(*) AS failed FROM webhook_deliveries
         WHERE endpoint_id = endpoint.id AND status = '${DeliveryStatus.FAILED}'
       ) given_up
       WHERE endpoint.is_enabled`,
      [this.db.now],
    )
    return counts!
  }

  private tellSenders(): Promise<void> {
    return this.db.notify(WEBHOOKS_DUE, {})
  }

  private matching(endpointId: Id, { status }: WebhookDeliveryFilter): SelectQueryBuilder<WebhookDelivery> {
    const query = this.visible().andWhere('delivery.endpointId = :endpointId', { endpointId })
    return status ? query.andWhere('delivery.status = :status', { status }) : query
  }

  private visible(): SelectQueryBuilder<WebhookDelivery> {
    const { viewer } = this.db.caller
    return selectRows(this.db, WebhookDelivery, 'delivery', COLUMNS)
      .innerJoin(
        'webhook_endpoints',
        'endpoint',
        'endpoint.id = delivery.endpointId AND endpoint.deleted_at IS NULL',
      )
      .where(holds(viewer, 'webhooks:manage') ? 'true' : 'false')
  }
}
