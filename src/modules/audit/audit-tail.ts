import { setTimeout as sleep } from 'node:timers/promises'
import { DAY, later, SECOND } from '../../core/clock'
import { ApiError } from '../../core/error'
import type { Id } from '../../core/id'
import { foreignCursor, fromCursor, toCursor } from '../../core/page'
import type { Database } from '../../db/database'
import { AuditEventRepository, type AuditEventFilter, type TailPlace } from './audit-event.repository'

/*
 * The trail as it grows. Nobody who writes to it does anything for whoever follows: they look, several times a second, for what has been
 * committed since they last looked, which PostgreSQL knows of each transaction. So nothing is missed that took long to commit, nothing is
 * told twice, and it is all one whichever process wrote it.
 */

/** An event that was recorded. */
export interface Recorded {
  /** Where it stands: a place to go on from. */
  cursor: string
  eventId: Id
}

const LIST = 'audit-tail'

/** How often it is looked for more, in milliseconds, and how much is read at once. */
const INTERVAL = SECOND / 2
const BATCH = 100

/** How long a cursor is good for, in milliseconds; what commits takes no longer than that since its moment. */
const KEPT = DAY

/**
 * What is recorded from now on, or from a cursor on, as far as a filter and the viewer leave it. Whoever delivers an event asks again
 * whether the viewer may see it.
 * @throws ApiError BAD_USER_INPUT for a cursor of something else, or of more than a day ago.
 */
export async function followTrail(
  db: Database,
  filter: AuditEventFilter,
  after: string | null,
): Promise<AsyncIterableIterator<Recorded>> {
  const events = new AuditEventRepository(db)
  const place = after === null ? await events.tailEnd() : placeIn(after, db.clock.now())
  return new TrailFollower(db, events, filter, place)
}

class TrailFollower implements AsyncIterableIterator<Recorded> {
  private waiting: { id: Id; place: TailPlace }[] = []
  private readonly ended = new AbortController()

  constructor(
    private readonly db: Database,
    private readonly events: AuditEventRepository,
    private readonly filter: AuditEventFilter,
    private place: TailPlace,
  ) {}

  async next(): Promise<IteratorResult<Recorded>> {
    while (!this.ended.signal.aborted) {
      const next = this.waiting.shift()
      if (next) {
        const cursor = toCursor(LIST, [
          next.place.since,
          next.place.until,
          next.place.last,
          next.id,
          this.db.clock.now().getTime(),
        ])
        return { done: false, value: { cursor, eventId: next.id } }
      }
      const began = performance.now()
      const { found, place } = await this.events.tail(
        this.filter,
        this.place,
        BATCH,
        later(this.db.clock.now(), -KEPT),
      )
      this.waiting = found
      this.place = place
      // However long it takes to look, it is done a fraction of the time.
      const pause = Math.max(INTERVAL, 4 * (performance.now() - began))
      if (found.length === 0) await sleep(pause, null, { signal: this.ended.signal }).catch(() => undefined)
    }
    return { done: true, value: undefined }
  }

  return(): Promise<IteratorResult<Recorded>> {
    this.ended.abort()
    this.waiting = []
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator]() {
    return this
  }
}

const SNAPSHOT = /^\d{1,19}:\d{1,19}:(?:\d{1,19}(?:,\d{1,19})*)?$/
const NUMBER = /^\d{1,18}$/
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

function placeIn(cursor: string, now: Date): TailPlace {
  const [since, until, last, lastId, at] = fromCursor(LIST, cursor) as string[]
  const fits =
    SNAPSHOT.test(String(since)) &&
    SNAPSHOT.test(String(until)) &&
    NUMBER.test(String(last)) &&
    UUID.test(String(lastId)) &&
    Number.isSafeInteger(at)
  if (!fits) throw foreignCursor()
  if (Number(at) < now.getTime() - KEPT)
    throw new ApiError(
      'BAD_USER_INPUT',
      'This cursor is too old for what has happened since to be told: read anew, and subscribe without it.',
    )
  return { since: since!, until: until!, last: last!, lastId: lastId! }
}
