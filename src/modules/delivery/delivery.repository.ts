import type { SelectQueryBuilder } from 'typeorm'
import { DAY, MINUTE, SECOND } from '../../core/clock'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { holds } from '../../core/viewer'
import type { Database } from '../../db/database'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { isShown } from '../../db/reach'
import type { DeliveryChannel } from './delivery-channel'
import { DeliveryStatus } from './delivery-status'
import { Delivery } from './delivery.entity'
import { RESTORED } from './restored-deliveries'

const COLUMNS = [
  'id',
  'channel',
  'template',
  'userId',
  'status',
  'response',
  'attemptCount',
  'nextAttemptAt',
  'createdAt',
  'expiresAt',
  'finishedAt',
] as const
export type DeliveryRow = Pick<Delivery, (typeof COLUMNS)[number]> & {
  /** Whether what it says is still there. */
  hasLetter: boolean
}

const NEWEST_FIRST: ListOrder<DeliveryRow> = { columns: ['createdAt', 'id'], descending: true }

export interface DeliveryFilter {
  status?: DeliveryStatus
  channel?: DeliveryChannel
  userId?: Id
}

/** Tells whoever sends that something is due. */
export const DELIVERIES_DUE = 'deliveries-due'

/**
 * For how long, in milliseconds, whoever has claimed a delivery has it to themselves. Longer than it takes to send it and to write down what
 * came of it; then whoever it was is gone, or its claim is of no account.
 */
export const CLAIM = MINUTE

/** How long what was given up can be sent again, in milliseconds. */
export const REPLAYABLE_FOR = 7 * DAY

/** A delivery that one process has to itself until a moment. */
export interface ClaimedDelivery extends Pick<
  Delivery,
  'id' | 'template' | 'userId' | 'isDecoy' | 'addressIndex' | 'priority' | 'retryCount' | 'expiresAt'
> {
  /** What tells this claim from one that another process makes after it. */
  claimedUntil: Date
}

export type SealedDelivery = ClaimedDelivery & Pick<Delivery, 'letter'>

/** What has come of a try. */
export interface Outcome extends Pick<Delivery, 'status' | 'nextAttemptAt' | 'response'> {
  /** Whether it was handed over, or that was tried. */
  isAttempt: boolean
  keepsLetter: boolean
}

const CLAIMED = `id, template, user_id AS "userId", is_decoy AS "isDecoy", address_index AS "addressIndex", priority,
  retry_count AS "retryCount", expires_at AS "expiresAt", claimed_until AS "claimedUntil"`

/** What SQL says for the end of a claim that begins now. */
const CLAIM_END = `clock_timestamp() + interval '${CLAIM / SECOND} seconds'`

/** What was given up within a time, in one channel or all of them. */
export interface GivenUp {
  channel: DeliveryChannel | null
  since: Date
  until: Date
}

/** SQL for that: what has a code that has ended, or was restored, and so was sent since its backup, is not sent again with others. */
const IS_GIVEN_UP = `status = '${DeliveryStatus.FAILED}' AND finished_at BETWEEN $2 AND $3 AND ($4::text IS NULL OR channel = $4)
  AND letter IS NOT NULL AND (expires_at IS NULL OR expires_at > $1) AND response IS DISTINCT FROM '${RESTORED}'`

/** What a channel may send in a second, by all processes. */
export interface Rate {
  perSecond: number
}

/** So much of a second's worth may go at once. */
const BURST = 0.1

/** How many may go at once after a pause, and how far apart they are otherwise, in seconds. */
const spacingOf = ({ perSecond }: Rate) => ({
  interval: 1 / perSecond,
  burst: Math.max(1, BURST * perSecond),
})

/** How many in each state, and since when the one has been due that waits the longest, in seconds. */
export type ChannelCounts = Record<'waiting' | 'later' | 'failed' | 'sent' | 'oldest', number>

/**
 * Every question about mails and text messages. `deliveries:manage` over everybody sees all but what is to nobody, or to somebody whose data is
 * kept and no more.
 */
export class DeliveryRepository {
  constructor(private readonly db: Database) {}

  async lookup(ids: readonly Id[]): Promise<DeliveryRow[]> {
    return this.visible().andWhere('delivery.id = ANY(:ids)', { ids }).getRawMany<DeliveryRow>()
  }

