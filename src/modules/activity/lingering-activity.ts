import { setTimeout as sleep } from 'node:timers/promises'
import { SECOND } from '../../core/clock'
import type { Tools } from '../../db/tools'
import { bufferOf, LIMITS, type ActivityBatch } from './store-activity'

/** How long what nobody waits for lies until it is stored with all that has come by then, in milliseconds. */
const LINGER = SECOND

/** How much of it a process holds; what comes beyond is dropped, and counted. */
const MOST = 5_000

/** What Portico itself has seen, which no request waits for and none is refused for. */
export class LingeringActivity {
  private batches: ActivityBatch[] = []
  /** How many events there was no room for, or could not be stored. */
  dropped = 0

  constructor(private readonly tools: Tools) {}

  offer(batch: ActivityBatch): void {
    if (this.batches.length >= MOST) {
      this.dropped++
      return
    }
    this.batches.push(batch)
    if (this.batches.length === 1) this.tools.background.run(sleep(LINGER).then(() => this.store()))
  }

  private async store(): Promise<void> {
    const batches = this.batches
    this.batches = []
    const buffer = bufferOf(this.tools)
    // Clients, who are refused where there is no room, come first.
    const room = Math.max(0, LIMITS.rows / 2 - buffer.size)
    const stored = await Promise.allSettled(batches.slice(0, room).map((batch) => buffer.add(batch)))
    const count = stored.filter(({ status }) => status === 'fulfilled').length
    this.dropped += batches.length - count
  }
}

const lingering = new WeakMap<Tools, LingeringActivity>()

export function lingeringOf(tools: Tools): LingeringActivity {
  const made = lingering.get(tools) ?? new LingeringActivity(tools)
  lingering.set(tools, made)
  return made
}
