import type { SingleBar } from 'cli-progress'
import type { Tally } from '../../modules/import/import.service'

/** Shows how far an import is: a bar where a person looks on, nothing otherwise. */
export interface Progress {
  /** @param bytesRead of the file. */
  update(bytesRead: number, tally: Tally): void
  stop(): void
}

const NOWHERE: Progress = { update: () => undefined, stop: () => undefined }

/** A bar on stderr, where that is a terminal and `isWanted`; `length` is the file's, in bytes. */
export async function showProgress(length: number, isWanted: boolean): Promise<Progress> {
  if (!isWanted || !process.stderr.isTTY) return NOWHERE
  const { Presets, SingleBar: Bar } = await import('cli-progress')
  const format = '{bar} {percentage} % · {done} · {rate}/s · {eta_formatted} left'
  const bar: SingleBar = new Bar({ format, hideCursor: true, clearOnComplete: true }, Presets.shades_classic)
  const start = performance.now()
  let before: number | null = null
  bar.start(length, 0, { done: '', rate: 0 })
  return {
    update: (bytesRead, { imported, refused }) => {
      before ??= imported + refused
      const rate = Math.round((imported + refused - before) / ((performance.now() - start) / 1_000))
      bar.update(bytesRead, {
        done: `${count(imported)} imported, ${count(refused)} refused`,
        rate: count(rate),
      })
    },
    stop: () => bar.stop(),
  }
}

/** A number as a person reads it: 98,304. */
export const count = (number: number): string => number.toLocaleString('en')
