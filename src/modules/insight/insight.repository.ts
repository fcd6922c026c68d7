import { later, MINUTE } from '../../core/clock'
import type { Database } from '../../db/database'
import { LOCKS } from '../../db/locks'
import {
  factsSql,
  IS_THERE,
  isWithin,
  NO_PERSON,
  SLOT,
  slotOf,
  type FactSet,
  type MetricBreakdown,
} from './fact-set'
import { FACTS } from './facts'
import { isCounted } from './left-out'
import type { Span } from './buckets'

/** That something of a table has changed in a slot. */
export interface Mark {
  source: string
  slotAt: Date
}

/** What was counted in one bucket, of one group or of all (null). */
export interface Counted {
  bucket: number
  group: string | null
  count: number
  total: number
  people: number
}

/** Of the people of one cohort, how many there are (null) or how many were there again so many buckets later. */
export interface Returning {
  cohort: number
  later: number | null
  people: number
}

const ROLLED = `coalesce(fact.person_id, '${NO_PERSON}'), fact.groups, count(*)::int, sum(fact.value)`

const SLOT_LENGTH = 15 * MINUTE

/** These slots, those that follow one upon the other as one span. */
function stretchesOf(slots: readonly Date[]): Span[] {
  const stretches: Span[] = []
  for (const from of [...slots].sort((one, other) => one.getTime() - other.getTime())) {
    const last = stretches.at(-1)
    const to = later(from, SLOT_LENGTH)
    if (last?.to.getTime() === from.getTime()) last.to = to
    else stretches.push({ from, to })
  }
  return stretches
}

/**
 * Every question about figures.
 *
 * @visibility Rows are about everybody and shown to nobody: the policy asks for `analytics:read`, and what is told are sums over five
 * people or more.
 */
export class InsightRepository {
  constructor(private readonly db: Database) {}

  /** Takes turns with others that count; until the transaction ends. */
  async lock(): Promise<void> {
    await this.db.query('SELECT pg_advisory_xact_lock($1)', [LOCKS.insight])
  }

  /** Takes so many marks away, in the order of their slots, and all others of the same ones. Says whether there may be more. */
  async takeMarks(limit: number): Promise<{ marks: Mark[]; isLast: boolean }> {
    const rows = await this.db.query<Mark & { looked: number }>(
      `WITH oldest AS MATERIALIZED (
         SELECT source, slot_at, count(*) AS marks FROM (SELECT source, slot_at FROM insight_marks ORDER BY slot_at, source LIMIT $1) mark GROUP BY 1, 2
       ), taken AS (
         DELETE FROM insight_marks mark USING oldest WHERE mark.source = oldest.source AND mark.slot_at = oldest.slot_at
       )
       SELECT source, slot_at AS "slotAt", (sum(marks) OVER ())::int AS looked FROM oldest`,
      [limit],
    )
    return { marks: rows, isLast: (rows[0]?.looked ?? 0) < limit }
  }

  /** Counts these slots anew. */
  async roll(facts: FactSet, slots: readonly Date[]): Promise<void> {
    if (facts.touched) return this.rollTouched(facts, slots)
    await this.db.query(`DELETE FROM insight_rollups WHERE facts = $1 AND slot_at = ANY($2::timestamptz[])`, [
      facts.name,
      slots,
    ])
    const stretches = stretchesOf(slots)
    await this.db.query(
      `INSERT INTO insight_rollups (facts, slot_at, person_id, groups, count, total)
       SELECT $1, ${slotOf('fact.at')}, ${ROLLED}
       FROM unnest($2::timestamptz[], $3::timestamptz[]) AS stretch (begins, ends) CROSS JOIN LATERAL (
         ${factsSql(facts, { begins: 'stretch.begins', ends: 'stretch.ends' })}
       ) fact WHERE ${IS_THERE} GROUP BY 2, fact.person_id, fact.groups`,
      [facts.name, stretches.map(({ from }) => from), stretches.map(({ to }) => to)],
    )
  }

  /** Counts those anew whom something in these slots may have touched. */
  private async rollTouched(facts: FactSet, slots: readonly Date[]): Promise<void> {
    const people = (
      await this.db.query<{ id: string }>(
        `SELECT DISTINCT touched.person_id AS id
         FROM unnest($1::timestamptz[]) AS slot (at) CROSS JOIN LATERAL (${facts.touched!}) touched`,
        [slots],
      )
    ).map(({ id }) => id)
    await this.db.query('DELETE FROM insight_rollups WHERE facts = $1 AND person_id = ANY($2::uuid[])', [
      facts.name,
      people,
    ])
    await this.db.query(
      `INSERT INTO insight_rollups (facts, slot_at, person_id, groups, count, total)
       SELECT $1, ${slotOf('fact.at')}, ${ROLLED}
       FROM (${factsSql(facts)}) fact WHERE fact.person_id = ANY($2::uuid[]) AND ${IS_THERE}
       GROUP BY 2, fact.person_id, fact.groups`,
      [facts.name, people],
    )
  }

