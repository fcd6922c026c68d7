import { Temporal } from 'temporal-polyfill'
import { ApiError } from '../../core/error'
import { DAY, HOUR } from '../../core/clock'

/** Into how long spans a range of time is divided. */
export enum MetricInterval {
  HOUR = 'HOUR',
  DAY = 'DAY',
  WEEK = 'WEEK',
  MONTH = 'MONTH',
}

/** A span of time, from one moment until before the other. */
export interface Span {
  from: Date
  to: Date
}

/** How many points one series may have, buckets times groups. */
export const MAX_POINTS = 500

/** The shortest of each. */
const SHORTEST: Record<MetricInterval, number> = {
  [MetricInterval.HOUR]: HOUR / 2,
  [MetricInterval.DAY]: 23 * HOUR,
  [MetricInterval.WEEK]: 7 * DAY - HOUR,
  [MetricInterval.MONTH]: 28 * DAY - HOUR,
}

/**
 * The hours, days, weeks (from Monday, ISO 8601) or months of the calendar, in a time zone (IANA), of which a range has a part: each
 * begins where the one before ends. A day may have 23 or 25 hours.
 * @throws ApiError BAD_USER_INPUT where there are none, or more than a series may have.
 */
export function bucketsOf({ from, to }: Span, interval: MetricInterval, timeZone: string): Span[] {
  if (from >= to) throw new ApiError('BAD_USER_INPUT', '`to` must be after `from`.')
  assertFew((to.getTime() - from.getTime()) / SHORTEST[interval])
  const buckets: Span[] = []
  let begin = beginOf(from, interval, timeZone)
  while (begin < to) {
    const end = endOf(begin, interval, timeZone)
    buckets.push({ from: begin, to: end })
    begin = end
  }
  return buckets
}

/** @throws ApiError BAD_USER_INPUT where a series would have more points than it may. */
export function assertFew(points: number): void {
  if (points <= MAX_POINTS) return
  throw new ApiError(
    'BAD_USER_INPUT',
    `This would be more than ${MAX_POINTS} points. Choose a longer interval or a shorter range, or break it down by less.`,
    { limit: MAX_POINTS },
  )
}

/** The beginning of the bucket that holds a moment. */
export function beginOf(moment: Date, interval: MetricInterval, timeZone: string): Date {
  const at = zoned(moment, timeZone)
  if (interval === MetricInterval.HOUR) {
    const begin = at.round({ smallestUnit: 'hour', roundingMode: 'floor' })
    return new Date(begin.epochMilliseconds)
  }
  const day = at.toPlainDate()
  const first =
    interval === MetricInterval.MONTH
      ? day.with({ day: 1 })
      : interval === MetricInterval.WEEK
        ? day.subtract({ days: day.dayOfWeek - 1 })
        : day
  return beginOfDay(first, timeZone)
}

/** The end of the bucket that begins at a moment. */
export function endOf(begin: Date, interval: MetricInterval, timeZone: string): Date {
  if (interval === MetricInterval.HOUR) {
    const next = new Date(begin.getTime() + HOUR)
    // Where clocks are moved by half an hour, so is the beginning of the hours.
    const floored = beginOf(next, interval, timeZone)
    return floored > begin ? floored : next
  }
  const day = zoned(begin, timeZone).toPlainDate()
  const months = {
    [MetricInterval.DAY]: { days: 1 },
    [MetricInterval.WEEK]: { days: 7 },
    [MetricInterval.MONTH]: { months: 1 },
  }
  const end = beginOfDay(day.add(months[interval]), timeZone)
  // A day that a zone has left out is as if it were part of the one before.
  return end > begin ? end : beginOfDay(day.add({ days: 2 }), timeZone)
}

const beginOfDay = (day: Temporal.PlainDate, timeZone: string): Date =>
  new Date(day.toZonedDateTime(timeZone).epochMilliseconds)

const zoned = (moment: Date, timeZone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(moment.getTime()).toZonedDateTimeISO(timeZone)
