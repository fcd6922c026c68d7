import { DeliveryFailure } from '../../core/delivery-failure'
import { SECOND } from '../../core/clock'
import { Database } from '../../db/database'
import type { Begun } from '../../db/row-sender'
import type { Channel } from './channel'
import { DeliveryPriority } from './delivery-priority'
import { DeliveryStatus } from './delivery-status'
import { Delivery } from './delivery.entity'
import {
  CLAIM,
  DeliveryRepository,
  type ClaimedDelivery,
  type Outcome,
  type SealedDelivery,
} from './delivery.repository'
import { nextAttemptAfter } from './timetable'

/** How long a provider may take, in milliseconds: less than a claim lasts. After that nobody knows whether it has taken the message. */
const PROVIDER_TIMEOUT = 30 * SECOND

/** So many may wait for providers at once without being asked for by a sender; the rest is left to one. */
const MOST_AT_ONCE = 32

/**
 * Sends what has just been committed, by the process that has done so: a code is there in milliseconds, whoever else is busy. What cannot
 * go at once is left to the senders of whatever process has one, and where there is a rate so is what people can do without: many of
 * those at once would leave no place to what others wait for.
 * @param since when it was claimed, as `performance.now()` has it.
 */
export async function sendAtOnce(
  db: Database,
  channel: Channel,
  claimed: ClaimedDelivery,
  letter: string,
  since: number,
): Promise<void> {
  const { tools } = db
  const work = async () => {
    // The transaction took its time: others may have it.
    if (performance.now() - since > CLAIM / 4) return
    const deliveries = new DeliveryRepository(db)
    const rate = tools.deliveryRates[channel.name]
    const isFree = tools.background.size <= MOST_AT_ONCE
    const isUrgent = claimed.priority !== DeliveryPriority.OTHER
    const mayGo = isFree && (rate === null || (isUrgent && (await deliveries.takePlace(channel.name, rate))))
    if (mayGo) await sendDelivery(db, channel, claimed, letter)
    else await deliveries.release(claimed)
  }
  if (channel.isInstant(tools)) await work()
  else tools.background.run(work())
}

/** Claims what is due in a channel, and begins to send it. */
export async function beginDue(
  tools: Database['tools'],
  channel: Channel,
  limit: number,
  signal: AbortSignal,
): Promise<Begun> {
  const db = Database.of(tools)
  const rate = tools.deliveryRates[channel.name]
  const { claimed, wait } =
    rate === null
      ? { claimed: await new DeliveryRepository(db).claim(channel.name, limit), wait: null }
      : await db.transaction((tx) => new DeliveryRepository(tx).claimAtRate(channel.name, limit, rate))
  const places = claimed.map((delivery) => ({ ...delivery, ownerId: delivery.id }))
  const letters = await db.codec.openEach(Delivery, 'letter', places, ({ letter }) => letter)
  const work = claimed.map((delivery, index) =>
    sendOpened(Database.of(tools), channel, delivery, letters[index]!, signal),
  )
  return { claimed: claimed.length, work, wait }
}

async function sendOpened(
  db: Database,
  channel: Channel,
  delivery: SealedDelivery,
  letter: string | null | Error,
  signal: AbortSignal,
): Promise<void> {
  if (typeof letter === 'string') return sendDelivery(db, channel, delivery, letter, signal)
  const response = 'unreadable'
  await new DeliveryRepository(db).settle(delivery, { ...GIVEN_UP, response, keepsLetter: false })
  // Its key has gone, or it was changed below us; that others can go does not depend on it.
  throw letter ?? new Error('The data key of a message is gone.')
}

const DONE = { nextAttemptAt: null, response: null, isAttempt: false, keepsLetter: false } as const
const GIVEN_UP = { ...DONE, status: DeliveryStatus.FAILED, isAttempt: true, keepsLetter: true } as const

const UNWANTED: Outcome = { ...DONE, status: DeliveryStatus.SUPPRESSED }

const notBefore = (nextAttemptAt: Date): Outcome => ({
  ...{ status: DeliveryStatus.PENDING, nextAttemptAt, response: null },
  ...{ isAttempt: false, keepsLetter: true },
})

/**
 * Sends one message, and writes down what came of it. A process that dies in between has it sent again by another, under the same id.
 * When `signal` aborts, others may send it at once.
 */
export async function sendDelivery(
  db: Database,
  channel: Channel,
  claimed: ClaimedDelivery,
  letter: string,
  signal?: AbortSignal,
): Promise<void> {
  const deliveries = new DeliveryRepository(db)
  const rate = db.tools.deliveryRates[channel.name]
  const leave = async (outcome: Outcome) => {
    await deliveries.settle(claimed, outcome)
    if (rate !== null) await deliveries.giveBackPlace(channel.name, rate)
  }
  if (claimed.expiresAt !== null && claimed.expiresAt <= db.now)
    return leave({ ...DONE, status: DeliveryStatus.EXPIRED })
  try {
    const send = await channel.prepare(db, { ...claimed, content: JSON.parse(letter) as unknown })
    if (!claimed.isDecoy && typeof send !== 'function')
      return await leave(send === null ? UNWANTED : notBefore(send))
    if (!claimed.isDecoy && typeof send === 'function') await inTime(send(), signal)
  } catch (error) {
    if (signal?.aborted) return deliveries.release(claimed)
    const failure = error instanceof DeliveryFailure ? error : null
    // Something of ours is wrong: it is reported, and tried again all the same.
    await noteFailure(db, channel, claimed, failure ?? new DeliveryFailure('temporary', 'unexpected'))
    if (failure === null) throw error
    if (failure.kind !== 'temporary') db.tools.onUndelivered?.(failure)
    return
  }
  await deliveries.settle(claimed, { ...DONE, status: DeliveryStatus.SENT, isAttempt: true })
}

/** What a provider answers, or that it takes too long, or that this process has to stop. */
async function inTime(sent: Promise<void>, signal?: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  let stop = () => {}
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeliveryFailure('temporary', 'timed out')), PROVIDER_TIMEOUT)
    stop = () => reject(signal?.reason as Error)
    signal?.addEventListener('abort', stop)
  })
  await Promise.race([sent, tooLong]).finally(() => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  })
}

async function noteFailure(
  db: Database,
  channel: Channel,
  claimed: ClaimedDelivery,
  { kind, response, resumesAt }: DeliveryFailure,
): Promise<void> {
  await db.transaction(async (tx) => {
    const nextAttemptAt =
      kind === 'temporary' ? nextAttemptAfter(claimed.retryCount + 1, tx.now, resumesAt) : null
    const settled = await new DeliveryRepository(tx).settle(
      claimed,
      outcomeOf(claimed, nextAttemptAt, response),
    )
    if (settled && kind === 'recipient') await channel.noteRefusal(tx, claimed)
  })
}

function outcomeOf({ expiresAt }: ClaimedDelivery, nextAttemptAt: Date | null, response: string): Outcome {
  if (nextAttemptAt === null) return { ...GIVEN_UP, response }
  if (expiresAt !== null && nextAttemptAt >= expiresAt)
    return { ...DONE, status: DeliveryStatus.EXPIRED, response, isAttempt: true }
  return { status: DeliveryStatus.PENDING, nextAttemptAt, response, isAttempt: true, keepsLetter: true }
}
