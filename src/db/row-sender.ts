import { setMaxListeners } from 'node:events'
import { SECOND } from '../core/clock'
import type { PubSub } from './pub-sub'

/** How often it is looked for what has become due, in milliseconds. */
const POLL = 5 * SECOND

/** How long what is under way may take when the process has to stop, in milliseconds: less than a stop may take as a whole. */
const PATIENCE = 4 * SECOND

export interface SenderOptions {
  pubSub: PubSub
  /** Told of what keeps it from sending; it goes on. */
  onError: (error: unknown) => void
  /** How often it is looked for what has become due, in milliseconds; of what is due at once it is told. */
  poll?: number
}

/** What a look for due rows has brought. */
export interface Begun {
  /** How many rows were claimed; some of them may turn out not to be sent at all. */
  claimed: number
  /** What is under way now. */
  work: readonly Promise<void>[]
  /** How many milliseconds nothing more may begin, though something may be due; null where nothing holds it back. */
  wait: number | null
}

/** A queue whose rows are the messages themselves. */
export interface RowQueue {
  /** The topic by which whoever adds a row says that something is due. */
  topic: string
  /** How many are sent at once. */
  room: number
  /** Claims some that are due, at most `free`, and begins to send them. When `signal` aborts, others may have them. */
  begin: (free: number, signal: AbortSignal) => Promise<Begun>
}

/**
 * Sends what stands in a queue of rows, some at a time. The rows commit with their cause, each process claims some for a while, and what a
 * process has claimed that is gone is others' after that. So nothing that is to be sent is lost, and what was sent when a process died is
 * sent again, under the same id. It stands beside the jobs and not among them, where slow receivers would keep everything else waiting.
 */
export class RowSender {
  private readonly underWay = new Set<Promise<void>>()
  private readonly cut = new AbortController()
  private isStopping = false
  private isNudged = false
  /** How long nothing may begin, as the last look had it. */
  private heldBack: number | null = null
  private wake: () => void = () => undefined
  private running: Promise<void> = Promise.resolve()
  private unsubscribe: () => void = () => undefined

  constructor(
    private readonly queue: RowQueue,
    private readonly options: SenderOptions,
  ) {
    // As many as are under way listen to it.
    setMaxListeners(0, this.cut.signal)
  }

  start(): void {
    this.unsubscribe = this.options.pubSub.subscribe(this.queue.topic, () => this.nudge())
    this.running = this.run()
  }

  /** Takes nothing more, and waits for what is under way; what takes longer than seconds is left to others. */
  async stop(): Promise<void> {
    this.isStopping = true
    this.unsubscribe()
    this.nudge()
    const timer = setTimeout(() => this.cut.abort(), PATIENCE)
    await this.running
    await Promise.all(this.underWay)
    clearTimeout(timer)
  }

  /** Sends what is due, until nothing is. */
  async sendDue(): Promise<void> {
    for (;;) {
      this.isNudged = false
      if ((await this.begin()) > 0) continue
      // What has ended meanwhile may have made room.
      const isIdle = this.underWay.size === 0 && !this.isNudged && this.heldBack === null
      if (this.isStopping || isIdle) return
      await this.rest()
    }
  }

  private async run(): Promise<void> {
    while (!this.isStopping) {
      try {
        await this.sendDue()
      } catch (error) {
        this.heldBack = null
        this.options.onError(error)
      }
      await this.rest()
    }
  }

  /** Begins to send some, as far as there is room; returns how many were due. */
  private async begin(): Promise<number> {
    const free = this.queue.room - this.underWay.size
    this.heldBack = null
    if (this.isStopping || free <= 0) return 0
    const { claimed, work, wait } = await this.queue.begin(free, this.cut.signal)
    this.heldBack = wait
    for (const sending of work) {
      const sent: Promise<void> = sending.catch(this.options.onError).finally(() => {
        this.underWay.delete(sent)
        this.nudge()
      })
      this.underWay.add(sent)
    }
    return claimed
  }

  private nudge(): void {
    this.isNudged = true
    // Whoever is held back has something to do, and knows when: to wake would be to look in vain.
    if (this.heldBack === null || this.isStopping) this.wake()
  }

  /** Until something is due, or may be. */
  private async rest(): Promise<void> {
    if (this.isStopping || (this.isNudged && this.heldBack === null)) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.heldBack ?? this.options.poll ?? POLL)
      this.wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