  /** Counts all from `since` on anew, or all. */
  async rebuild(facts: FactSet, since: Date | null): Promise<void> {
    await this.db.query(
      `DELETE FROM insight_rollups WHERE facts = $1 AND ($2::timestamptz IS NULL OR slot_at >= $2)`,
      [facts.name, since],
    )
    await this.db.query(
      `INSERT INTO insight_rollups (facts, slot_at, person_id, groups, count, total) ${this.recount}`.replace(
        '$FACTS',
        factsSql(facts),
      ),
      [facts.name, since],
    )
  }

  /** The first slot that is wholly within such a span before a moment. */
  async ago(span: string, now: Date): Promise<Date> {
    const [row] = await this.db.query<{ at: Date }>(
      `SELECT ${slotOf('$1::timestamptz - $2::interval')} + interval '${SLOT}' AS at`,
      [now, span],
    )
    return row!.at
  }

  /** How many rows of what was counted differ from what a count of all that is kept says, from `since` on. */
  async differences(facts: FactSet, since: Date | null): Promise<number> {
    const rolled = `SELECT facts, slot_at, person_id, groups, count, total::numeric FROM insight_rollups
      WHERE facts = $1 AND ($2::timestamptz IS NULL OR slot_at >= $2)`
    const recount = this.recount.replace('$FACTS', factsSql(facts))
    const [row] = await this.db.query<{ count: number }>(
      `WITH rolled AS (${rolled}), recount AS MATERIALIZED (${recount})
       SELECT (SELECT count(*) FROM ((TABLE rolled EXCEPT ALL TABLE recount) UNION ALL (TABLE recount EXCEPT ALL TABLE rolled)) odd)::int AS count`,
      [facts.name, since],
    )
    return row!.count
  }

  private readonly recount = `SELECT $1::text, ${slotOf('fact.at')}, ${ROLLED}
    FROM ($FACTS) fact WHERE ($2::timestamptz IS NULL OR fact.at >= $2) AND ${IS_THERE}
    GROUP BY 2, fact.person_id, fact.groups`

  /** The groups that have the most people in a span, each with five at least; nobody hears of the others' names. */
  async groups(
    facts: FactSet,
    breakdown: MetricBreakdown,
    { from, to }: Span,
    { people, limit }: { people: number; limit: number },
  ): Promise<string[]> {
    const rows = await this.db.query<{ name: string }>(
      `SELECT groups ->> $2 AS name FROM insight_rollups
       WHERE facts = $1 AND slot_at >= $3 AND slot_at < $4 AND ${isCounted('person_id', this.db)}
       GROUP BY 1
       HAVING count(DISTINCT person_id) FILTER (WHERE person_id <> '${NO_PERSON}') >= $5
         OR bool_and(person_id = '${NO_PERSON}')
       ORDER BY count(DISTINCT person_id) DESC, 1 LIMIT $6`,
      [facts.name, breakdown, from, to, people, limit],
    )
    return rows.map(({ name }) => name)
  }

  /**
   * What was counted in buckets whose edges are given, of all and, where `breakdown` is, of each of its groups besides; what is of none of
   * these is `other`.
   */
  async count(
    facts: FactSet,
    edges: readonly Date[],
    breakdown: { by: MetricBreakdown; groups: readonly string[] } | null,
  ): Promise<Counted[]> {
    const group = breakdown
      ? `CASE WHEN groups ->> $3 = ANY($4::text[]) THEN groups ->> $3 ELSE '${OTHER_GROUP}' END`
      : 'NULL::text'
    const sums = `sum(count)::float8 AS count, sum(total)::float8 AS total,
      (count(*) FILTER (WHERE person_id <> '${NO_PERSON}'))::int AS people`
    // People are told apart by hashing them once, not by sorting everything for each of the sums.
    return this.db.query<Counted>(
      `WITH by_person AS MATERIALIZED (
         SELECT width_bucket(slot_at, $2::timestamptz[]) - 1 AS bucket, ${group} AS "group", person_id, sum(count) AS count, sum(total) AS total
         FROM insight_rollups
         WHERE facts = $1 AND slot_at >= ($2::timestamptz[])[1] AND slot_at < ($2::timestamptz[])[cardinality($2::timestamptz[])]
           AND ${isCounted('person_id', this.db)}
         GROUP BY 1, 2, 3
       )
       SELECT bucket, "group", ${sums} FROM by_person GROUP BY bucket, "group"
       ${
         breakdown
           ? `UNION ALL SELECT bucket, NULL, ${sums} FROM (
                SELECT bucket, person_id, sum(count) AS count, sum(total) AS total FROM by_person GROUP BY 1, 2
              ) counted GROUP BY bucket`
           : ''
       }`,
      breakdown ? [facts.name, edges, breakdown.by, breakdown.groups] : [facts.name, edges],
    )
  }

