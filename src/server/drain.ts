import type { FastifyInstance } from 'fastify'
import { Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { SECOND } from '../core/clock'

/** A server is quiet when nothing has been asked of it for this long, in milliseconds. */
const QUIET = 500

/** How long clients may go on asking before they are cut off, in milliseconds. */
const PATIENCE = 5 * SECOND

/**
 * Prepares a server to end without failing a request. The returned function refuses new connections at once, answers
 * what comes on the open ones with `Connection: close`, so that clients leave by themselves, and resolves when they have.
 */
export function prepareDrain(http: FastifyInstance): () => Promise<void> {
  let draining = false
  let lastAskedAt = 0
  http.addHook('onRequest', (_request, _reply, next) => {
    lastAskedAt = performance.now()
    next()
  })
  http.addHook('onSend', (_request, reply, payload, next) => {
    if (draining) reply.header('connection', 'close')
    next(null, payload)
  })
  const connections = () =>
    new Promise<number>((resolve) => http.server.getConnections((error, count) => resolve(error ? 0 : count)))

  return async () => {
    draining = true
    // An HTTP server's own `close` also cuts idle connections, on which the next request may be under way.
    Server.prototype.close.call(http.server)
    const end = performance.now() + PATIENCE
    while (performance.now() < Math.min(lastAskedAt + QUIET, end) && (await connections()) > 0)
      await sleep(20)
  }
}