  async list(filter: DeliveryFilter, page: PageRequest): Promise<Page<DeliveryRow>> {
    return readPage(this.matching(filter), NEWEST_FIRST, page)
  }

  async count(filter: DeliveryFilter): Promise<number> {
    return this.matching(filter).getCount()
  }

  /**
   * Adds a delivery that this process has to itself; null where the same one is there already.
   * @visibility whoever does something has people told of it
   */
  async add({
    id,
    channel,
    template,
    userId,
    isDecoy,
    letter,
    addressIndex,
    deduplicationKey,
    priority,
    expiresAt,
  }: Pick<
    Delivery,
    | 'id'
    | 'channel'
    | 'template'
    | 'userId'
    | 'isDecoy'
    | 'letter'
    | 'addressIndex'
    | 'deduplicationKey'
    | 'priority'
    | 'expiresAt'
  >): Promise<ClaimedDelivery | null> {
    const [added] = await this.db.query<ClaimedDelivery>(
      `INSERT INTO deliveries (id, channel, template, user_id, is_decoy, letter, address_index, deduplication_key, priority, status, retry_count,
         attempt_count, next_attempt_at, claimed_until, created_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '${DeliveryStatus.PENDING}', 0, 0, $10, ${CLAIM_END}, $10, $11)
       ON CONFLICT (deduplication_key) DO NOTHING RETURNING ${CLAIMED}`,
      [
        ...[id, channel, template, userId, isDecoy, letter, addressIndex, deduplicationKey],
        ...[priority, this.db.now, expiresAt],
      ],
    )
    return added ?? null
  }

  /** Forgets the data key of a letter that was not added after all. */
  async forgetKey(id: Id): Promise<void> {
    await this.db.query('DELETE FROM data_keys WHERE owner_id = $1', [id])
  }

  /**
   * Takes what is due in a channel: what matters more first, and of that the longest overdue.
   * @visibility the sender asks what to send
   */
  async claim(channel: DeliveryChannel, limit: number): Promise<SealedDelivery[]> {
    return this.db.query<SealedDelivery>(
      `WITH due AS (
         SELECT id FROM deliveries
         WHERE channel = $1 AND status = '${DeliveryStatus.PENDING}' AND next_attempt_at <= $2
           AND (claimed_until IS NULL OR claimed_until <= clock_timestamp())
         ORDER BY priority, next_attempt_at, id LIMIT $3 FOR UPDATE SKIP LOCKED
       ), claimed AS (
         UPDATE deliveries SET claimed_until = ${CLAIM_END} WHERE id IN (SELECT id FROM due) RETURNING ${CLAIMED}, letter
       )
       SELECT * FROM claimed`,
      [channel, this.db.now, limit],
    )
  }

  /**
   * The same, as far as the channel's rate lets it. Call it inside a transaction: those who claim take turns. Returns as well how many
   * milliseconds nothing more may be claimed, where the rate is used up.
   * @visibility the sender asks what to send
   */
  async claimAtRate(
    channel: DeliveryChannel,
    limit: number,
    rate: Rate,
  ): Promise<{ claimed: SealedDelivery[]; wait: number | null }> {
    const { interval, burst } = spacingOf(rate)
    const [state] = await this.db.query<{ ahead: number }>(
      `INSERT INTO delivery_rates AS rate (channel, free_at) VALUES ($1, clock_timestamp())
       ON CONFLICT (channel) DO UPDATE SET free_at = greatest(rate.free_at, clock_timestamp())
       RETURNING extract(epoch FROM free_at - clock_timestamp())::double precision AS ahead`,
      [channel],
    )
    const ahead = Math.max(0, state!.ahead)
    const room = Math.floor((burst * interval - ahead) / interval + 1e-6)
    if (room < 1) return { claimed: [], wait: Math.ceil((ahead + interval - burst * interval) * SECOND) }
    const claimed = await this.claim(channel, Math.min(limit, room))
    if (claimed.length > 0) {
      await this.db.query(
        "UPDATE delivery_rates SET free_at = free_at + $2 * interval '1 second' WHERE channel = $1",
        [channel, claimed.length * interval],
      )
    }
    return { claimed, wait: null }
  }

