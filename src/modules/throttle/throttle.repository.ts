import type { Database } from '../../db/database'

/** How many tries something has, and how long it must rest after them, in milliseconds. */
export interface Allowance {
  /** Tries in a row that need no waiting. */
  free: number
  /** The wait after the last of them; each further try doubles it. */
  firstWait: number
  longestWait: number
  /** Tries are forgotten when there was none for so long. */
  memory: number
}

export interface CountedTry extends Allowance {
  key: Buffer
}

interface Counted {
  key: Buffer
  closed_until: Date | null
}

/**
 * Every question about throttles. Each is one statement, so that of any number of tries at once each is counted.
 * @visibility counts that concern whoever tries
 */
export class ThrottleRepository {
  constructor(private readonly db: Database) {}

  /**
   * Counts a try at each key that is open; returns those, and whether this try has closed them. Of what is not to outlive a crash
   * of PostgreSQL nobody waits until it is on the disk.
   */
  async take(
    tries: readonly CountedTry[],
    { outlivesCrash = true } = {},
  ): Promise<{ key: Buffer; closes: boolean }[]> {
    const { now } = this.db
    // In one order for everybody, or two who try at the same keys could wait for each other.
    const sorted = [...tries].sort((one, other) => Buffer.compare(one.key, other.key))
    const rows = await this.db.query<Counted>(
      `INSERT INTO throttles AS known (key, tries, tried_at, closed_until)
       SELECT key, 1, $1, ${closing('1')}
       FROM unnest($2::bytea[], $3::integer[], $4::double precision[], $5::double precision[]) AS allowed (key, free, first_wait, longest_wait)
       ${outlivesCrash ? '' : `WHERE set_config('synchronous_commit', 'off', true) = 'off'`}
       ON CONFLICT (key) DO UPDATE SET (tries, tried_at, closed_until) = (
         SELECT tries, $1, ${closing('tries')}
         FROM unnest($2::bytea[], $3::integer[], $4::double precision[], $5::double precision[], $6::double precision[])
           AS allowed (key, free, first_wait, longest_wait, memory),
           LATERAL (SELECT CASE WHEN known.tried_at < $1::timestamptz - memory * interval '1 millisecond' THEN 1 ELSE known.tries + 1 END AS tries) counted
         WHERE allowed.key = known.key
       )
       WHERE known.closed_until IS NULL OR known.closed_until <= $1
       RETURNING key, closed_until`,
      [
        now,
        sorted.map(({ key }) => key),
        sorted.map(({ free }) => free),
        sorted.map(({ firstWait }) => firstWait),
        sorted.map(({ longestWait }) => longestWait),
        sorted.map(({ memory }) => memory),
      ],
    )
    return rows.map(({ key, closed_until }) => ({ key, closes: closed_until !== null }))
  }

  /** Until when the longest closed of these keys is closed; null when all are open. */
  async closedUntil(keys: readonly Buffer[]): Promise<Date | null> {
    const [row] = await this.db.query<{ until: Date | null }>(
      'SELECT max(closed_until) AS until FROM throttles WHERE key = ANY($1) AND closed_until > $2',
      [keys, this.db.now],
    )
    return row!.until
  }

  /** Takes back one try at each key, and what it has closed. */
  async giveBack(keys: readonly Buffer[]): Promise<void> {
    await this.db.query(
      'UPDATE throttles SET tries = greatest(tries - 1, 0), closed_until = NULL WHERE key = ANY($1)',
      [keys],
    )
  }

  async forget(keys: readonly Buffer[]): Promise<void> {
    await this.db.query('DELETE FROM throttles WHERE key = ANY($1)', [keys])
  }
}

/** Until when the try of this number closes its key. */
const closing = (tries: string) => `CASE WHEN ${tries} >= free THEN
  $1::timestamptz + least(longest_wait, first_wait * 2 ^ least(${tries} - free, 30)) * interval '1 millisecond' END`
