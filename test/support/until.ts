import { setTimeout as sleep } from 'node:timers/promises'

/** How long something may take to come about before it counts as never; in milliseconds, and far above what is usual. */
const PATIENCE = 60_000

/** Waits until something holds. It gives up in the end, so that a test that fails does not keep its process alive. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('What this test waits for has not come about.')
    await sleep(5)
  }
}
