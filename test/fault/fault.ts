import type { Balance, WriteLedger } from './ledger'
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

/** Ends a ledger and says what it shows. */
export async function settle(stage: Stage, ledger: WriteLedger): Promise<Figure[]> {
  await ledger.end()
  return balanced(await ledger.balance(stage.postgres))
}
