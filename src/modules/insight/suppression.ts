/** Of fewer people nothing is told: a figure about one person is no figure. */
export const FEWEST_PEOPLE = 5

/** A figure that may have to be kept back. */
export interface Cell {
  /** How many people it is about; 0 where it is about nobody. */
  readonly people: number
  isSuppressed: boolean
}

const isOfFew = ({ people }: Cell): boolean => people > 0 && people < FEWEST_PEOPLE

/**
 * Keeps back the figures that are about fewer than five people, and besides them as many others as it takes that none of them, nor
 * all of them together, follows from a sum that is told and what is left of its parts. `sums` are the parts of each such sum.
 */
export function suppress(cells: Iterable<Cell>, sums: readonly (readonly Cell[])[]): void {
  for (const cell of cells) if (isOfFew(cell)) cell.isSuppressed = true
  for (let isSettled = false; !isSettled;) {
    isSettled = true
    for (const parts of sums) {
      const hidden = parts.filter(({ isSuppressed }) => isSuppressed)
      if (hidden.length === 0 || (hidden.length > 1 && hidden.some((cell) => !isOfFew(cell)))) continue
      const shown = parts.filter(({ isSuppressed, people }) => !isSuppressed && people > 0)
      if (shown.length === 0) continue
      shown.reduce((least, cell) => (cell.people < least.people ? cell : least)).isSuppressed = true
      isSettled = false
    }
  }
}
