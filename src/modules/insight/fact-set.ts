import { UserStatus } from '../user/user-status'

/** By what figures can be broken down. */
export enum MetricBreakdown {
  LANGUAGE = 'LANGUAGE',
  THEME = 'THEME',
  METHOD = 'METHOD',
  CAUSE = 'CAUSE',
  DEVICE = 'DEVICE',
  VISIBILITY = 'VISIBILITY',
  REASON = 'REASON',
  MEASURE = 'MEASURE',
  OUTCOME = 'OUTCOME',
  STATE = 'STATE',
  CHANNEL = 'CHANNEL',
  CATEGORY = 'CATEGORY',
  KIND = 'KIND',
  NAME = 'NAME',
}

/** How long a slot is: every time zone of today is off UTC by a multiple of it, so all days can be made of slots. */
export const SLOT = '15 minutes'

/** The beginning of the slot of a moment, in SQL; it is what the triggers of the migration reckon with. */
export const slotOf = (at: string): string =>
  `date_bin('${SLOT}', ${at}, timestamptz '2000-01-01 00:00:00+00')`

/** Who stands for nobody known. */
export const NO_PERSON = '00000000-0000-0000-0000-000000000000'

/**
 * What is counted: one SELECT over the tables in which it is kept, of which rollup and recount are both made, so that they cannot
 * differ in what they mean.
 */
export interface FactSet {
  /** As it stands in `insight_rollups`. */
  readonly name: string
  /** The tables whose changes are marked by a trigger. */
  readonly sources: readonly string[]
  /** By what it can be broken down, each with the SQL of the group's name. */
  readonly groups: Readonly<Partial<Record<MetricBreakdown, string>>>
  /** What SQL says for the moment, the person (null for nobody known) and what is measured. */
  readonly at: string
  readonly person: string
  readonly value: string
  /** From where, and which rows: FROM and WHERE. `within` is a condition on events of activity that an index answers; see `isWithin`. */
  readonly from: string | ((within: (id: string) => string) => string)
  /** What is counted besides, of other tables. */
  readonly besides: readonly Pick<FactSet, 'at' | 'person' | 'from'>[]
  /**
   * Present where a fact follows from all that a person did, and not from one row: whoever may be touched by the change of a slot, as SQL,
   * where `slot.at` is its beginning. Their facts are counted anew, and those of nobody else.
   */
  readonly touched?: string
  /** How long the tables keep what it is counted from; null where they keep it while the account exists. */
  readonly keptFor: string | null
}

type Given = Pick<FactSet, 'name' | 'sources' | 'at' | 'person' | 'from'> & Partial<FactSet>

/** Says what is counted. */
export const defineFacts = (given: Given): FactSet =>
  Object.freeze({ groups: {}, value: '0', keptFor: null, besides: [], ...given })

/** The least id of an event of activity that happened at a moment: it begins with the moment, in milliseconds. */
const idAt = (moment: string): string =>
  `(lpad(to_hex(round(extract(epoch FROM ${moment}) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid`

/** What SQL says for: an event of activity with this id happened in a span. Its table has no other index by time. */
export const isWithin =
  (begins: string, ends: string) =>
  (id: string): string =>
    `${id} >= ${idAt(begins)} AND ${id} < ${idAt(ends)}`

/** All facts of a set, or those in a span, whose moments are SQL: the moment, the person, the groups, what was measured. */
export function factsSql(facts: FactSet, span?: { begins: string; ends: string }): string {
  const within = span ? isWithin(span.begins, span.ends) : () => 'true'
  const named = Object.entries(facts.groups).map(([breakdown, sql]) => `'${breakdown}', ${sql}`)
  // Each part is asked for the span by itself, so that each is read along its own index.
  return [facts, ...facts.besides]
    .map(({ at, person, from }) => {
      const rows = typeof from === 'string' ? from : from(within)
      const part = `SELECT ${at} AS at, ${person} AS person_id, jsonb_build_object(${named.join(', ')}) AS groups, (${facts.value})::bigint AS value ${rows}`
      return span
        ? `SELECT * FROM (${part}) fact WHERE fact.at >= ${span.begins} AND fact.at < ${span.ends}`
        : part
    })
    .join(' UNION ALL ')
}

/** What SQL says for: the person of a fact is not erased. Facts of erased people are none. */
export const IS_THERE = `NOT EXISTS (SELECT FROM users erased WHERE erased.id = fact.person_id AND erased.status = '${UserStatus.ERASED}')`
