import cluster from 'node:cluster'
import type { FastifyInstance } from 'fastify'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { OperationFacts } from '../context/context'
import { connectionsOf } from '../db/data-source'
import type { Database } from '../db/database'
import { countJobs } from '../db/job-queue'
import type { PubSub } from '../db/pub-sub'
import { lingeringOf } from '../modules/activity/lingering-activity'
import { bufferOf } from '../modules/activity/store-activity'
import { DeliveryRepository } from '../modules/delivery/delivery.repository'
import { WebhookDeliveryRepository } from '../modules/webhook/webhook-delivery.repository'
import { inTime } from './in-time'
import { metricsOfAll } from './metrics-of-workers'
import type { ViewerCache } from './viewer-cache'

/** The figures that Prometheus collects. Labels have few values, whatever clients send. */
export class Metrics {
  readonly registry = new Registry()
  private readonly requests = new Histogram({
    name: 'portico_request_duration_seconds',
    help: 'Time to answer a request, by route and status.',
    labelNames: ['route', 'status'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [this.registry],
  })

  private readonly operations = new Histogram({
    name: 'portico_operation_duration_seconds',
    help: 'Time to answer an operation, by its kind and its first field: the names of operations are whatever clients call them.',
    labelNames: ['kind', 'field'] as const,
    buckets: [0.005, 0.025, 0.1, 0.5, 2.5, 10],
    registers: [this.registry],
  })
  private readonly errors = new Counter({
    name: 'portico_operation_errors_total',
    help: 'Operations that were answered with an error of a code, be it with data too; `none` where there was no operation that could be carried out.',
    labelNames: ['kind', 'field', 'code'] as const,
    registers: [this.registry],
  })

  /** `worker` is which of several processes this is, so that the figures of each stay its own: one that is replaced begins anew. */
  constructor(pubSub: PubSub, db: Database, viewers: ViewerCache, worker: number | null) {
    if (worker !== null) this.registry.setDefaultLabels({ worker })
    collectDefaultMetrics({ register: this.registry })
    // Who may read the figures need not learn which holes this version of Node has.
    this.registry.removeSingleMetric('nodejs_version_info')
    new Gauge({
      name: 'portico_listeners',
      help: 'Subscriptions and other listeners that wait for messages between processes.',
      registers: [this.registry],
      collect() {
        this.set(pubSub.listenerCount)
      },
    })
    const connections = connectionsOf(db.tools.source)
    new Gauge({
      name: 'portico_database_connections',
      help: 'Connections of this process to the database: at work and idle; and requests that wait for one.',
      labelNames: ['state'] as const,
      registers: [this.registry],
      collect() {
        const { totalCount, idleCount, waitingCount } = connections
        this.set({ state: 'busy' }, totalCount - idleCount)
        this.set({ state: 'idle' }, idleCount)
        this.set({ state: 'awaited' }, waitingCount)
      },
    })
    new Gauge({
      name: 'portico_viewers_remembered',
      help: 'Sessions and access tokens whose holders this process remembers for a moment.',
      registers: [this.registry],
      collect() {
        this.set(viewers.size)
      },
    })
    new Gauge({
      name: 'portico_jobs',
      help: 'Jobs in the queue of all processes: waiting, due later, running, failed for good.',
      labelNames: ['state'] as const,
      registers: [this.registry],
      async collect() {
        this.reset()
        const counts = await inTime(countJobs(db))
        for (const [state, count] of Object.entries(counts ?? {})) this.set({ state }, count)
      },
    })
    new Gauge({
      name: 'portico_webhook_deliveries',
      help: 'Webhooks of all processes: waiting to be sent, due later, given up in the last 30 days.',
      labelNames: ['state'] as const,
      registers: [this.registry],
      async collect() {
        this.reset()
        const counts = await inTime(new WebhookDeliveryRepository(db).countByState())
        for (const [state, count] of Object.entries(counts ?? {})) this.set({ state }, count)
      },
    })
    new Gauge({
      name: 'portico_activity_waiting',
      help: 'Events of activity that this process was told and has not stored yet.',
      registers: [this.registry],
      collect() {
        this.set(bufferOf(db.tools).size)
      },
    })
    new Gauge({
      name: 'portico_activity_dropped',
      help: 'Operations of the API that this process has not recorded as activity for want of room.',
      registers: [this.registry],
      collect() {
        this.set(lingeringOf(db.tools).dropped)
      },
    })
    const countDeliveries = () => inTime(new DeliveryRepository(db).countByState())
    let asked: ReturnType<typeof countDeliveries> | null = null
    // Two figures of one reading, and one question.
    const deliveries = () => (asked ??= countDeliveries().finally(() => (asked = null)))
    new Gauge({
      name: 'portico_deliveries',
      help: 'Mails and text messages of all processes: waiting to be sent, due later; given up in the last 30 days; sent of those of the last hour.',
      labelNames: ['channel', 'state'] as const,
      registers: [this.registry],
      async collect() {
        this.reset()
        for (const { channel, oldest: _, ...counts } of (await deliveries()) ?? [])
          for (const [state, count] of Object.entries(counts)) this.set({ channel, state }, count)
      },
    })
    new Gauge({
      name: 'portico_deliveries_oldest_seconds',
      help: 'For how long the oldest of the mails and text messages has been waiting that are due.',
      labelNames: ['channel'] as const,
      registers: [this.registry],
      async collect() {
        this.reset()
        for (const { channel, oldest } of (await deliveries()) ?? []) this.set({ channel }, oldest)
      },
    })
  }

  serve(http: FastifyInstance): void {
    http.addHook('onResponse', async (request, reply) => {
      this.requests.observe(
        { route: request.routeOptions.url ?? 'none', status: String(reply.statusCode) },
        reply.elapsedTime / 1000,
      )
      const operation = request.context?.exchange.operation
      if (operation) this.observe(operation, reply.elapsedTime / 1000)
    })
    const read: () => Promise<string | null> = cluster.isWorker
      ? metricsOfAll(this.registry)
      : () => this.registry.metrics()
    http.get('/metrics', async (_request, reply) => {
      const text = await read()
      // Figures of some only would look as if they had fallen.
      if (text === null)
        return reply.code(503).send('The figures of all workers are not to be had at this moment.\n')
      return reply.type(this.registry.contentType).send(text)
    })
  }

  private observe({ kind, field, errorCodes }: OperationFacts, seconds: number): void {
    const labels = { kind: kind ?? 'none', field: field ?? 'none' }
    this.operations.observe(labels, seconds)
    for (const code of errorCodes) this.errors.inc({ ...labels, code })
  }
}
