import { Temporal } from 'temporal-polyfill'

/*
 * What happens at a time of day, where somebody lives: clocks are put forward and back there, and days are left out (Apia, 30
 * December 2011).
 */

/** A time of day, `HH:MM`, as a clock on the wall shows it. */
export type TimeOfDay = string

/** Hours of the day in which somebody wants to be left alone, which may go beyond midnight. Where both are the same, there are none. */
export interface QuietHours {
  from: TimeOfDay
  /** When they are over: not quiet any more. */
  to: TimeOfDay
}

const MONDAY = 1

/** The first moment from `at` on whose time of day, in this zone (IANA), is not within quiet hours. */
export function afterQuietHours(at: Date, quiet: QuietHours, timeZone: string): Date {
  if (quiet.from === quiet.to) return at
  let moment = at
  // Clocks may be put back into quiet hours when these are just over; never twice in a day.
  while (isQuiet(zoned(moment, timeZone), quiet)) moment = nextChange(moment, quiet, timeZone)
  return moment
}

/**
 * The first moment after `after` at which it is this time of day in this zone, on a Monday if `onMondays`. A time that the clock leaps
 * over is reckoned as if it had not leapt yet; of one that it shows twice, the first is meant (RFC 5545 §3.3.5).
 */
export function nextAt(
  after: Date,
  time: TimeOfDay,
  timeZone: string,
  { onMondays = false }: { onMondays?: boolean } = {},
): Date {
  let day = zoned(after, timeZone).toPlainDate()
  for (;;) {
    const isMeant = !onMondays || day.dayOfWeek === MONDAY
    const [moment] = isMeant ? momentsOf(day, time, timeZone) : []
    if (moment && moment > after) return moment
    day = day.add({ days: 1 })
  }
}

/** The next moment at which the time of day may cease to be quiet: when they are over, or a clock is put forward or back. */
function nextChange(moment: Date, { to }: QuietHours, timeZone: string): Date {
  const now = zoned(moment, timeZone)
  const ends = [0, 1, 2].flatMap((days) => momentsOf(now.toPlainDate().add({ days }), to, timeZone))
  const leap = now.getTimeZoneTransition('next')
  const changes = leap === null ? ends : [...ends, new Date(leap.epochMilliseconds)]
  return changes.filter((each) => each > moment).reduce((first, each) => (each < first ? each : first))
}

/** When it is this time of day on this day: once or, where a clock is put back, twice. */
function momentsOf(day: Temporal.PlainDate, time: TimeOfDay, timeZone: string): Date[] {
  const wall = day.toPlainDateTime(Temporal.PlainTime.from(time))
  const [first, second] = (['compatible', 'later'] as const).map(
    (disambiguation) => wall.toZonedDateTime(timeZone, { disambiguation }).epochMilliseconds,
  )
  return first === second ? [new Date(first!)] : [new Date(first!), new Date(second!)]
}

function isQuiet(now: Temporal.ZonedDateTime, { from, to }: QuietHours): boolean {
  const time = now.toPlainTime()
  const isAfter = (bound: TimeOfDay) => Temporal.PlainTime.compare(time, Temporal.PlainTime.from(bound)) >= 0
  return from < to ? isAfter(from) && !isAfter(to) : isAfter(from) || !isAfter(to)
}

const zoned = (moment: Date, timeZone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(moment.getTime()).toZonedDateTimeISO(timeZone)
