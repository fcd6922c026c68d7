import type { Id } from '../../core/id'
import { HOUR, later } from '../../core/clock'
import type { Database } from '../../db/database'
import { LOCKS } from '../../db/locks'
import type { UnusualActivity } from '../mail/mail-template'
import type { Rule } from './rules'

/** Whom a rule has found. */
export interface Finding {
  key: string
  about: Id | null
  count: number
}

/** What is asked about unusual activity. @visibility nobody is told but the trail */
export class UnusualActivityRepository {
  constructor(private readonly db: Database) {}

  /** Has whoever else looks wait until this transaction ends, and then find what it has found. */
  async takeTurn(): Promise<void> {
    await this.db.query('SELECT pg_advisory_xact_lock($1)', [LOCKS.unusualActivity])
  }

  /** Whom a rule finds that it has not found within its window. */
  async findNew(name: UnusualActivity, { query, window, bound }: Rule): Promise<Finding[]> {
    const since = later(this.db.now, -window)
    return this.db.query<Finding>(
      `SELECT * FROM (${query}) found WHERE NOT EXISTS (
         SELECT FROM audit_events known WHERE known.action = 'unusual-activity.found' AND known.occurred_at > $1
           AND known.details ->> 'rule' = $3 AND known.details ->> 'key' = found.key)
       ORDER BY key`,
      [since, bound, name],
    )
  }

  /** Whether a rule has found anything within the last hour. */
  async hasJustFound(name: UnusualActivity): Promise<boolean> {
    const known = await this.db.query(
      `SELECT FROM audit_events WHERE action = 'unusual-activity.found' AND occurred_at > $1 AND details ->> 'rule' = $2 LIMIT 1`,
      [later(this.db.now, -HOUR), name],
    )
    return known.length > 0
  }
}
