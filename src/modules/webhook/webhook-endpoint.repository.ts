import { IsNull } from 'typeorm'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { holds } from '../../core/viewer'
import type { Database } from '../../db/database'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { WebhookEndpoint } from './webhook-endpoint.entity'

const COLUMNS = [
  'id',
  'url',
  'description',
  'events',
  'previousSecretExpiresAt',
  'isEnabled',
  'disabledBecause',
  'firstFailureAt',
  'resumesAt',
  'createdById',
  'createdAt',
  'version',
] as const
export type WebhookEndpointRow = Pick<WebhookEndpoint, (typeof COLUMNS)[number]>

const OLDEST_FIRST: ListOrder<WebhookEndpointRow> = { columns: ['createdAt', 'id'], descending: false }

/** Every question about where other systems are told what happens. `webhooks:manage` over everybody sees all. */
export class WebhookEndpointRepository {
  constructor(private readonly db: Database) {}

  async lookup(ids: readonly Id[]): Promise<WebhookEndpointRow[]> {
    return this.visible().andWhere('endpoint.id = ANY(:ids)', { ids }).getRawMany<WebhookEndpointRow>()
  }

  async list(page: PageRequest): Promise<Page<WebhookEndpointRow>> {
    return readPage(this.visible(), OLDEST_FIRST, page)
  }

  async count(): Promise<number> {
    return this.visible().getCount()
  }

  /**
   * How many there are. None can be made until the transaction ends.
   * @visibility whoever makes one may make no more than so many
   */
  async countBeforeNew(): Promise<number> {
    await this.db.query('LOCK TABLE webhook_endpoints IN SHARE ROW EXCLUSIVE MODE')
    return this.db.repo(WebhookEndpoint).countBy({ deletedAt: IsNull() })
  }

  /**
   * The whole row, locked until the transaction ends; null for one that is there no more.
   * @visibility whoever changes one has been found to be allowed to
   */
  async lock(id: Id): Promise<WebhookEndpoint | null> {
    return this.db
      .repo(WebhookEndpoint)
      .findOne({ where: { id, deletedAt: IsNull() }, lock: { mode: 'for_no_key_update' } })
  }

  async add(endpoint: WebhookEndpoint): Promise<void> {
    await this.db.repo(WebhookEndpoint).insert(endpoint)
  }

  async save({ id, ...columns }: WebhookEndpoint): Promise<void> {
    await this.db.repo(WebhookEndpoint).update({ id }, columns)
  }

  /**
   * Those of these that are told something, with their secrets.
   * @visibility the sender reads where to send to
   */
  async findReceivers(ids: readonly Id[]): Promise<WebhookEndpoint[]> {
    return this.db
      .repo(WebhookEndpoint)
      .createQueryBuilder('endpoint')
      .where('endpoint.id = ANY(:ids) AND endpoint.isEnabled', { ids })
      .getMany()
  }

  /** Notes that something has arrived: whatever failed before it is over. */
  async noteSuccess(id: Id): Promise<void> {
    await this.db.query(
      'UPDATE webhook_endpoints SET first_failure_at = NULL WHERE id = $1 AND first_failure_at IS NOT NULL',
      [id],
    )
  }

  /**
   * Notes that something has not arrived, and returns since when nothing has; null for one that is sent nothing any more.
   * @visibility the sender notes what has come of it
   */
  async noteFailure(id: Id, resumesAt: Date | null): Promise<Date | null> {
    const [noted] = await this.db.query<{ firstFailureAt: Date }>(
      `WITH noted AS (
         UPDATE webhook_endpoints SET first_failure_at = coalesce(first_failure_at, $2), resumes_at = greatest(resumes_at, $3)
         WHERE id = $1 AND is_enabled RETURNING first_failure_at
       )
       SELECT first_failure_at AS "firstFailureAt" FROM noted`,
      [id, this.db.now, resumesAt],
    )
    return noted?.firstFailureAt ?? null
  }

  /** Removes those that are there no more and of which nothing is left. */
  async removeDeleted(): Promise<void> {
    await this.db.query(
      `DELETE FROM webhook_endpoints endpoint WHERE deleted_at IS NOT NULL
         AND NOT EXISTS (SELECT FROM webhook_deliveries delivery WHERE delivery.endpoint_id = endpoint.id)`,
    )
  }

  /** Forgets secrets that were replaced and do not count any more. */
  async forgetPreviousSecrets(): Promise<void> {
    await this.db.query(
      `UPDATE webhook_endpoints SET previous_signing_secret = NULL, previous_secret_expires_at = NULL WHERE previous_secret_expires_at <= $1`,
      [this.db.now],
    )
  }

  private visible() {
    const { viewer } = this.db.caller
    return selectRows(this.db, WebhookEndpoint, 'endpoint', COLUMNS)
      .where(holds(viewer, 'webhooks:manage') ? 'true' : 'false')
      .andWhere('endpoint.deletedAt IS NULL')
  }
}
