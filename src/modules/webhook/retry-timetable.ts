import { DAY, HOUR, MINUTE, SECOND } from '../../core/clock'
import { COME_AGAIN, nextAttempt, resumptionOf } from '../../core/retry'
import type { WebhookAnswer } from '../../core/webhook-transport'

/** How long to wait after each try that has failed, in milliseconds: a day in all, after which it is given up. */
export const WAITS = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 6 * HOUR, 10.5 * HOUR] as const

/** Up to so much longer each wait is, so that what failed together does not come back together. */
const JITTER = 0.1

const TIMETABLE = { waits: WAITS, jitter: (wait: number, random: number) => wait * (1 + JITTER * random) }

/** When to try again after so many tries have failed, this one included; null where it is given up. */
export const nextAttemptAfter = (
  failed: number,
  now: Date,
  resumesAt: Date | null,
  random?: () => number,
): Date | null => nextAttempt(TIMETABLE, failed, now, resumesAt, random)

/** Until when a receiver wants to be left alone, in a day at the latest: what it says beside a 429 or 503. */
export const pauseOf = (answer: WebhookAnswer, now: Date): Date | null =>
  'status' in answer && COME_AGAIN.includes(answer.status) ? resumptionOf(answer.retryAfter, now, DAY) : null
