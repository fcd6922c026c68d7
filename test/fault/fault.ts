import type { Balance, WriteLedger } from './ledger'
import type { SupervisedPortico } from './node'
import { between } from './random'
import type { Stage } from './stage'

/** Something that was measured, and how much of it there may be. */
export interface Figure {
  name: string
  value: number
  unit?: 'ms' | '%'
  /** The target: at most, or at least; a figure without one is only told. */
  atMost?: number
  atLeast?: number
}

/** Something that goes wrong, and what must come of it. */
export interface Fault {
  /** In the list of requirements. */
  number: number
  name: string
  /** What is done, in a few words. */
  how: string
  /** Why it cannot be played here; null where it can. */
  obstacle?: () => string | null
  /** Plays it once. */
  play: (stage: Stage) => Promise<Figure[]>
}

export const isMet = ({ value, atMost = Infinity, atLeast = -Infinity }: Figure): boolean =>
  value <= atMost && value >= atLeast

/** Of the same figure several times over the one that is furthest from what is wanted: the highest, unless there has to be so much at least. */
export const worst = (figures: readonly Figure[]): Figure =>
  figures.reduce((one, other) =>
    (one.atLeast === undefined ? other.value > one.value : other.value < one.value) ? other : one,
  )

/** What a ledger shows of every fault: nothing lost, nothing twice, nothing that was denied. */
export const balanced = ({ acknowledged, lost, twice, phantom }: Balance): Figure[] => [
  { name: 'acknowledged', value: acknowledged },
  { name: 'lost', value: lost, atMost: 0 },
  { name: 'twice', value: twice, atMost: 0 },
  { name: 'phantom', value: phantom, atMost: 0 },
]

/** A Portico whose clients write and read, at some moment while they do. `databasePort` is of somebody between it and PostgreSQL. */
export async function underLoad(stage: Stage, databasePort?: number) {
  const portico = await stage.portico(databasePort)
  const ledger = stage.clients(portico.port)
  await ledger.acknowledges(between(stage.random, 20, 80))
  return { portico, ledger }
}

/** How long it takes after a moment until a write is acknowledged again, in milliseconds; others are by the time this answers. */
export async function gapAfter(ledger: WriteLedger, moment: number): Promise<number> {
  const again = await ledger.answersAgain(moment)
  await ledger.acknowledges(20)
  return again - moment
}

/** What must come of whatever goes wrong outside Node: it goes on, and nothing is its own fault. */
export const unharmed = (portico: SupervisedPortico, ledger: WriteLedger): Figure[] => [
  { name: 'starts of Node', value: portico.starts, atMost: 1 },
  { name: 'answers 500', value: ledger.count('failed'), atMost: 0 },
]

/** Ends a ledger and says what it shows. */
export async function settle(stage: Stage, ledger: WriteLedger): Promise<Figure[]> {
  await ledger.end()
  return balanced(await ledger.balance(stage.postgres))
}
