import type { FastifyInstance } from 'fastify'
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { SECOND } from '../core/clock'
import type { Database } from '../db/database'
import { countJobs } from '../db/job-queue'
import { lingeringOf } from '../modules/activity/lingering-activity'
import { bufferOf } from '../modules/activity/store-activity'
import { BackupDrillRepository } from '../modules/backup/backup-drill.repository'
import { DeliveryRepository } from '../modules/delivery/delivery.repository'
import { WebhookDeliveryRepository } from '../modules/webhook/webhook-delivery.repository'
import type { PubSub } from '../db/pub-sub'

/** Whether this process should be sent requests. Red before shutdown begins, and while the database is away. */
export class Readiness {
  private stopping = false

  constructor(private readonly db: Database) {}

  stop(): void {
    this.stopping = true
  }

  async check(): Promise<{ ready: boolean; reason?: string }> {
    if (this.stopping) return { ready: false, reason: 'shutting down' }
    const answer = await inTime(this.db.query('SELECT 1'))
    return answer ? { ready: true } : { ready: false, reason: 'the database does not answer' }
  }
}

/** What the database answers; null where it does not within a second, for whoever asks does not wait. */
async function inTime<Answer>(question: Promise<Answer>): Promise<Answer | null> {
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), SECOND)
  })
  return Promise.race([question.catch(() => null), tooLong]).finally(() => clearTimeout(timer))
}

/** `/health` is for people and their monitors: it tells as much as anybody may know. The other two are for whoever sends requests here. */
export function serveHealth(http: FastifyInstance, readiness: Readiness, db: Database): void {
  http.get('/health', async (_request, reply) => {
    const state = await readiness.check()
    const lastBackupDrill = await inTime(lastDrill(db))
    return reply.code(state.ready ? 200 : 503).send({ ...state, lastBackupDrill })
  })
  http.get('/health/live', async () => ({ live: true }))
  http.get('/health/ready', async (_request, reply) => {
    const state = await readiness.check()
    return reply.code(state.ready ? 200 : 503).send(state)
  })
}

/** When a backup was last restored for a try, and whether it could be; not which, nor why not. Null where none was. */
async function lastDrill(db: Database): Promise<{ at: Date; succeeded: boolean } | null> {
  const drill = await new BackupDrillRepository(db).last()
  return drill && { at: drill.startedAt, succeeded: drill.problem === null }
}

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

  constructor(pubSub: PubSub, db: Database) {
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
    const deliveries = () => inTime(new DeliveryRepository(db).countByState())
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
    })
    http.get('/metrics', async (_request, reply) =>
      reply.type(this.registry.contentType).send(await this.registry.metrics()),
    )
  }
}
