import { randomBytes } from 'node:crypto'
import { packageVersion } from '../../config/version'
import { SECOND } from '../../core/clock'
import type { WebhookMessage } from '../../core/webhook-transport'
import { standardSignature } from '../../crypto/standard-webhook'
import { WEBHOOK_SECRET_PREFIX } from '../../crypto/token'
import type { Database } from '../../db/database'
import { WebhookEndpoint } from './webhook-endpoint.entity'

/** A secret to sign with: `whsec_` and 256 random bits as base64 (Standard Webhooks). */
export const newWebhookSecret = (): string => WEBHOOK_SECRET_PREFIX + randomBytes(32).toString('base64')

/** A secret as it is kept, in one of the two places that an endpoint has for one; under the endpoint's own data key. */
export const sealSecret = (
  db: Database,
  property: 'signingSecret' | 'previousSigningSecret',
  endpointId: string,
  secret: string,
): Promise<Buffer> =>
  db.codec.seal(WebhookEndpoint, property, { id: endpointId, ownerId: endpointId }, secret)

/** With what is signed for each of these endpoints, the newest secret first; an error for one whose secrets do not open. */
export async function openSecrets(
  db: Database,
  endpoints: readonly WebhookEndpoint[],
): Promise<(string[] | Error)[]> {
  const places = endpoints.map((endpoint) => ({ ...endpoint, ownerId: endpoint.id }))
  const { now } = db
  const current = await db.codec.openEach(
    WebhookEndpoint,
    'signingSecret',
    places,
    (place) => place.signingSecret,
  )
  const previous = await db.codec.openEach(WebhookEndpoint, 'previousSigningSecret', places, (place) =>
    place.previousSecretExpiresAt !== null && place.previousSecretExpiresAt > now
      ? place.previousSigningSecret
      : null,
  )
  return endpoints.map((_, index) => {
    const secrets = [current[index], previous[index]]
    return (
      secrets.find((secret) => secret instanceof Error) ??
      secrets.filter((secret): secret is string => typeof secret === 'string')
    )
  })
}

/** As it names itself to receivers. */
const AGENT = `Portico/${packageVersion()}`

/** A message that is signed with each of these secrets (Standard Webhooks, symmetric, v1). */
export function signedMessage(
  id: string,
  body: string,
  secrets: readonly string[],
  now: Date,
): WebhookMessage {
  if (secrets.length === 0) throw new Error('No message leaves unsigned.')
  const timestamp = String(Math.floor(now.getTime() / SECOND))
  const signatures = secrets.map((secret) => standardSignature(secret, id, timestamp, body))
  return {
    headers: {
      'content-type': 'application/json',
      'user-agent': AGENT,
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signatures.join(' '),
    },
    body,
  }
}
