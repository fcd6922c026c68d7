/** Where the time comes from. Services ask a clock, never `Date`, so that a test can move time. */
export interface Clock {
  now(): Date
}

export const systemClock: Clock = { now: () => new Date() }

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/**
 * How far back somebody can take back what was done to how they sign in, and how long nothing of it can be changed after that,
 * in milliseconds.
 */
export const RECOVERY_WINDOW = 7 * DAY

/** The moment `milliseconds` after `date`. */
export const later = (date: Date, milliseconds: number): Date => new Date(date.getTime() + milliseconds)

/**
 * The same day so many months after `date`, at the same time (UTC); the last day of a month that has no such day, as Regulation
 * (EEC) 1182/71 art. 3(2)(c) has it.
 */
export function monthsLater(date: Date, months: number): Date {
  const due = new Date(date)
  due.setUTCMonth(date.getUTCMonth() + months, 1)
  const lastDay = new Date(Date.UTC(due.getUTCFullYear(), due.getUTCMonth() + 1, 0)).getUTCDate()
  due.setUTCDate(Math.min(date.getUTCDate(), lastDay))
  return due
}
