import { SECOND } from '../../core/clock'
import { SESSION_LIMITS } from './session-limits'

/*
 * When a session ends by itself is asked of PostgreSQL in several questions; these are the words for it. Each speaks of the
 * table alias `session`, and takes a condition that tells whether its holder is staff.
 */

/** A moment of a column, and so many milliseconds more. */
export const plus = (column: string, milliseconds: number): string =>
  `${column} + interval '${milliseconds / SECOND} seconds'`

const { person, staff } = SESSION_LIMITS

const idleEnd = (isStaff: string): string =>
  `CASE WHEN ${isStaff} THEN ${plus('session.last_seen_at', staff.idle)} ELSE ${plus('session.last_seen_at', person.idle)} END`

/** The moment at which a session ends by itself. */
export const endOf = (isStaff: string): string =>
  `least(session.expires_at, ${idleEnd(isStaff)}, CASE WHEN ${isStaff} THEN ${plus('session.created_at', staff.absolute)} END)`

/** Whether it ends then because nobody uses it. */
export const endsIdle = (isStaff: string): string => `${endOf(isStaff)} = ${idleEnd(isStaff)}`
