import { isDeepStrictEqual } from 'node:util'
import { DAY, later } from '../../core/clock'
import { notFound, Rejected, rejected, UserErrorCode } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { viewerId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { assertVersion } from '../../db/version'
import { AuditService } from '../audit/audit.service'
import { AuthorityService } from '../role/authority.service'
import type { CreateWebhookEndpointInput, UpdateWebhookEndpointInput } from './webhook.input'
import type { WebhookEndpoint } from './webhook-endpoint.entity'
import { WebhookEndpointRepository, type WebhookEndpointRow } from './webhook-endpoint.repository'
import { problemsOf } from './webhook-event'
import { newWebhookSecret, openSecrets, sealSecret } from './webhook-signature'

export type { WebhookEndpointRow }

/** How many there may be: each event is compared with all of them. */
const MAX_ENDPOINTS = 100

/** How long is signed with the secret before as well, in milliseconds. */
const OVERLAP = DAY

/**
 * Where other systems want to be told what happens. Whoever says where hands on what happens to everybody, so `webhooks:manage` is asked
 * for over everybody; an endpoint stays when whoever has made it leaves.
 */
export class WebhookEndpointService {
  private readonly endpoints: WebhookEndpointRepository

  constructor(private readonly db: Database) {
    this.endpoints = new WebhookEndpointRepository(db)
  }

  async lookup(ids: readonly Id[]): Promise<WebhookEndpointRow[]> {
    return this.endpoints.lookup(ids)
  }

  async list(page: PageRequest): Promise<Page<WebhookEndpointRow>> {
    return this.endpoints.list(page)
  }

  async count(): Promise<number> {
    return this.endpoints.count()
  }

  /**
   * Has another system told what happens from now on. The secret is in the answer, and nowhere else.
   * @throws Rejected INVALID, REQUIRED; NOT_PERMITTED for too many.
   */
  async create(
    input: CreateWebhookEndpointInput,
  ): Promise<{ webhookEndpoint: WebhookEndpointRow; secret: string }> {
    const { url, description, events } = { ...input, ...this.read(input) }
    const secret = newWebhookSecret()
    const webhookEndpoint = await this.db.transaction(async (tx) => {
      await new AuthorityService(tx).require('webhooks:manage')
      const endpoints = new WebhookEndpointRepository(tx)
      if ((await endpoints.countBeforeNew()) >= MAX_ENDPOINTS) {
        const message = `There are ${MAX_ENDPOINTS} endpoints. Delete one that is not in use.`
        throw rejected([], UserErrorCode.NOT_PERMITTED, message)
      }
      const { now } = tx
      const id = newId(now)
      const endpoint: WebhookEndpoint = {
        id,
        url,
        description,
        events,
        signingSecret: await sealSecret(tx, 'signingSecret', id, secret),
        previousSigningSecret: null,
        previousSecretExpiresAt: null,
        isEnabled: true,
        disabledBecause: null,
        firstFailureAt: null,
        resumesAt: null,
        createdById: viewerId(tx.caller.viewer),
        createdAt: now,
        deletedAt: null,
        version: 1,
      }
      await endpoints.add(endpoint)
      await new AuditService(tx).record('webhook-endpoint.created', {
        target: targetOf(endpoint),
        details: { host: new URL(url).hostname, events },
      })
      return endpoint
    })
    return { webhookEndpoint, secret }
  }

  /**
   * Changes what is told, where, or whether. What waits is sent to where it leads then.
   * @throws ApiError NOT_FOUND, CONFLICT; Rejected INVALID, REQUIRED.
   */
  async update({
    webhookEndpointId,
    expectedVersion,
    ...changes
  }: UpdateWebhookEndpointInput): Promise<WebhookEndpointRow> {
    const read = this.read(changes)
    return this.change(webhookEndpointId, async (tx, endpoint) => {
      const { url, description, events, isEnabled } = endpoint
      const current = { url, description, events, isEnabled }
      assertVersion(endpoint.version, expectedVersion, current)
      const given = { ...changes, ...read }
      const fields = (Object.keys(current) as (keyof typeof current)[]).filter(
        (name) => given[name] != null && !isDeepStrictEqual(given[name], current[name]),
      )
      if (fields.length === 0) return endpoint
      const updated: WebhookEndpoint = {
        ...endpoint,
        ...Object.fromEntries(fields.map((name) => [name, given[name]])),
        // Whoever has looked at it knows by now.
        ...(fields.includes('isEnabled') && { disabledBecause: null, firstFailureAt: null, resumesAt: null }),
        version: endpoint.version + 1,
      }
      await new WebhookEndpointRepository(tx).save(updated)
      await new AuditService(tx).record('webhook-endpoint.updated', {
        target: targetOf(endpoint),
        details: { fields },
      })
      return updated
    })
  }

  /** Has it told nothing any more; its secrets are destroyed, and its deliveries removed. @throws ApiError NOT_FOUND */
  async delete(id: Id): Promise<Id> {
    await this.change(id, async (tx, endpoint) => {
      const { now } = tx
      await new WebhookEndpointRepository(tx).save({
        ...endpoint,
        isEnabled: false,
        disabledBecause: null,
        deletedAt: now,
      })
      await tx.codec.destroyKey(id)
      await new AuditService(tx).record('webhook-endpoint.deleted', { target: targetOf(endpoint) })
      return endpoint
    })
    return id
  }

  /**
   * Signs with a new secret from now on, and with the one before as well for a day; once more makes the one before that worthless at once.
   * The new one is in the answer, and nowhere else.
   * @throws ApiError NOT_FOUND
   */
  async rotateSecret(id: Id): Promise<{ webhookEndpoint: WebhookEndpointRow; secret: string }> {
    const secret = newWebhookSecret()
    const webhookEndpoint = await this.change(id, async (tx, endpoint) => {
      const [opened] = await openSecrets(tx, [endpoint])
      if (opened instanceof Error) throw opened
      const { now } = tx
      const updated: WebhookEndpoint = {
        ...endpoint,
        signingSecret: await sealSecret(tx, 'signingSecret', id, secret),
        previousSigningSecret: await sealSecret(tx, 'previousSigningSecret', id, opened![0]!),
        previousSecretExpiresAt: later(now, OVERLAP),
        version: endpoint.version + 1,
      }
      await new WebhookEndpointRepository(tx).save(updated)
      await new AuditService(tx).record('webhook-endpoint.secret-rotated', { target: targetOf(endpoint) })
      return updated
    })
    return { webhookEndpoint, secret }
  }

  private async change(
    id: Id,
    work: (tx: Database, endpoint: WebhookEndpoint) => Promise<WebhookEndpointRow>,
  ): Promise<WebhookEndpointRow> {
    return this.db.transaction(async (tx) => {
      await new AuthorityService(tx).require('webhooks:manage')
      const endpoint = await new WebhookEndpointRepository(tx).lock(id)
      if (!endpoint) throw notFound('webhook endpoint')
      return work(tx, endpoint)
    })
  }

  /** What was given of these, each in one spelling. @throws Rejected */
  private read({ url, events }: { url?: string; events?: string[] }): { url?: string; events?: string[] } {
    const found = url === undefined ? null : this.db.tools.webhooks.read(url)
    const problems = [
      ...(found && 'problem' in found
        ? [{ code: UserErrorCode.INVALID, field: ['url'], message: found.problem }]
        : []),
      ...(events === undefined ? [] : problemsOf(events)),
    ]
    if (problems.length > 0) throw new Rejected(...problems)
    return {
      ...(found && 'url' in found && { url: found.url }),
      ...(events && { events: [...new Set(events)].sort() }),
    }
  }
}

const targetOf = ({ id }: Pick<WebhookEndpoint, 'id'>): string => toGlobalId('webhook_endpoint', id)
