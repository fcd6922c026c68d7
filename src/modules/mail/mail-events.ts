import { z } from 'zod'
import { idOf } from '../../core/id'
import type { Database } from '../../db/database'
import { DeliveryChannel } from '../delivery/delivery-channel'
import { DeliveryService } from '../delivery/delivery.service'
import { normaliseAddress } from '../email/email-address'
import { EmailService } from '../email/email.service'
import { SuppressionReason } from '../suppression/suppression-reason'
import { markAddress } from './mark-address'

/** What a provider says became of a mail: by the address, or by the Message-ID that the mail bore. */
const mailEvent = z.object({
  type: z.string(),
  data: z
    .object({
      address: z.string().optional(),
      messageId: z.string().optional(),
      /** Of a bounce: whether it is for good. A full mailbox is not. */
      isPermanent: z.boolean().optional(),
    })
    .refine(({ address, messageId }) => address !== undefined || messageId !== undefined),
})

export type MailEvent = z.infer<typeof mailEvent>

/** A provider's event, or null for what is none. Other types are none of our business, and are taken all the same. */
export const readMailEvent = (body: unknown): MailEvent | null => mailEvent.safeParse(body).data ?? null

const REASONS: Readonly<Record<string, SuppressionReason>> = {
  'mail.bounced': SuppressionReason.BOUNCED,
  'mail.complained': SuppressionReason.COMPLAINED,
}

/** Marks the address that a provider's event is about. The same event again changes nothing. */
export async function takeMailEvent(db: Database, { type, data }: MailEvent): Promise<void> {
  const reason = REASONS[type]
  if (reason === undefined) return
  if (reason === SuppressionReason.BOUNCED && data.isPermanent === false) return
  await db.transaction(async (tx) => {
    const addressIndex = await addressIndexOf(tx, data)
    if (addressIndex !== null) await markAddress(tx, addressIndex, reason)
  })
}

/** The address itself is the surer one: a Message-ID tells of an address only while its delivery is kept. */
async function addressIndexOf(
  tx: Database,
  { address, messageId }: MailEvent['data'],
): Promise<Buffer | null> {
  const normalised = address === undefined ? null : normaliseAddress(address)
  if (normalised !== null) return new EmailService(tx).indexOf(normalised)
  const deliveryId = idOf('delivery', (messageId ?? '').replace(/^<|@.*$/g, ''))
  return deliveryId === null
    ? null
    : new DeliveryService(tx).addressIndexOf(deliveryId, DeliveryChannel.EMAIL)
}