  /**
   * Takes the place of one message in a channel's rate; false where there is none at the moment.
   * @visibility it says nothing about anybody
   */
  async takePlace(channel: DeliveryChannel, rate: Rate): Promise<boolean> {
    const { interval, burst } = spacingOf(rate)
    const taken = await this.db.query(
      `INSERT INTO delivery_rates AS rate (channel, free_at) VALUES ($1, clock_timestamp() + $2 * interval '1 second')
       ON CONFLICT (channel) DO UPDATE SET free_at = greatest(rate.free_at, clock_timestamp()) + $2 * interval '1 second'
       WHERE greatest(rate.free_at, clock_timestamp()) + $2 * interval '1 second' <= clock_timestamp() + $3 * interval '1 second'
       RETURNING channel`,
      [channel, interval, burst * interval],
    )
    return taken.length > 0
  }

  /** Gives a place back that was taken for what is not sent after all: others need not wait for it. @visibility as `takePlace` */
  async giveBackPlace(channel: DeliveryChannel, rate: Rate): Promise<void> {
    await this.db.query(
      "UPDATE delivery_rates SET free_at = free_at - $2 * interval '1 second' WHERE channel = $1",
      [channel, spacingOf(rate).interval],
    )
  }

  /**
   * Writes down what has come of a try. False where the claim does not count any more, and nothing was written.
   * @visibility the sender notes what has come of it
   */
  async settle(
    claimed: ClaimedDelivery,
    { status, nextAttemptAt, response, isAttempt, keepsLetter }: Outcome,
  ): Promise<boolean> {
    const settled = await this.db.query(
      `WITH settled AS (
         UPDATE deliveries SET status = $3, next_attempt_at = $4, claimed_until = NULL, response = coalesce($5, response),
           retry_count = retry_count + $6, attempt_count = attempt_count + $6,
           finished_at = CASE WHEN $4::timestamptz IS NULL THEN $7::timestamptz END, letter = CASE WHEN $8 THEN letter END
         WHERE id = $1 AND claimed_until = $2 RETURNING id
       )
       SELECT id FROM settled`,
      [
        ...[claimed.id, claimed.claimedUntil, status, nextAttemptAt, response],
        ...[isAttempt ? 1 : 0, this.db.now, keepsLetter],
      ],
    )
    return settled.length > 0
  }

  /** Lets others have what was claimed and not sent. */
  async release(claimed: ClaimedDelivery): Promise<void> {
    await this.db.query(
      `WITH released AS (
         UPDATE deliveries SET claimed_until = NULL WHERE id = $1 AND claimed_until = $2 RETURNING id
       )
       SELECT id FROM released`,
      [claimed.id, claimed.claimedUntil],
    )
    await this.tellSenders()
  }

  /**
   * Has a delivery sent again, as if for the first time. False where that is not to be: what it said is gone or of no use
   * any more, or it was not given up.
   * @visibility whoever wants it sent again has found it
   */
  async sendAgain(id: Id): Promise<boolean> {
    const again = await this.db.query(
      `WITH again AS (
         UPDATE deliveries SET status = '${DeliveryStatus.PENDING}', next_attempt_at = $2, retry_count = 0, finished_at = NULL
         WHERE id = $1 AND status = '${DeliveryStatus.FAILED}' AND letter IS NOT NULL AND (expires_at IS NULL OR expires_at > $2)
         RETURNING id
       )
       SELECT id FROM again`,
      [id, this.db.now],
    )
    if (again.length > 0) await this.tellSenders()
    return again.length > 0
  }