  /**
   * How many of those who signed up in a bucket, whose edges are given, did something in it or so many buckets later. The first `cohorts`
   * of the buckets are looked at.
   */
  async returning(edges: readonly Date[], cohorts: number): Promise<Returning[]> {
    return this.db.query<Returning>(
      `WITH arrived AS (
         SELECT person_id, width_bucket(slot_at, $1::timestamptz[]) - 1 AS cohort FROM insight_rollups
         WHERE facts = $2 AND slot_at >= ($1::timestamptz[])[1] AND slot_at < ($1::timestamptz[])[$4::int + 1]
           AND ${isCounted('person_id', this.db)}
       ), seen AS (
         SELECT DISTINCT person_id, width_bucket(slot_at, $1::timestamptz[]) - 1 AS bucket FROM insight_rollups
         WHERE facts = $3 AND slot_at >= ($1::timestamptz[])[1] AND slot_at < ($1::timestamptz[])[cardinality($1::timestamptz[])]
       )
       SELECT cohort, NULL::int AS later, count(*)::int AS people FROM arrived GROUP BY 1
       UNION ALL
       SELECT cohort, bucket - cohort, count(*)::int FROM arrived JOIN seen USING (person_id) WHERE bucket >= cohort GROUP BY 1, 2`,
      [edges, FACTS.SIGN_UPS.name, FACTS.ACTIVITY.name, cohorts],
    )
  }

  /**
   * How many people and visitors came as far as each step: did it after the one before, and no later than so many minutes after the first,
   * which was in the span.
   */
  async funnel({ from, to }: Span, names: readonly string[], minutes: number): Promise<number[]> {
    const rows = await this.db.query<{ step: number; people: number }>(
      `WITH came AS (
         SELECT funnel(steps, at, within ORDER BY at, id) AS step FROM (
           SELECT coalesce(event.person_id, link.person_id, event.anonymous_id) AS person_id, event.occurred_at AS at, event.id, within,
             ARRAY(SELECT number::int FROM unnest($3::text[]) WITH ORDINALITY AS step (name, number)
               WHERE step.name = event.name AND (number > 1 OR event.occurred_at < $2) ORDER BY number DESC) AS steps
           FROM activity_events event LEFT JOIN activity_links link ON link.id = event.anonymous_id, make_interval(mins => $4) AS within
           WHERE event.occurred_at >= $1 AND event.occurred_at < $2::timestamptz + within
             AND ${isWithin('$1::timestamptz', '$2::timestamptz + within')('event.id')} AND event.name = ANY($3::text[])
         ) event
         WHERE person_id IS NOT NULL AND ${isCounted('person_id', this.db)}
         GROUP BY person_id
       )
       SELECT number AS step, count(*) FILTER (WHERE came.step >= number)::int AS people
       FROM generate_series(1, cardinality($3::text[])) AS number LEFT JOIN came ON true GROUP BY 1 ORDER BY 1`,
      [from, to, names, minutes],
    )
    return rows.map(({ people }) => people)
  }

  /** Of lasting facts: what was counted before a moment, by groups. */
  async countBefore(
    facts: FactSet,
    before: Date,
    breakdown: { by: MetricBreakdown; groups: readonly string[] } | null,
  ): Promise<Pick<Counted, 'group' | 'count'>[]> {
    const group = breakdown
      ? `CASE WHEN groups ->> $3 = ANY($4::text[]) THEN groups ->> $3 ELSE '${OTHER_GROUP}' END`
      : 'NULL::text'
    return this.db.query(
      `SELECT ${group} AS "group", sum(count)::float8 AS count FROM insight_rollups
       WHERE facts = $1 AND slot_at < $2 AND ${isCounted('person_id', this.db)} GROUP BY 1`,
      breakdown ? [facts.name, before, breakdown.by, breakdown.groups] : [facts.name, before],
    )
  }
}

/** What is of no group that is told. */
export const OTHER_GROUP = 'other'
