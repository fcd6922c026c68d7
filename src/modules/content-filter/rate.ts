import { createHash } from 'node:crypto'
import { later, SECOND } from '../../core/clock'
import type { Id } from '../../core/id'
import { Edge, fold, Manner } from './folding'
import type { RateTerms } from './filter-terms'

/** Something that somebody has written at a moment. */
export interface Written {
  authorId: Id
  at: Date
  /** What it says, as `samenessOf` has it; for terms that do not ask for it, anything. */
  sameness: string
}

/** From when on what somebody writes at a moment counts. */
export const windowOf = ({ windowSeconds }: RateTerms, at: Date): Date => later(at, -windowSeconds * SECOND)

/** Texts of which this is the same say the same: letters, digits and signs count, and not how often each stands in a row. */
export function samenessOf(body: string): string {
  const { letters, edges } = fold(body.normalize('NFC'), Manner.WRITTEN)
  const said = letters.filter((_, index) => edges[index] !== Edge.SEPARATES)
  return createHash('sha256').update(Uint32Array.from(said)).digest('base64')
}

/** Which of these pieces, by their place in the list, were more than the terms let through when they were written. */
export function tooMuch(terms: RateTerms, pieces: readonly Written[]): Set<number> {
  const found = new Set<number>()
  const lists = new Map<string, { at: Date; place: number }[]>()
  for (const [place, { authorId, at, sameness }] of pieces.entries()) {
    const key = terms.sameTextOnly ? `${authorId} ${sameness}` : authorId
    const list = lists.get(key) ?? []
    lists.set(key, list)
    list.push({ at, place })
  }
  for (const list of lists.values()) {
    const inOrder = list.sort((one, other) => one.at.getTime() - other.at.getTime())
    for (const [index, { at, place }] of inOrder.entries()) {
      const first = inOrder[index - terms.limit]
      if (first && first.at > windowOf(terms, at)) found.add(place)
    }
  }
  return found
}
