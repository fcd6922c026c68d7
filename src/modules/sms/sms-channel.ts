import { toGlobalId } from '../../core/id'
import type { Database } from '../../db/database'
import type { Channel, Letter, Prepared } from '../delivery/channel'
import { DeliveryChannel } from '../delivery/delivery-channel'
import { reviewed } from '../mail/mail-review'
import { wordsFor, type Facts, type Reader } from '../mail/mail-template'
import { SuppressionReason } from '../suppression/suppression-reason'
import { SuppressionService } from '../suppression/suppression.service'
import { TEXTS, type TextName } from './texts'

/** A text message before it is laid out, as its letter has it. */
export interface SmsContent {
  to: Reader & { number: string }
  facts: Partial<Facts>
  /** What it is about, where it is asked once more when it is sent whether that is still wanted: `defineReview`. */
  about?: object
}

async function prepare(
  db: Database,
  { id, template, addressIndex, userId, content: { to, facts: given, about } }: Letter<SmsContent>,
): Promise<Prepared> {
  const name = template as TextName
  if (!Object.hasOwn(TEXTS, name)) throw new Error(`There is no text ${name}.`)
  const { isBounced } = await new SuppressionService(db).find(addressIndex, userId, null)
  const wanted =
    about === undefined || userId === null
      ? { name, facts: given }
      : await reviewed(db, 'notifications', { userId, locale: to.locale, about })
  if (wanted === null || wanted instanceof Date) return wanted
  const { facts } = wanted
  const { text } = wordsFor(to, TEXTS[wanted.name as TextName], facts)
  const { sms } = db.tools
  if (sms === null) throw new Error('There is no provider of text messages: set SMS_URL.')
  if (isBounced) return null
  const { code } = facts
  const deliveryId = toGlobalId('delivery', id)
  return () =>
    sms.send({ to: to.number, text: text.join(' '), deliveryId, ...(code !== undefined && { code }) })
}

/** Text messages, by the operator's provider. */
export const smsChannel: Channel<SmsContent> = {
  name: DeliveryChannel.SMS,
  isInstant: ({ sms }) => sms?.isInstant ?? false,
  prepare,
  noteRefusal: async (tx, { addressIndex }) => {
    await new SuppressionService(tx).suppress(addressIndex, SuppressionReason.BOUNCED)
  },
}
