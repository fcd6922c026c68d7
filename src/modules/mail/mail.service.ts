import { NOBODY } from '../../api/input'
import { DAY, later, MINUTE, RECOVERY_WINDOW } from '../../core/clock'
import { newId, type Id } from '../../core/id'
import { coarseNetwork } from '../../core/address'
import type { Database } from '../../db/database'
import { DeliveryPriority } from '../delivery/delivery-priority'
import { DeliveryService } from '../delivery/delivery.service'
import { EmailService } from '../email/email.service'
import { mailChannel } from './mail-channel'
import type { Facts, Reader } from './mail-template'
import { newMailedToken } from './mailed-token'
import { MailRepository, type RecipientRow } from './mail.repository'
import { isOwed, type Disowning, type FactsOf, type MailName, type Occasion } from './mails'

type FactsArgument<Name extends MailName> =
  {} extends FactsOf<Name> ? [facts?: FactsOf<Name>] : [FactsOf<Name>]

/**
 * Writes to people in their language and their time. Build it from the transaction that does what a mail tells: it is
 * posted there, sent after the commit, and never without one.
 */
export class MailService {
  constructor(private readonly db: Database) {}

  /**
   * Writes to a person's primary address. Nobody gets nothing, after the same work; nor does somebody whose data is kept and no
   * more, or who has deactivated their account, but about the safety of their account and their rights.
   */
  async send<Name extends MailName>(userId: Id, name: Name, ...[facts]: FactsArgument<Name>): Promise<void> {
    await this.write(userId, null, name, facts)
  }

  /** The same, of what is asked when it is sent whether it is still wanted, and what it says by then: `defineReview`. */
  async sendReviewed(userId: Id, name: MailName, about: object): Promise<void> {
    await this.write(userId, null, name, {}, about)
  }

  /** Writes to another address of a person: one that they have had, or are going to have. */
  async sendElsewhere<Name extends MailName>(
    userId: Id,
    address: string,
    name: Name,
    ...[facts]: FactsArgument<Name>
  ): Promise<void> {
    await this.write(userId, address, name, facts)
  }

  /** Writes to somebody without an account. */
  async sendToStranger<Name extends MailName>(
    { address, locale }: { address: string; locale: string },
    name: Name,
    ...[facts]: FactsArgument<Name>
  ): Promise<void> {
    await this.post({ address, locale, timeZone: 'UTC', userId: null, isDecoy: false }, name, {
      ...this.occasion(null),
      ...facts,
    })
  }

  /** Writes one mail, to the owner of an address where there is one, and otherwise to the address, after the same work. */
  async sendToOwnerOrStranger<Name extends MailName, Other extends MailName>(
    owner: { ownerId: Id | null; name: Name; facts: FactsOf<Name> },
    stranger: { address: string; locale: string; name: Other; facts: FactsOf<Other> },
  ): Promise<void> {
    const userId = owner.ownerId ?? NOBODY
    const row = await new MailRepository(this.db).findRecipient(userId)
    const address = await this.primaryAddress(userId, row)
    const isKnown = row !== null && address !== null
    await this.post(
      isKnown
        ? { ...row, address, userId, isDecoy: false }
        : { ...stranger, timeZone: 'UTC', userId: null, isDecoy: false },
      isKnown ? owner.name : stranger.name,
      { ...this.occasion(row?.device ?? null), ...(isKnown ? owner.facts : stranger.facts) },
    )
  }

  /** Where somebody can be written to; for who soon cannot be any more. */
  async recipient(userId: Id): Promise<{ address: string; locale: string } | null> {
    const row = await new MailRepository(this.db).findRecipient(userId)
    const address = await this.primaryAddress(userId, row)
    return row && address !== null ? { address, locale: row.locale } : null
  }

  private async write(
    userId: Id,
    elsewhere: string | null,
    name: MailName,
    facts: object = {},
    about?: object,
  ): Promise<void> {
    const row = await new MailRepository(this.db).findRecipient(userId)
    const primary = await this.primaryAddress(userId, row)
    const address = elsewhere ?? primary
    const isKnown = row !== null && address !== null
    if (isKnown && row.isHidden && !isOwed(name)) return
    const { eventId } = facts as { eventId?: Id }
    const disowning = eventId === undefined ? {} : this.disowning(eventId, row?.emailId ?? NOBODY)
    await this.post(
      isKnown
        ? { ...row, address, userId, isDecoy: false }
        : { address: DECOY_ADDRESS, locale: 'en', timeZone: 'UTC', userId: null, isDecoy: true },
      name,
      { ...this.occasion(row?.device ?? null), ...disowning, ...facts },
      { deduplicationKey: eventId === undefined ? null : `${name}:${eventId}`, about },
    )
  }

  /** An address, after the same work for nobody. */
  private async primaryAddress(userId: Id, row: RecipientRow | null): Promise<string | null> {
    const nobody = {
      id: newId(this.db.now),
      userId: newId(this.db.now),
      address: Buffer.alloc(0),
      addressIndex: Buffer.alloc(0),
    }
    // A handle of its own knows no keys yet: one look-up for whomever.
    return new EmailService(this.db.as(this.db.caller)).unseal(
      row ? { ...row, id: row.emailId, userId } : nobody,
    )
  }

  /** What lets the reader of a mail, at this address, disown the event that it tells of. */
  private disowning(eventId: Id, emailId: Id): Disowning {
    const { keyring, linkBase } = this.db.tools
    return {
      disownLink: `${linkBase}/secure-account#token=${newMailedToken(keyring, 'disown', eventId, emailId)}`,
      disownDays: RECOVERY_WINDOW / DAY,
    }
  }

  private occasion(device: string | null): Occasion {
    const { address } = this.db.caller
    return { at: this.db.now, device, network: address === null ? null : coarseNetwork(address) }
  }

  private async post(
    { address, locale, timeZone, userId, isDecoy }: Recipient,
    name: MailName,
    facts: object,
    { deduplicationKey = null, about }: { deduplicationKey?: string | null; about?: object } = {},
  ): Promise<void> {
    await new DeliveryService(this.db).post(mailChannel, {
      ...{ template: name, userId, isDecoy, deduplicationKey },
      content: { to: { address, locale, timeZone }, facts, about },
      addressIndex: new EmailService(this.db).indexOf(address),
      priority: priorityOf(name, facts),
      expiresAt: this.expiryOf(facts),
    })
  }

  /** When the last of what a mail lets its reader do has ended; null where nothing of it ends. */
  private expiryOf(facts: Partial<Facts>): Date | null {
    const { minutes = 0, codeMinutes = 0, days = 0 } = facts
    const span = Math.max(minutes * MINUTE, codeMinutes * MINUTE, days * DAY)
    return span === 0 ? null : later(this.db.now, span)
  }
}

/** A code or a link that ends within minutes is awaited, whatever it is about. */
function priorityOf(name: MailName, { minutes, codeMinutes }: Partial<Facts>): DeliveryPriority {
  if (minutes !== undefined || codeMinutes !== undefined) return DeliveryPriority.AWAITED
  return isOwed(name) ? DeliveryPriority.OWED : DeliveryPriority.OTHER
}

interface Recipient extends Reader {
  address: string
  userId: Id | null
  /** Nobody is there: all is done but the sending. */
  isDecoy: boolean
}

/** As long as most are; nothing is ever sent there (RFC 2606 §2). */
const DECOY_ADDRESS = 'nobody.at.all@example.invalid'
