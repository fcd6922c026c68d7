import type { Job } from './task'

/** How many rows a sweep removes with one statement, so that nobody waits long for them. */
const BATCH = 1_000

/** Removes rows batch by batch until there are no more. `removeSome` removes up to `limit`, or a few more, and returns how many. */
export async function sweep(
  { stopping }: Pick<Job, 'stopping'>,
  removeSome: (limit: number) => Promise<number>,
): Promise<void> {
  while ((await removeSome(BATCH)) >= BATCH) stopping.throwIfAborted()
}
