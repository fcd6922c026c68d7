import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import { HOUR } from '../core/clock'
import type { Database } from './database'
import { directionOf, rangeOf, stretchOf, type ListOrder, type ReadStretch } from './page'
import { PLANNED_ANEW } from './preparing-client'

/*
 * An index of words or tags (GIN) finds all rows that have one, in no order: the newest of a million are found as late as all of
 * them. Walking along the order instead takes for ever where the rows lie far. So the index knows as well in which slices of time a
 * row lies, and is asked for one after the other, ever longer ones, until enough has been found: it never looks at much more than it
 * answers, wherever in time that lies, and nobody has to guess how much there is.
 */

/** How many slices make one of the next length, and how often they do: the longest is 1,024 hours. */
const EACH = 4
const LONGEST = 5

/**
 * The slices of time from one moment to another, which may lie before it: hours at first, then longer ones. Each bears the number that
 * `time_slices` gives it in the database.
 */
export function timeSlices(from: Date, to: Date): number[] {
  const hours = (moment: Date) => Math.floor(moment.getTime() / HOUR)
  const step = from <= to ? 1 : -1
  const slices: number[] = []
  let length = 0
  let place = hours(from)
  while (step * (Math.floor(hours(to) / EACH ** length) - place) >= 0) {
    slices.push(length * 2 ** 24 + place)
    place += step
    // Behind the last part of a longer one it goes on with those.
    const isBehind = step > 0 ? place % EACH === 0 : place % EACH === EACH - 1
    if (!isBehind || length === LONGEST) continue
    place = Math.floor(place / EACH)
    length++
  }
  return slices
}

/** From when until when there are rows. */
export interface Span {
  oldest: Date
  newest: Date
}

/** A query of which an index finds the rows by their `time_slices`. */
export interface SlicedQuery {
  query: SelectQueryBuilder<ObjectLiteral>
  /** What the query calls the moment of a row. */
  moment: string
  /** Null where there are none. */
  span: Span | null
}

/** Reads so many rows of an ordered query that lie between two moments, by which they are ordered first. */
export async function readSlices<Row>(
  db: Database,
  { query, moment, span }: SlicedQuery,
  { lowest, highest, isForward }: { lowest?: Date; highest?: Date; isForward: boolean },
  limit: number,
): Promise<Row[]> {
  if (span === null) return []
  // Whoever asks for a thousand years gets those that there are.
  const first = lowest === undefined || lowest < span.oldest ? span.oldest : lowest
  const last = highest === undefined || highest > span.newest ? span.newest : highest
  if (first > last) return []
  const slices = isForward ? timeSlices(first, last) : timeSlices(last, first)
  const ofSlice = query.clone().andWhere(`time_slices(${moment}) @> ARRAY[slice.number]`).limit(limit)
  // As no index has it, so that none is walked along.
  for (const [column, direction] of Object.entries(query.expressionMap.orderBys))
    ofSlice.addOrderBy(
      column,
      direction as 'ASC' | 'DESC',
      direction === 'DESC' ? 'NULLS LAST' : 'NULLS FIRST',
    )
  const [sql, parameters] = ofSlice.getQueryAndParameters()
  return db.query<Row>(
    `/* ${PLANNED_ANEW} */ SELECT found.* FROM unnest($${parameters.length + 1}::integer[]) slice (number), LATERAL (${sql}) found LIMIT ${limit}`,
    [...(parameters as unknown[]), slices],
  )
}

/** Reads stretches of a list that is ordered by the moment first. */
export const inSlices =
  <Row>(db: Database, sliced: SlicedQuery, order: ListOrder<Row>): ReadStretch =>
  (stretch) => {
    const isForward = directionOf(order, stretch.backward) === 'ASC'
    const query = stretchOf(sliced.query, order, stretch)
    return readSlices(
      db,
      { ...sliced, query },
      { ...(rangeOf(order, stretch) as { lowest?: Date; highest?: Date }), isForward },
      stretch.limit,
    )
  }
