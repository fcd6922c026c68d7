import { later, MINUTE } from '../../core/clock'
import { ApiError } from '../../core/error'
import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { DeliveryPriority } from '../delivery/delivery-priority'
import { DeliveryService } from '../delivery/delivery.service'
import type { Facts, Mentioned, Reader } from '../mail/mail-template'
import { SuppressionService } from '../suppression/suppression.service'
import { smsChannel } from './sms-channel'
import type { TEXTS, TextName } from './texts'

type FactsOf<Name extends TextName> = Pick<Facts, Mentioned<(typeof TEXTS)[Name]> & keyof Facts>

/** Whom a text message is for. */
export interface SmsRecipient extends Reader {
  /** As E.164 has it. */
  number: string
  /** Null for somebody without an account. */
  userId: Id | null
  /** Nobody is to get it: all is done but the sending. */
  isDecoy?: boolean
}

/** What is posted besides whom it is for. */
interface Posting {
  facts: Partial<Facts>
  about?: object
  priority: DeliveryPriority
  expiresAt: Date | null
}

/** Sends text messages. Build it from the transaction that is their cause: they are posted there, and never sent without its commit. */
export class SmsService {
  constructor(private readonly db: Database) {}

  /** Whether the operator has named a provider. */
  get isAvailable(): boolean {
    return this.db.tools.sms !== null
  }

  /** Sends a text to a number. @throws ApiError UNAVAILABLE where no provider is named. */
  async send<Name extends TextName>(
    recipient: SmsRecipient,
    name: Name,
    facts: FactsOf<Name>,
  ): Promise<void> {
    const { minutes } = facts as Partial<Facts>
    const expiresAt = minutes === undefined ? null : later(this.db.now, minutes * MINUTE)
    await this.post(recipient, name, { facts, priority: DeliveryPriority.AWAITED, expiresAt })
  }

  /** The same, of what is asked when it is sent whether it is still wanted, and what it says by then: `defineReview`. */
  async sendReviewed(recipient: SmsRecipient, name: TextName, about: object): Promise<void> {
    await this.post(recipient, name, {
      ...{ facts: {}, about },
      ...{ priority: DeliveryPriority.OTHER, expiresAt: null },
    })
  }

  private async post(
    { number, locale, timeZone, userId, isDecoy }: SmsRecipient,
    template: TextName,
    { facts, about, priority, expiresAt }: Posting,
  ): Promise<void> {
    if (!this.isAvailable) throw new ApiError('UNAVAILABLE', 'No text messages can be sent here.')
    await new DeliveryService(this.db).post(smsChannel, {
      ...{ template, userId, isDecoy, priority, expiresAt },
      content: { to: { number, locale, timeZone }, facts, ...(about && { about }) },
      addressIndex: this.indexOf(number),
    })
  }

  /** Whether the provider has refused this number (E.164) for good, so that nothing is sent there. */
  async isRefused(number: string): Promise<boolean> {
    return (await new SuppressionService(this.db).find(this.indexOf(number), null, null)).isBounced
  }

  /** Notes that a text has arrived at this number: it may be written to again. */
  async noteArrival(number: string): Promise<void> {
    await new SuppressionService(this.db).lift([this.indexOf(number)])
  }

  private indexOf(number: string): Buffer {
    return this.db.tools.keyring.blindIndex('deliveries.number', number)
  }
}