  /** How many of those that were given up in a time can be sent again. @visibility a count alone */
  async countGivenUp(given: GivenUp): Promise<number> {
    const [row] = await this.db.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM deliveries WHERE ${IS_GIVEN_UP}`,
      this.valuesOf(given),
    )
    return row!.count
  }

  /** Has these sent again as `sendAgain` does, up to so many; returns how many. @visibility nobody is told which */
  async sendGivenUpAgain(given: GivenUp, limit: number): Promise<number> {
    const again = await this.db.query(
      `WITH again AS (
         UPDATE deliveries SET status = '${DeliveryStatus.PENDING}', next_attempt_at = $1, retry_count = 0, finished_at = NULL
         WHERE id IN (SELECT id FROM deliveries WHERE ${IS_GIVEN_UP} LIMIT $5 FOR UPDATE SKIP LOCKED) RETURNING id
       )
       SELECT id FROM again`,
      [...this.valuesOf(given), limit],
    )
    if (again.length > 0) await this.tellSenders()
    return again.length
  }

  private valuesOf({ channel, since, until }: GivenUp): unknown[] {
    return [this.db.now, since, until, channel]
  }

  /**
   * Whose address a message went to.
   * @visibility a provider that has proven who it is says what became of it
   */
  async addressIndexOf(id: Id, channel: DeliveryChannel): Promise<Buffer | null> {
    const [row] = await this.db.query<{ addressIndex: Buffer }>(
      `SELECT address_index AS "addressIndex" FROM deliveries WHERE id = $1 AND channel = $2 AND NOT is_decoy`,
      [id, channel],
    )
    return row?.addressIndex ?? null
  }

  /**
   * Forgets what was said in messages that were given up before a moment, or that nobody can make use of any more; returns how many.
   * @visibility a task of the timetable
   */
  async forgetLetters(before: Date, limit: number): Promise<number> {
    const [forgotten] = await this.db.query<{ count: number }>(
      `WITH old AS (
         SELECT id FROM deliveries
         WHERE letter IS NOT NULL AND finished_at IS NOT NULL AND (finished_at <= $1 OR expires_at <= $2) LIMIT $3
       ), forgotten AS (
         UPDATE deliveries SET letter = NULL WHERE id IN (SELECT id FROM old) RETURNING id
       )
       SELECT count(*)::int AS count FROM forgotten`,
      [before, this.db.now, limit],
    )
    return forgotten!.count
  }

  /**
   * Removes what was to nobody and has served its purpose; returns how many.
   * @visibility a task of the timetable
   */
  async removeDecoys(limit: number): Promise<number> {
    const [removed] = await this.db.query<{ count: number }>(
      `WITH removed AS (
         DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE is_decoy AND finished_at IS NOT NULL LIMIT $1) RETURNING id
       )
       SELECT count(*)::int AS count FROM removed`,
      [limit],
    )
    return removed!.count
  }

  /**
   * How many of each channel are due, due later, given up in the last 30 days, and sent in the last hour; and for how many seconds the oldest
   * has been due.
   * @visibility counts for whoever operates Portico
   */
  async countByState(): Promise<(ChannelCounts & { channel: DeliveryChannel })[]> {
    return this.db.query(
      `SELECT channel, count(*) FILTER (WHERE next_attempt_at <= $1)::int AS waiting,
         count(*) FILTER (WHERE next_attempt_at > $1)::int AS later,
         count(*) FILTER (WHERE status = '${DeliveryStatus.FAILED}')::int AS failed,
         count(*) FILTER (WHERE status = '${DeliveryStatus.SENT}')::int AS sent,
         coalesce(extract(epoch FROM $1 - min(next_attempt_at) FILTER (WHERE next_attempt_at <= $1)), 0)::double precision AS oldest
       FROM deliveries
       WHERE NOT is_decoy AND (status IN ('${DeliveryStatus.PENDING}', '${DeliveryStatus.FAILED}')
         OR (status = '${DeliveryStatus.SENT}' AND created_at > $1::timestamptz - interval '1 hour'))
       GROUP BY channel`,
      [this.db.now],
    )
  }

  private tellSenders(): Promise<void> {
    return this.db.notify(DELIVERIES_DUE, {})
  }

  private matching({ status, channel, userId }: DeliveryFilter): SelectQueryBuilder<Delivery> {
    const query = this.visible()
    if (status) query.andWhere('delivery.status = :status', { status })
    if (channel) query.andWhere('delivery.channel = :channel', { channel })
    if (userId) query.andWhere('delivery.userId = :userId', { userId })
    return query
  }

  private visible(): SelectQueryBuilder<Delivery> {
    const { viewer } = this.db.caller
    return selectRows(this.db, Delivery, 'delivery', COLUMNS)
      .addSelect('delivery.letter IS NOT NULL', 'hasLetter')
      .where(holds(viewer, 'deliveries:manage') ? 'NOT delivery.isDecoy' : 'false')
      .andWhere(...isShown(viewer, 'delivery.userId'))
  }
}
