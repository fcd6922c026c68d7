import type { FastifyInstance } from 'fastify'
import type { IncomingHttpHeaders } from 'node:http'

/**
 * The names under which a browser reaches its own machine. Pages for developers answer to no other: a stranger's name
 * that leads here (DNS rebinding) would let the stranger's page read them.
 */
const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i

/** What proxies add. One on this machine may have put a local name in the place of the one that was asked for. */
const FROM_PROXY = /^(forwarded|via|x-real-ip|x-forwarded-.*)$/

/** Whether a request comes, as far as it says, from a browser on this machine. */
export const isLocal = (headers: IncomingHttpHeaders): boolean =>
  LOCAL_HOST.test(headers.host ?? '') && !Object.keys(headers).some((name) => FROM_PROXY.test(name))

/** For routes that are there for a browser on this machine only, and otherwise not found. */
export const LOCAL_ONLY = { constraints: { local: true } }

/** Gives `LOCAL_ONLY` its meaning. */
export const LOCAL_CONSTRAINT: Parameters<FastifyInstance['addConstraintStrategy']>[0] = {
  name: 'local',
  storage: () => new Map(),
  deriveConstraint: ({ headers }) => isLocal(headers),
}
