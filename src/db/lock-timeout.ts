import { setTimeout as sleep } from 'node:timers/promises'
import { isLockTimeout } from './database-error'

/** How often it is tried, and how long at most is waited in between, in milliseconds: some minutes in all. */
const TRIES = 200
const LONGEST_PAUSE = 2_000

/**
 * Does something that gives up where a lock is not to be had at once, so that nobody waits behind it, until it could be done.
 * @throws Error where somebody has kept the lock for minutes, or `stopping` says to stop.
 */
export async function untilUnlocked<Result>(
  work: () => Promise<Result>,
  stopping?: AbortSignal,
): Promise<Result> {
  for (let tried = 1; ; tried++) {
    stopping?.throwIfAborted()
    try {
      return await work()
    } catch (error) {
      if (!isLockTimeout(error) || tried === TRIES) throw error
    }
    // Not in step with whoever comes and goes.
    await sleep(Math.random() * Math.min(LONGEST_PAUSE, 50 * tried))
  }
}
