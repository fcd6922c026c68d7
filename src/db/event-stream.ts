import { SECOND } from '../core/clock'
import { ApiError } from '../core/error'
import { fromCursor, foreignCursor, toCursor } from '../core/page'
import type { Database } from './database'
import type { Message, PubSub } from './pub-sub'
import type { Queryable } from './queryable'

/*
 * Events that nobody who follows them misses. The events of a topic are numbered without gaps in the order of their commits, for
 * whoever publishes holds the topic's row until then. They are told over LISTEN and kept for a day: who notices a gap, or comes back
 * with the number of the last one, reads what is missing. An event holds ids alone; what they stand for is looked up for each
 * follower when it is delivered, as far as they may see it by then.
 */

/** An event of a topic. */
export interface StreamEvent {
  /** Where it stands: a place to go on from. */
  cursor: string
  event: Message
}

/** How many events are kept in memory for a follower; what comes beyond that is read once it is their turn. */
const BATCH = 100

/** How long an event may wait for a follower who takes none, in milliseconds. */
const PATIENCE = 30 * SECOND

const channelOf = (topic: string): string => `stream:${topic}`

/** Tells those who follow these topics, at commit. Whoever publishes to one of them at the same time waits for that moment. */
export const publish = (db: Database, topics: readonly string[], event: Message): Promise<void> =>
  db.lastly(publishAll, { topics, event, happenedAt: db.now })

interface Published {
  topics: readonly string[]
  event: Message
  happenedAt: Date
}

async function publishAll(db: Database, published: readonly Published[]): Promise<void> {
  const events = published.flatMap(({ topics, event, happenedAt }) =>
    [...new Set(topics)].map((topic) => ({ topic, event: JSON.stringify(event), happenedAt })),
  )
  // All in one order: two that publish to the same topics wait for each other, and never both at once.
  await db.query(
    `WITH given AS (
       SELECT topic, event, happened_at, row_number() OVER (PARTITION BY topic ORDER BY place) AS place
       FROM unnest($1::text[], $2::jsonb[], $3::timestamptz[]) WITH ORDINALITY AS given (topic, event, happened_at, place)
     ), counted AS (
       INSERT INTO stream_topics AS topic (name, last_number)
       SELECT topic, count(*) FROM given GROUP BY topic ORDER BY topic COLLATE "C"
       ON CONFLICT (name) DO UPDATE SET last_number = topic.last_number + excluded.last_number
       RETURNING name, last_number
     ), numbered AS (
       SELECT topic, event, happened_at, last_number - max(place) OVER (PARTITION BY topic) + place AS number
       FROM given JOIN counted ON name = topic
     ), kept AS (
       INSERT INTO stream_events (topic, number, event, happened_at) SELECT topic, number, event, happened_at FROM numbered
     )
     SELECT pg_notify('portico', json_build_object(
       'topic', 'stream:' || topic, 'message', json_build_object('number', number, 'event', event))::text)
     FROM (SELECT * FROM numbered ORDER BY topic, number) told`,
    [
      events.map(({ topic }) => topic),
      events.map(({ event }) => event),
      events.map(({ happenedAt }) => happenedAt),
    ],
  )
}

/** The events of a topic, as somebody follows them. */
export interface Following extends AsyncIterableIterator<StreamEvent> {
  /** The place after what was taken last. */
  readonly cursor: string
}

interface Numbered {
  number: number
  event: Message
}

export interface FollowOptions {
  /** The cursor of the last event that was taken; null for what happens from now on. */
  after?: string | null
  /** How long an event may wait for somebody who takes none, in milliseconds. */
  patience?: number
}

/**
 * The events of a topic from now on, or from a cursor on: each once, in their order, whatever becomes of connections meanwhile. A
 * follower who takes none for too long is ended with an error.
 * @throws ApiError BAD_USER_INPUT for a cursor of another topic, or one from before what is kept.
 */
export async function follow(
  { db, pubSub }: { db: Queryable; pubSub: PubSub },
  topic: string,
  { after = null, patience = PATIENCE }: FollowOptions = {},
): Promise<Following> {
  const number = after === null ? null : numberIn(topic, after)
  const follower = new Follower(db, pubSub, topic, patience)
  try {
    await follower.begin(number)
  } catch (error) {
    await follower.return()
    throw error
  }
  return follower
}

