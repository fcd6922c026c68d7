import type { Tally } from '../../modules/import/import.service'
import { count, showBar } from '../progress-bar'

/** Shows how far an import is. */
export interface Progress {
  /** @param bytesRead of the file. */
  update(bytesRead: number, tally: Tally): void
  stop(): void
}

/** A bar where a person looks on and `isWanted`; `length` is the file's, in bytes. */
export async function showProgress(length: number, isWanted: boolean): Promise<Progress> {
  const format = '{bar} {percentage} % · {done} · {rate}/s · {eta_formatted} left'
  const bar = await showBar(format, { done: '', rate: 0 }, isWanted)
  const start = performance.now()
  let before: number | null = null
  return {
    update: (bytesRead, { imported, refused }) => {
      before ??= imported + refused
      const rate = Math.round((imported + refused - before) / ((performance.now() - start) / 1_000))
      bar.update(bytesRead, length, {
        done: `${count(imported)} imported, ${count(refused)} refused`,
        rate: count(rate),
      })
    },
    stop: () => bar.stop(),
  }
}
