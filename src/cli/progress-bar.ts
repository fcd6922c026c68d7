import type { SingleBar } from 'cli-progress'

/** Shows how far long work is: a bar where a person looks on, nothing otherwise. */
export interface ProgressBar {
  /** @param facts what stands in the format beside what the bar knows itself. */
  update(done: number, total: number, facts: object): void
  stop(): void
}

const NOWHERE: ProgressBar = { update: () => undefined, stop: () => undefined }

/** A bar on stderr, where that is a terminal and `isWanted`. */
export async function showBar(format: string, facts: object, isWanted: boolean): Promise<ProgressBar> {
  if (!isWanted || !process.stderr.isTTY) return NOWHERE
  const { Presets, SingleBar: Bar } = await import('cli-progress')
  const bar: SingleBar = new Bar({ format, hideCursor: true, clearOnComplete: true }, Presets.shades_classic)
  bar.start(1, 0, facts)
  return {
    update: (done, total, present) => {
      bar.setTotal(Math.max(total, 1))
      bar.update(done, present)
    },
    stop: () => bar.stop(),
  }
}

/** A number as a person reads it: 98,304. */
export const count = (number: number): string => number.toLocaleString('en')

/** A size as a person reads it: 12.3 MB. */
export function bytes(number: number): string {
  const [size, unit] = number < 1e9 ? [number / 1e6, 'MB'] : [number / 1e9, 'GB']
  return `${size.toFixed(1)} ${unit}`
}

/** A span of seconds as a person reads it: 12.3 s, 4 min, 3 h, 12 days. */
export function span(seconds: number): string {
  if (seconds < 100) return `${seconds.toFixed(1)} s`
  if (seconds < 100 * 60) return `${Math.round(seconds / 60)} min`
  if (seconds < 48 * 3_600) return `${Math.round(seconds / 3_600)} h`
  return `${Math.round(seconds / 86_400)} days`
}
