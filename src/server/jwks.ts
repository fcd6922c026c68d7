import type { FastifyInstance } from 'fastify'
import { MINUTE, SECOND } from '../core/clock'
import type { Keyring } from '../crypto/keyring'

/** How long others may go on with the keys that they have, in milliseconds. */
const MAX_AGE = 5 * MINUTE

/** The public keys with which other services verify our tokens (RFC 7517 §5), for whoever asks, from wherever. */
export function serveKeys(http: FastifyInstance, keyring: Keyring): void {
  // As bytes: the framework would add a charset to text, which this type does not have.
  const keys = () =>
    Buffer.from(JSON.stringify({ keys: keyring.signingKeys.map(({ publicJwk }) => publicJwk) }))
  http.get('/.well-known/jwks.json', async (_request, reply) =>
    reply
      .headers({
        'access-control-allow-origin': '*',
        'cross-origin-resource-policy': 'cross-origin',
        'cache-control': `public, max-age=${MAX_AGE / SECOND}`,
      })
      .removeHeader('access-control-allow-credentials')
      .type('application/jwk-set+json')
      .send(keys()),
  )
}
