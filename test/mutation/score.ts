import { writeSync } from 'node:fs'

/** What became of a mutant. */
export interface Fate {
  place: string
  was: string
  became: string
  /** Who noticed; null where it survived. */
  killer: string | null
}

/** Prints who survived, and the share of mutants that did not. */
export function report(what: string, fates: readonly Fate[]): void {
  const survivors = fates.filter(({ killer }) => killer === null)
  const killed = fates.length - survivors.length
  const percent = fates.length === 0 ? 0 : Math.floor((1000 * killed) / fates.length) / 10
  const rows = survivors.map(({ place, was, became }) => `| ${place} | ${was} | ${became} |\n`)
  const table = rows.length > 0 ? `\n| survivor | was | became |\n| --- | --- | --- |\n${rows.join('')}` : ''
  // Past Jest's own output, which would say in which line this was printed.
  writeSync(1, `${table}\n${what}: ${killed} of ${fates.length} mutants killed, ${percent} %\n`)
}
