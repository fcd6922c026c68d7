import { toGlobalId, type Id } from '../../core/id'
import type { Database } from '../../db/database'
import type { Channel, Letter, Prepared } from '../delivery/channel'
import { DeliveryChannel } from '../delivery/delivery-channel'
import { SuppressionReason } from '../suppression/suppression-reason'
import { SuppressionService } from '../suppression/suppression.service'
import { layOut } from './mail-layout'
import type { Facts, Reader } from './mail-template'
import { reviewed } from './mail-review'
import { MailRepository } from './mail.repository'
import { newMailedToken } from './mailed-token'
import { markAddress } from './mark-address'
import { isKeptFromMarked, isOwed, MAILS, topicOf, type MailName } from './mails'

/** A mail before it is laid out, as its letter has it. */
export interface MailContent {
  to: Reader & { address: string }
  facts: object
  /** What it is about, where it is asked once more when it is sent whether that is still wanted: `defineReview`. */
  about?: object
}

/** The facts that are moments, which JSON carries as texts. */
const MOMENTS = ['at', 'until', 'due'] as const satisfies readonly {
  [Name in keyof Facts]: Facts[Name] extends Date | null ? Name : never
}[keyof Facts][]

/** Facts as they were before JSON carried them. */
function revived(facts: object): Partial<Facts> {
  const known = facts as Record<string, unknown>
  return Object.fromEntries(
    Object.entries(known).map(([name, value]) => [
      name,
      typeof value === 'string' && (MOMENTS as readonly string[]).includes(name) ? new Date(value) : value,
    ]),
  )
}

/** Where a POST ends the mails of a topic to this person (RFC 8058). */
export const UNSUBSCRIBE_PATH = '/unsubscribe'

const unsubscribeUrl = ({ tools }: Database, userId: Id, topic: string): string =>
  `${tools.publicUrl}${UNSUBSCRIBE_PATH}/${topic}/${newMailedToken(tools.keyring, 'unsubscribe', userId, topic)}`

/** By this a receiver knows a mail again that it is sent twice, and a provider says which one has come back. */
const messageIdOf = ({ tools }: Database, id: Id): string =>
  `${toGlobalId('delivery', id)}@${new URL(tools.publicUrl).hostname}`

async function prepare(
  db: Database,
  { id, template, userId, addressIndex, content }: Letter<MailContent>,
): Promise<Prepared> {
  const name = template as MailName
  // One that a version has posted which is not this one: the other sends it.
  if (!Object.hasOwn(MAILS, name)) throw new Error(`There is no mail ${name}.`)
  const topic = topicOf(name)
  const standing = await new SuppressionService(db).find(addressIndex, userId, topic)
  const { facts } = content
  const wanted = userId === null || isOwed(name) ? { name, facts } : await byNow(db, name, userId, content)
  if (wanted === null || wanted instanceof Date) return wanted
  const mail = {
    ...layOut(content.to, MAILS[wanted.name], revived(wanted.facts)),
    messageId: messageIdOf(db, id),
    ...(topic !== null && userId !== null && { unsubscribeUrl: unsubscribeUrl(db, userId, topic) }),
  }
  if (standing.isUnsubscribed || isKeptFromMarked(name, standing)) return null
  return () => db.tools.mailer.send(mail)
}

/**
 * What a mail that somebody can do without says by now; null where they are not to be written to any more, and a moment where not
 * before it. It may have waited for hours, or have been given up and sent again by hand.
 */
async function byNow(
  db: Database,
  name: MailName,
  userId: Id,
  { to: { locale }, facts, about }: MailContent,
): Promise<{ name: MailName; facts: object } | Date | null> {
  const topic = topicOf(name)
  if (about !== undefined) {
    const wanted = await reviewed(db, topic, { userId, locale, about })
    return wanted === null || wanted instanceof Date
      ? wanted
      : { name: wanted.name, facts: { ...facts, ...wanted.facts } }
  }
  const standing = await new MailRepository(db).standingOf(userId)
  return standing.isHidden || (topic !== null && !standing.isActive) ? null : { name, facts }
}

/** Mails, by the operator's SMTP server. */
export const mailChannel: Channel<MailContent> = {
  name: DeliveryChannel.EMAIL,
  isInstant: ({ mailer }) => mailer.isInstant,
  prepare,
  noteRefusal: (tx, { addressIndex }) => markAddress(tx, addressIndex, SuppressionReason.BOUNCED),
}
