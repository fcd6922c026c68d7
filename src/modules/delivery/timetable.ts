import { HOUR, MINUTE, SECOND } from '../../core/clock'
import { nextAttempt } from '../../core/retry'

/**
 * The longest that is waited after each try that has failed, in milliseconds: twice as long each time, over nine hours in all. Whoever
 * greylists wants a pause of minutes (RFC 6647 §4.1), and a provider that is down some hours.
 */
export const LONGEST_WAITS = [
  15 * SECOND,
  30 * SECOND,
  MINUTE,
  2 * MINUTE,
  4 * MINUTE,
  8 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  4 * HOUR,
] as const

/** Full jitter: what failed together comes back at any moment of the wait, but not within a second. */
const TIMETABLE = {
  waits: LONGEST_WAITS,
  jitter: (wait: number, random: number) => SECOND + (wait - SECOND) * random,
}

/** When to try again after so many tries have failed, this one included; null where it is given up. */
export const nextAttemptAfter = (
  failed: number,
  now: Date,
  resumesAt: Date | null,
  random?: () => number,
): Date | null => nextAttempt(TIMETABLE, failed, now, resumesAt, random)
