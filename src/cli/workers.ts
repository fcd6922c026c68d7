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
  private state: 'starting' | 'started' | 'stopping' = 'starting'
  /** Which of them each is; one that takes another's place has its number. */
  private readonly numbers = new WeakMap<Worker, number>()

  constructor(
    private readonly count: number,
    private readonly log: Logger,
  ) {}

  /** Starts them all. @throws Error where one ends before it answers; the others are stopped then. */
  async start(): Promise<void> {
    answerWorkers()
    const answered = new WeakSet<Worker>()
    cluster.on('listening', (worker) => answered.add(worker))
    cluster.on('exit', (worker, code, signal) => {
      // One that ends before it has answered ends the start.
      if (this.state === 'stopping' || (this.state === 'starting' && !answered.has(worker))) return
      this.log.error({ pid: worker.process.pid, code, signal }, 'A worker ended; another one takes its place')
      setTimeout(() => this.state === 'stopping' || this.fork(this.numbers.get(worker)!), PAUSE)
    })
    try {
      await Promise.all(Array.from({ length: this.count }, (_, index) => answering(this.fork(index + 1))))
      this.state = 'started'
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  /** Lets them end what they do, and ends those that take too long. */
  async stop(): Promise<void> {
    this.state = 'stopping'
    await Promise.all(all().map(ended))
  }

  private fork(number: number): Worker {
    const worker = cluster.fork({ PORTICO_WORKER: String(number) })
    this.numbers.set(worker, number)
    return worker
  }
}

/** Has a worker stop as it does at a signal where whoever started it has ended, be it killed: Node would end it at once. */
export function whenLeftAlone(stop: () => void): void {
  cluster.worker!.exitedAfterDisconnect = true
  process.once('disconnect', stop)
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
  if (worker.isDead()) return
  const end = once(worker, 'exit')
  worker.process.kill('SIGTERM')
  const cut = setTimeout(() => worker.process.kill('SIGKILL'), PATIENCE)
  await end
  clearTimeout(cut)
}
