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
