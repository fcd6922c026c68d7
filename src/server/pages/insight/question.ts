import { Temporal } from 'temporal-polyfill'
import type { MetricBreakdown, MetricInterval } from '../../../sdk/portico'

/** What the form of the page asks for. */
export interface Question {
  /** The first and the last day, as a calendar has them in the time zone. */
  first: string
  last: string
  interval: MetricInterval
  breakdown: MetricBreakdown | null
  /** The names of the events of a funnel. */
  steps: string[]
}

export const INTERVALS = ['HOUR', 'DAY', 'WEEK', 'MONTH'] as const satisfies readonly MetricInterval[]

/** What a query of the address says; what is missing or makes no sense is what the page shows first: the last twelve weeks. */
export function questionOf(
  query: Record<string, unknown>,
  { now, timeZone, breakdowns }: { now: Date; timeZone: string; breakdowns: readonly MetricBreakdown[] },
): Question {
  const today = Temporal.Instant.fromEpochMilliseconds(now.getTime())
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
  const last = dayOf(query['to']) ?? today
  const first = dayOf(query['from']) ?? last.subtract({ weeks: 12 })
  return {
    first: first.toString(),
    last: last.toString(),
    interval: INTERVALS.find((interval) => interval === query['interval']) ?? 'WEEK',
    breakdown: breakdowns.find((breakdown) => breakdown === query['breakdown']) ?? null,
    steps: (typeof query['steps'] === 'string' ? query['steps'] : '')
      .split(',')
      .map((step) => step.trim())
      .filter(Boolean),
  }
}

function dayOf(given: unknown): Temporal.PlainDate | null {
  try {
    return typeof given === 'string' && /^\d{4}-\d\d-\d\d$/.test(given)
      ? Temporal.PlainDate.from(given)
      : null
  } catch {
    return null
  }
}

/** From when until when. */
export function rangeOf({ first, last }: Question, timeZone: string): { from: string; to: string } {
  const begin = (day: Temporal.PlainDate) => day.toZonedDateTime(timeZone).toInstant().toString()
  return {
    from: begin(Temporal.PlainDate.from(first)),
    to: begin(Temporal.PlainDate.from(last).add({ days: 1 })),
  }
}

/** What a span is called, by its beginning. */
export function nameOfSpan(from: string, interval: MetricInterval, timeZone: string): string {
  const at = Temporal.Instant.from(from).toZonedDateTimeISO(timeZone)
  const day = at.toPlainDate().toString()
  if (interval === 'HOUR') return `${day} ${at.toPlainTime().toString().slice(0, 5)}`
  return interval === 'MONTH' ? day.slice(0, 7) : day
}