const tooOld = () =>
  new ApiError(
    'BAD_USER_INPUT',
    'This cursor is too old for what has happened since to be told: read anew, and subscribe without it.',
  )

function numberIn(topic: string, cursor: string): number {
  const [number] = fromCursor(channelOf(topic), cursor)
  if (!Number.isSafeInteger(number) || (number as number) < 0) throw foreignCursor()
  return number as number
}

class Follower implements Following {
  private readonly unsubscribe: (() => void)[]
  private waiting: Numbered[] = []
  private last = 0
  /** Something may have happened that does not wait here: it has to be read. */
  private isBehind = false
  /** Since when something waits that is not taken, by the clock that never jumps. */
  private owedSince: number | null = null
  private state: 'following' | 'cut' | 'ended' = 'following'
  private wake: (() => void) | null = null

  constructor(
    private readonly db: Queryable,
    pubSub: PubSub,
    private readonly topic: string,
    private readonly patience: number,
  ) {
    // Before anything is read: what is told between the two is heard, and passed over where it was read as well.
    this.unsubscribe = [
      pubSub.subscribe(channelOf(topic), (message) => this.hear(message as unknown as Numbered)),
      pubSub.onReconnect(() => this.hear(null)),
    ]
  }

  /** Finds the place from which to go on. */
  async begin(after: number | null): Promise<void> {
    const [kept] = await this.db.query<{ first: string | null; last: string }>(
      `SELECT (SELECT min(number) FROM stream_events WHERE topic = $1) AS first,
         coalesce((SELECT last_number FROM stream_topics WHERE name = $1), 0) AS last`,
      [this.topic],
    )
    const last = Number(kept!.last)
    this.last = after ?? last
    if (this.last > last) throw foreignCursor()
    if (this.last < last && this.last + 1 < Number(kept!.first ?? last + 1)) throw tooOld()
    this.isBehind = this.last < last
  }

  async next(): Promise<IteratorResult<StreamEvent>> {
    this.owedSince = null
    for (;;) {
      if (this.state === 'cut') {
        this.state = 'ended'
        throw new ApiError(
          'UNAVAILABLE',
          'You did not take what happened for too long. Subscribe again, after the cursor of the last event that you have.',
        )
      }
      if (this.state === 'ended') return { done: true, value: undefined }
      const next = this.waiting.shift()
      if (next === undefined) {
        if (this.isBehind) await this.catchUp().catch((error: unknown) => this.fail(error))
        else await new Promise<void>((resolve) => (this.wake = resolve))
      } else if (next.number === this.last + 1) {
        this.last = next.number
        return { done: false, value: { cursor: this.cursor, event: next.event } }
      } else if (next.number > this.last) {
        this.waiting = []
        this.isBehind = true
      }
    }
  }

  return(): Promise<IteratorResult<StreamEvent>> {
    this.end('ended')
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator]() {
    return this
  }

  get cursor(): string {
    return toCursor(channelOf(this.topic), [this.last])
  }

  /** Notes what was told, or that something may have been that was not heard. */
  private hear(told: Numbered | null): void {
    if (told && this.waiting.length < BATCH) this.waiting.push(told)
    else this.isBehind = true
    if (this.wake) return this.wakeUp()
    this.owedSince ??= performance.now()
    if (performance.now() - this.owedSince > this.patience) this.end('cut')
  }

  /** Reads some of what does not wait here. What is heard meanwhile comes after it. */
  private async catchUp(): Promise<void> {
    this.isBehind = false
    const read = await this.db.query<{ number: string; event: Message }>(
      'SELECT number, event FROM stream_events WHERE topic = $1 AND number > $2 ORDER BY number LIMIT $3',
      [this.topic, this.last, BATCH],
    )
    // Commits leave no gap: what is missing was forgotten before this follower has come so far.
    if (read.length > 0 && Number(read[0]!.number) !== this.last + 1) throw tooOld()
    if (read.length === BATCH) this.isBehind = true
    this.waiting.unshift(...read.map(({ number, event }) => ({ number: Number(number), event })))
  }

  /** Nobody goes on with somebody whom an error has met, so nothing more is heard for them. */
  private fail(error: unknown): never {
    this.end('ended')
    throw error
  }

  private end(state: 'cut' | 'ended'): void {
    this.state = state
    this.waiting = []
    this.unsubscribe.forEach((one) => one())
    this.wakeUp()
  }

  private wakeUp(): void {
    this.wake?.()
    this.wake = null
  }
}
