import { DAY, HOUR } from '../../core/clock'

/**
 * How long a session lives, in milliseconds: unused at most `idle`, used or not at most `absolute`. Whoever holds any
 * permission is staff, from the moment of the grant on.
 */
export const SESSION_LIMITS = {
  person: { idle: 14 * DAY, absolute: 30 * DAY },
  staff: { idle: HOUR, absolute: 24 * HOUR },
} as const
