import { DAY, HOUR, SECOND } from '../../core/clock'

/**
 * How long a session lives, in milliseconds: unused at most `idle`, used or not at most `absolute`. Whoever holds any
 * permission is staff, from the moment of the grant on.
 */
export const SESSION_LIMITS = {
  person: { idle: 14 * DAY, absolute: 30 * DAY },
  staff: { idle: HOUR, absolute: 24 * HOUR },
} as const

/** How long a superseded token goes on working, in milliseconds: requests and tabs that had it already may be under way. */
export const SUPERSEDED_GRACE = 10 * SECOND

/** How long a session that is over stays listed, in milliseconds. */
export const RETENTION = 90 * DAY
