import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import type { Logger } from 'pino'
import { SECOND } from '../core/clock'
import { answerWorkers } from '../server/metrics-of-workers'

/** How long after its end a worker is replaced, in milliseconds: one that cannot start is tried again, and not without rest. */
const PAUSE = SECOND

/** How long workers may take to stop, in milliseconds, before they are ended. */
const PATIENCE = 9 * SECOND

/** Whether this process is one of several that another one has started. */
export const { isWorker } = cluster

/** Several processes that answer on one port, which the operating system's connections are handed to in turn. */
export class Workers {
  private isStopping = false

  constructor(
    private readonly count: number,
    private readonly log: Logger,
  ) {}

  /** Starts them all. @throws Error where one ends before it answers; the others are stopped then. */
  async start(): Promise<void> {
    answerWorkers()
    try {
      await Promise.all(Array.from({ length: this.count }, () => answering(cluster.fork())))
    } catch (error) {
      await this.stop()
      throw error
    }
    cluster.on('exit', ({ process: { pid } }, code, signal) => {
      if (this.isStopping) return
      this.log.error({ pid, code, signal }, 'A worker ended; another one takes its place')
      setTimeout(() => this.isStopping || cluster.fork(), PAUSE)
    })
  }

  /** Lets them end what they do, and ends those that take too long. */
  async stop(): Promise<void> {
    this.isStopping = true
    await Promise.all(all().map(ended))
  }
}

const all = (): Worker[] => Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined)

async function answering(worker: Worker): Promise<void> {
  const end = once(worker, 'exit').then(() => {
    throw new Error('A worker ended before it answered. The log says why.')
  })
  await Promise.race([once(worker, 'listening'), end])
  end.catch(() => undefined)
}

async function ended(worker: Worker): Promise<void> {
  const end = once(worker, 'exit')
  worker.process.kill('SIGTERM')
  const cut = setTimeout(() => worker.process.kill('SIGKILL'), PATIENCE)
  await end
  clearTimeout(cut)
}
