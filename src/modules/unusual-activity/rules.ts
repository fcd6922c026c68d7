import { DAY, HOUR, MINUTE } from '../../core/clock'
import type { AuditAction } from '../audit/audit-event'
import type { UnusualActivity } from '../mail/mail-template'
import { isStaffSql } from '../role/held-sql'

/** What is looked for in the trail, again and again, of the time that has just passed. */
export interface Rule {
  /** How far back it looks, in milliseconds. Of one whom it has found it finds nothing more for as long. */
  window: number
  /** From how many on it is unusual. */
  bound: number
  /**
   * SQL for those who reach the bound `$2` since the moment `$1`: `key` tells them apart, `about` is the person where it is one, `count`
   * says how many it were. What it reads is bounded by time: partitions that are older are not looked at.
   */
  query: string
  /** What whoever it is about is written, for the safety of their account, where they have not been at once. */
  mail?: 'passwordGuessed'
}

/** A query for people of whom there are so many events: who did it, or to whom it was done. */
const eventsOf = (person: 'actor_id' | 'subject_id', action: AuditAction, besides = 'true'): string => `
  SELECT ${person} AS about, ${person}::text AS key, count(*)::int AS count FROM audit_events
  WHERE action = '${action}' AND occurred_at > $1 AND ${person} IS NOT NULL AND ${besides}
  GROUP BY ${person} HAVING count(*) >= $2`

/**
 * What is unusual. That somebody signs in on a new device is so where it is somebody of the staff: to everybody else it just happens. They
 * are asked by a mail at once whether it was them, as those are told whose superseded token was used.
 */
export const RULES = {
  /** Somebody tries what they may not do, over and over. */
  refusals: {
    window: 10 * MINUTE,
    bound: 20,
    query: eventsOf('actor_id', 'access.refused'),
  },
  /** Somebody of the staff reads the data of very many people. */
  'mass-reading': {
    window: HOUR,
    bound: 200,
    query: `SELECT reader_id AS about, reader_id::text AS key, count(DISTINCT subject_id)::int AS count FROM access_records
      WHERE occurred_at > $1 GROUP BY reader_id HAVING count(DISTINCT subject_id) >= $2`,
  },
  /** A token was used that had been superseded: it may have been stolen. */
  'token-reuse': {
    window: HOUR,
    bound: 1,
    query: eventsOf('subject_id', 'session.token-reused'),
  },
  /** Somebody of the staff signs in on a device that they have not used before. */
  'new-device': {
    window: HOUR,
    bound: 1,
    query: eventsOf(
      'actor_id',
      'session.started',
      `impersonator_id IS NULL AND details @> '{"isNewDevice": true}' AND ${isStaffSql('actor_id', '$1')}`,
    ),
  },
  /** Somebody tries many passwords for one account. */
  'password-guessing': {
    window: DAY,
    bound: 20,
    query: eventsOf('subject_id', 'session.sign-in-failed'),
    mail: 'passwordGuessed',
  },
  /** One address fails to sign in to many accounts. The key is short on purpose: no address is known by it, and hardly two have the same. */
  'password-spraying': {
    window: 30 * MINUTE,
    bound: 5,
    query: `SELECT NULL::uuid AS about, encode(substring(address_index FROM 1 FOR 2), 'hex') AS key, count(DISTINCT owner_id)::int AS count
      FROM audit_addresses WHERE action = 'session.sign-in-failed' AND occurred_at > $1
      GROUP BY address_index HAVING count(DISTINCT owner_id) >= $2`,
  },
} as const satisfies Record<UnusualActivity, Rule>
