import { later, SECOND } from './clock'

/** How long to wait after each try that has failed, in milliseconds, and how chance changes a wait; after the last one it is given up. */
export interface Timetable {
  waits: readonly number[]
  /** @param random from 0 to 1. */
  jitter: (wait: number, random: number) => number
}

/**
 * When to try again after so many tries have failed, this one included; null where it is given up.
 * @param resumesAt not before this moment, where somebody has asked for that.
 */
export function nextAttempt(
  { waits, jitter }: Timetable,
  failed: number,
  now: Date,
  resumesAt: Date | null,
  random: () => number = Math.random,
): Date | null {
  const wait = waits[failed - 1]
  if (wait === undefined) return null
  const due = later(now, Math.round(jitter(wait, random())))
  return resumesAt !== null && resumesAt > due ? resumesAt : due
}

/**
 * Until when somebody wants to be left alone, by the header `Retry-After`: seconds or a date (RFC 9110 §10.2.3). Null where it says
 * nothing, or nothing of sense.
 * @param longest what is believed at most, in milliseconds.
 */
export function resumptionOf(retryAfter: string | null, now: Date, longest: number): Date | null {
  if (retryAfter === null) return null
  const text = retryAfter.trim()
  const wait = /^\d{1,9}$/.test(text) ? Number(text) * SECOND : Date.parse(text) - now.getTime()
  return wait > 0 ? later(now, Math.min(wait, longest)) : null
}

/** Too Many Requests, and Service Unavailable: what `Retry-After` stands beside. */
export const COME_AGAIN: readonly number[] = [429, 503]
