import { DAY, MINUTE } from '../../core/clock'
import { ApiError } from '../../core/error'
import { isTimeZone, TIME_ZONE_ADVICE } from '../../core/locale'
import { viewerId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { UserService } from '../user/user.service'
import { assertFew, beginOf, bucketsOf, endOf, MetricInterval, type Span } from './buckets'
import type { MetricBreakdown } from './fact-set'
import { InsightRepository, OTHER_GROUP, type Counted } from './insight.repository'
import type { Metric } from './metric'
import { METRICS } from './metrics'
import { FEWEST_PEOPLE, suppress, type Cell } from './suppression'

/** Which figure, when, and how it is divided. */
export interface MetricQuestion extends Span {
  name: string
  interval: MetricInterval
  breakdown?: MetricBreakdown | null
  /** IANA; the viewer's own where nothing is said. */
  timeZone?: string | null
}

/** A span of time, as the API names it. */
interface Told {
  startsAt: Date
  endsAt: Date
}

/** One figure of a series. */
export interface MetricPoint extends Told {
  group: string | null
  value: number | null
  isSuppressed: boolean
}

/** Which cohorts, and how long they are followed. */
export interface RetentionQuestion extends Span {
  interval: MetricInterval
  periods: number
  timeZone?: string | null
}

/** How many of a cohort were there in one span. */
export interface CohortPeriod extends Told {
  number: number
  people: number | null
  rate: number | null
  isSuppressed: boolean
}

/** People who signed up in one span, and how many of them came again. */
export interface Cohort extends Told {
  size: number | null
  isSuppressed: boolean
  periods: CohortPeriod[]
}

export const MOST_COHORTS = 31
export const MOST_PERIODS = 13

/** Which events make the steps, and how many minutes after the first the last may be. */
export interface FunnelQuestion extends Span {
  steps: string[]
  within: number
}

/** How many came as far as a step. */
export interface FunnelStep {
  name: string
  people: number | null
  rate: number | null
  isSuppressed: boolean
}

export const MOST_STEPS = 8
const LONGEST_FUNNEL = 92 * DAY
const LONGEST_WITHIN = (30 * DAY) / MINUTE

/** How many groups a figure is broken down into; what is of none of them is `other`. */
const MOST_GROUPS = 20

/** A figure before it is told. */
interface Figure extends Cell {
  bucket: number
  group: string | null
  count: number
  total: number
}

/** Figures about how the application is used; see `metrics.ts`. */
export class InsightService {
  private readonly insight: InsightRepository

  constructor(private readonly db: Database) {
    this.insight = new InsightRepository(db)
  }

  /**
   * A figure over time: a point for each bucket of the calendar of which the range has a part, and for each group.
   * @throws ApiError BAD_USER_INPUT for an unknown time zone, a breakdown or interval that the figure does not have, or too many points.
   */
  async series(question: MetricQuestion): Promise<MetricPoint[]> {
    const metric = METRICS.get(question.name)!
    const { interval, breakdown = null } = question
    assertFits(metric, interval, breakdown)
    const timeZone = await this.timeZone(question.timeZone)
    const buckets = bucketsOf(question, interval, timeZone)
    if (metric.measure === 'running') return this.running(metric, buckets, breakdown)
    if (metric.measure === 'stickiness') return this.stickiness(metric, buckets, timeZone)

    const { first, shown, figures } = await this.figures(metric, buckets, { interval, breakdown, timeZone })
    return buckets.flatMap((bucket, index) =>
      shown.map((group) => pointOf(metric, bucket, figures.at(first + index, group))),
    )
  }

  /**
   * Cohorts: of the people who signed up in each bucket, how many did something in it and in those after it.
   * @throws ApiError BAD_USER_INPUT for an unknown time zone, hours, or too many cohorts or periods.
   */
  async retention(question: RetentionQuestion): Promise<Cohort[]> {
    const { interval, periods } = question
    if (interval === MetricInterval.HOUR)
      throw new ApiError('BAD_USER_INPUT', 'Cohorts are told by day, week or month.')
    if (!Number.isInteger(periods) || periods < 1 || periods > MOST_PERIODS)
      throw new ApiError('BAD_USER_INPUT', `\`periods\` is from 1 to ${MOST_PERIODS}.`)
    const timeZone = await this.timeZone(question.timeZone)
    const cohorts = bucketsOf(question, interval, timeZone)
    if (cohorts.length > MOST_COHORTS)
      throw new ApiError(
        'BAD_USER_INPUT',
        `At most ${MOST_COHORTS} cohorts are told at once; choose a shorter range.`,
      )
    const buckets = [...cohorts]
    for (let period = 1; period < periods; period++) {
      const from = buckets.at(-1)!.to
      buckets.push({ from, to: endOf(from, interval, timeZone) })
    }
    // What is kept back of those who signed up is kept back here as well, or the one would tell the other.
    const how = { interval, breakdown: null, timeZone }
    const signUps = await this.figures(METRICS.get('SIGN_UPS')!, cohorts, how)
    const found = new Map(
      (await this.insight.returning(edgesOf(buckets), cohorts.length)).map((row) => [
        `${row.cohort} ${row.later ?? 'all'}`,
        row.people,
      ]),
    )
    return cohorts.map((cohort, index): Cohort => {
      const size = found.get(`${index} all`) ?? 0
      const isOfFew =
        (size > 0 && size < FEWEST_PEOPLE) || signUps.figures.at(signUps.first + index, null).isSuppressed
      const begun = buckets.slice(index, index + periods).filter(({ from }) => from < this.db.now)
      return {
        ...toldOf(cohort),
        size: isOfFew ? null : size,
        isSuppressed: isOfFew,
        periods: begun.map((span, number) => {
          const people = found.get(`${index} ${number}`) ?? 0
          // Those who were not there are as few.
          const isSuppressed = [people, size - people].some((few) => few > 0 && few < FEWEST_PEOPLE)
          const isHidden = isOfFew || isSuppressed
          return {
            ...{ number, ...toldOf(span), people: isHidden ? null : people, isSuppressed: isHidden },
            rate: isHidden || size === 0 ? null : people / size,
          }
        }),
      }
    })
  }

  /**
   * How many people and visitors went on from step to step, each an event of activity.
   * @throws ApiError BAD_USER_INPUT for too few or too many steps, or too long a range.
   */
  async funnel({ steps, within, ...span }: FunnelQuestion): Promise<FunnelStep[]> {
    if (steps.length < 2 || steps.length > MOST_STEPS)
      throw new ApiError('BAD_USER_INPUT', `A funnel has from 2 to ${MOST_STEPS} steps.`)
    if (span.from >= span.to || span.to.getTime() - span.from.getTime() > LONGEST_FUNNEL)
      throw new ApiError('BAD_USER_INPUT', '`to` must be after `from`, and at most 92 days.')
    if (within < 1 || within > LONGEST_WITHIN)
      throw new ApiError(
        'BAD_USER_INPUT',
        `\`within\` is from 1 to ${LONGEST_WITHIN} minutes, which is 30 days.`,
      )
    const people = await this.insight.funnel(inQuarters(span), steps, within)
    let shown = 0
    return steps.map((name, index): FunnelStep => {
      const count = people[index]!
      // Those who have not come on are as few.
      const left = index === 0 ? 0 : shown - count
      const isSuppressed = [count, left].some((few) => few > 0 && few < FEWEST_PEOPLE)
      if (!isSuppressed) shown = count
      const first = people[0]!
      return {
        ...{ name, isSuppressed, people: isSuppressed ? null : count },
        rate: isSuppressed || first === 0 || first < FEWEST_PEOPLE ? null : count / first,
      }
    })
  }

  /**
   * What was counted in buckets, with what of it is kept back. That is so in every range alike, so all that a longer bucket is the sum of is
   * looked at; the first of the buckets has the number `first` among them. `shown` are the groups that come in the buckets.
   */
  private async figures(
    metric: Metric,
    buckets: readonly Span[],
    how: { interval: MetricInterval; breakdown: MetricBreakdown | null; timeZone: string },
  ): Promise<{ wide: readonly Span[]; first: number; shown: readonly (string | null)[]; figures: Figures }> {
    const { interval, breakdown, timeZone } = how
    const wide = widened(buckets, interval, timeZone)
    const span = { from: wide[0]!.from, to: wide.at(-1)!.to }
    const groups = breakdown ? await this.groupsOf(metric, breakdown, span) : []
    const by = breakdown && { by: breakdown, groups }
    const figures = new Figures(wide.length, await this.insight.count(metric.facts, edgesOf(wide), by))
    const first = wide.findIndex(({ from }) => from.getTime() === buckets[0]!.from.getTime())
    const shown = breakdown ? figures.groupsIn(first, first + buckets.length) : [null]
    // Before what takes time for each of them.
    assertFew(buckets.length * shown.length)
    if (interval === MetricInterval.HOUR && isSum(metric)) {
      const days = await this.figures(metric, bucketsOf(span, MetricInterval.DAY, timeZone), {
        ...how,
        interval: MetricInterval.DAY,
      })
      keepHoursBack(figures, wide, days)
    }
    keepBack(metric, figures, wide, interval, timeZone)
    return { wide, first, shown, figures }
  }

  /** The zone that is asked for, or the viewer's. */
  private async timeZone(asked: string | null | undefined): Promise<string> {
    if (asked != null) {
      if (!isTimeZone(asked)) throw new ApiError('BAD_USER_INPUT', `No such time zone. ${TIME_ZONE_ADVICE}`)
      return asked
    }
    const id = viewerId(this.db.caller.viewer)
    const viewer = id === null ? null : await new UserService(this.db).lookup(id)
    return viewer?.timeZone ?? 'UTC'
  }

  private groupsOf(metric: Metric, breakdown: MetricBreakdown, span: Span): Promise<string[]> {
    return this.insight.groups(metric.facts, breakdown, span, { people: FEWEST_PEOPLE, limit: MOST_GROUPS })
  }

  /** How many there are at the end of each bucket, in steps of five, so that one more or less tells of nobody. */
  private async running(
    metric: Metric,
    buckets: readonly Span[],
    breakdown: MetricBreakdown | null,
  ): Promise<MetricPoint[]> {
    const to = buckets.at(-1)!.to
    const always = { from: new Date(0), to }
    const groups = breakdown ? await this.groupsOf(metric, breakdown, always) : []
    const by = breakdown && { by: breakdown, groups }
    const [before, counted] = await Promise.all([
      this.insight.countBefore(metric.facts, buckets[0]!.from, by),
      this.insight.count(metric.facts, edgesOf(buckets), by),
    ])
    const sums = new Map(before.map(({ group, count }) => [group, count]))
    const figures = new Figures(buckets.length, counted)
    const shown = breakdown
      ? [...new Set([...sums.keys(), ...figures.groupsIn(0, buckets.length)])].sort()
      : [null]
    assertFew(buckets.length * shown.length)
    return buckets.flatMap((bucket, index) =>
      shown.map((group): MetricPoint => {
        const people = (sums.get(group) ?? 0) + figures.at(index, group).count
        sums.set(group, people)
        const isSuppressed = people > 0 && people < FEWEST_PEOPLE
        const value = isSuppressed ? null : people - (people % FEWEST_PEOPLE)
        return { ...toldOf(bucket), group, value, isSuppressed }
      }),
    )
  }

  /** The mean of the people of each day that has begun, as a part of the people of all these days. */
  private async stickiness(
    metric: Metric,
    buckets: readonly Span[],
    timeZone: string,
  ): Promise<MetricPoint[]> {
    const days = bucketsOf({ from: buckets[0]!.from, to: buckets.at(-1)!.to }, MetricInterval.DAY, timeZone)
    const [people, daily] = await Promise.all([
      this.insight.count(metric.facts, edgesOf(buckets), null),
      this.insight.count(metric.facts, edgesOf(days), null),
    ])
    const [whole, ofDay] = [new Figures(buckets.length, people), new Figures(days.length, daily)]
    return buckets.map((bucket, index) => {
      const figure = whole.at(index, null)
      const within = days
        .map((day, number) => ({ day, people: ofDay.at(number, null).people }))
        .filter(({ day }) => day.from >= bucket.from && day.to <= bucket.to && day.from < this.db.now)
      // The mean of several days, of which all but one are told, tells of that one.
      const isSuppressed = [figure, ...within].some(({ people }) => people > 0 && people < FEWEST_PEOPLE)
      const mean = within.reduce((sum, day) => sum + day.people, 0) / within.length
      const value = isSuppressed || figure.people === 0 ? null : mean / figure.people
      return { ...toldOf(bucket), group: null, value, isSuppressed }
    })
  }
}

const QUARTER = 15 * MINUTE

/** The same span in whole quarters of an hour, as everything else is counted in: nobody is cut out of a crowd by a moment. */
const inQuarters = ({ from, to }: Span): Span => ({
  from: new Date(Math.floor(from.getTime() / QUARTER) * QUARTER),
  to: new Date(Math.ceil(to.getTime() / QUARTER) * QUARTER),
})

/** The figures of a series, with those that nothing was counted for. */
class Figures {
  private readonly byPlace = new Map<string, Figure>()

  constructor(
    private readonly length: number,
    counted: readonly Counted[],
  ) {
    for (const row of counted)
      this.byPlace.set(placeOf(row.bucket, row.group), { ...row, isSuppressed: false })
  }

  at(bucket: number, group: string | null): Figure {
    const place = placeOf(bucket, group)
    const found = this.byPlace.get(place)
    if (found) return found
    const none = { bucket, group, count: 0, total: 0, people: 0, isSuppressed: false }
    this.byPlace.set(place, none)
    return none
  }

  /** The groups of which something was counted in these buckets, by name; what is of no group comes last. */
  groupsIn(first: number, end: number): string[] {
    const names = [...this.byPlace.values()]
      .filter(({ bucket, group, count }) => group !== null && count > 0 && bucket >= first && bucket < end)
      .map(({ group }) => group!)
    return [...new Set(names)].sort(
      (one, other) => Number(one === OTHER_GROUP) - Number(other === OTHER_GROUP) || (one < other ? -1 : 1),
    )
  }

  /** The figures of one group, or of all, in order. */
  of(group: string | null): Figure[] {
    return Array.from({ length: this.length }, (_, bucket) => this.at(bucket, group))
  }
}

const placeOf = (bucket: number, group: string | null) => `${bucket} ${group === null ? '' : `=${group}`}`

function assertFits(metric: Metric, interval: MetricInterval, breakdown: MetricBreakdown | null): void {
  if (breakdown !== null && !isBrokenDownBy(metric, breakdown)) {
    const known = metric.breakdowns.join(', ') || 'nothing'
    throw new ApiError('BAD_USER_INPUT', `${metric.name} can be broken down by ${known}.`)
  }
  const isTooShort = interval === MetricInterval.HOUR || interval === MetricInterval.DAY
  if (metric.measure === 'stickiness' && isTooShort) {
    throw new ApiError('BAD_USER_INPUT', `${metric.name} is told of weeks and months.`)
  }
}

const isBrokenDownBy = ({ breakdowns, measure }: Metric, breakdown: MetricBreakdown): boolean =>
  measure !== 'stickiness' && breakdowns.includes(breakdown)

const edgesOf = (buckets: readonly Span[]): Date[] => [...buckets.map(({ from }) => from), buckets.at(-1)!.to]

/** What buckets of an interval add up to. Weeks do not add up to months. */
const LONGER: Record<MetricInterval, readonly MetricInterval[]> = {
  [MetricInterval.HOUR]: [MetricInterval.DAY],
  [MetricInterval.DAY]: [MetricInterval.WEEK, MetricInterval.MONTH],
  [MetricInterval.WEEK]: [],
  [MetricInterval.MONTH]: [],
}

/** With all the buckets that add up to the same longer ones. */
function widened(buckets: readonly Span[], interval: MetricInterval, timeZone: string): readonly Span[] {
  const longer = LONGER[interval]
  if (longer.length === 0) return buckets
  const from = longer.map((each) => beginOf(buckets[0]!.from, each, timeZone))
  const last = new Date(buckets.at(-1)!.to.getTime() - 1)
  const to = longer.map((each) => endOf(beginOf(last, each, timeZone), each, timeZone))
  const wide: Span[] = []
  let begin = new Date(Math.min(...from.map(Number)))
  const end = new Date(Math.max(...to.map(Number)))
  while (begin < end) {
    const next = endOf(begin, interval, timeZone)
    wide.push({ from: begin, to: next })
    begin = next
  }
  return wide
}

/** Of two days that come in both, people are counted once in their week: there is nothing that could be left of a sum. */
const isSum = ({ measure }: Metric): boolean => measure !== 'people'

/** Of a day that is kept back, nothing is told of its hours, which add up to it. */
function keepHoursBack(
  figures: Figures,
  hours: readonly Span[],
  { wide, figures: days }: { wide: readonly Span[]; figures: Figures },
): void {
  for (const [day, { from, to }] of wide.entries())
    for (const group of [null, ...days.groupsIn(day, day + 1)]) {
      if (!days.at(day, group).isSuppressed) continue
      for (const [hour, span] of hours.entries()) {
        const figure = figures.at(hour, group)
        if (span.from >= from && span.from < to && figure.count > 0) figure.isSuppressed = true
      }
    }
}

/** Keeps back what is about few people, and what it follows from; see `suppress`. */
function keepBack(
  metric: Metric,
  figures: Figures,
  buckets: readonly Span[],
  interval: MetricInterval,
  timeZone: string,
): void {
  const overTime = (row: readonly Figure[]): Figure[][] =>
    !isSum(metric)
      ? []
      : LONGER[interval].flatMap((longer) => {
          const sums = new Map<number, Figure[]>()
          for (const figure of row) {
            const begin = beginOf(buckets[figure.bucket]!.from, longer, timeZone).getTime()
            sums.set(begin, [...(sums.get(begin) ?? []), figure])
          }
          return [...sums.values()]
        })
  const all = figures.of(null)
  suppress(all, overTime(all))
  const groups = figures.groupsIn(0, buckets.length)
  if (groups.length === 0) return
  const rows = groups.map((group) => figures.of(group))
  const perBucket = buckets.map((_, index) => rows.map((row) => row[index]!))
  // Where the sum is kept back, so is one of its parts at least.
  for (const [index, parts] of perBucket.entries()) {
    if (!all[index]!.isSuppressed) continue
    const least = parts.filter(({ people }) => people > 0).sort((one, other) => one.people - other.people)[0]
    if (least) least.isSuppressed = true
  }
  suppress(rows.flat(), [...perBucket, ...rows.flatMap(overTime)])
}

const toldOf = ({ from, to }: Span): Told => ({ startsAt: from, endsAt: to })

function pointOf({ measure }: Metric, bucket: Span, figure: Figure): MetricPoint {
  const { count, total, people, group, isSuppressed } = figure
  const value =
    measure === 'people' ? people : measure === 'mean' ? (count === 0 ? null : total / count) : count
  return { ...toldOf(bucket), group, value: isSuppressed ? null : value, isSuppressed }
}
