import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import type { Facts } from './mail-template'
import type { MailName, MailTopic } from './mails'

/** A mail or a text message that is about to be sent, whose cause may not be what it was when it was posted. */
export interface Reviewed {
  userId: Id
  /** The language that it is in. */
  locale: string
  /** What it is about, as whoever has posted it said. */
  about: object
}

/** What it says by now: which mail, or text message, and with what in it. */
export interface Wanted {
  name: MailName
  facts: Partial<Facts>
}

/**
 * Asks what a letter says by now: answers that, the moment before which it is not to be sent, or null for what is not wanted any more.
 */
type Review = (db: Database, letter: Reviewed) => Promise<Wanted | Date | null>

const reviews = new Map<MailTopic, Review>()

/** Says how the mails of a topic are looked at once more when they are sent. */
export const defineReview = (topic: MailTopic, review: Review): void => void reviews.set(topic, review)

export async function reviewed(
  db: Database,
  topic: MailTopic | null,
  letter: Reviewed,
): Promise<Wanted | Date | null> {
  const review = topic === null ? undefined : reviews.get(topic)
  if (!review) throw new Error(`Nobody has said how mails of the topic ${topic} are looked at.`)
  return review(db, letter)
}
