import { notFound, rejected, UserErrorCode } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import { requireSession } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { MailService } from '../mail/mail.service'
import { SessionService } from '../session/session.service'
import { Phone } from './phone.entity'
import { countryOf } from './phone-number'
import { PhoneRepository, type PhoneRow } from './phone.repository'

/** A number as those who may read it see it. */
export interface ReadablePhone extends Omit<PhoneRow, 'phoneNumber' | 'phoneNumberIndex'> {
  /** As E.164 has it; null where there is no key to it any more. */
  number: string | null
  /** ISO 3166-1 alpha-2. */
  country: string | null
}

/** A number that text messages can be sent to. */
export interface ReachablePhone {
  id: Id
  /** As E.164 has it. */
  number: string
  /** ISO 3166-1 alpha-2. */
  country: string
}

/** How many numbers one person may have. */
const MAX_PHONES = 5

/**
 * The phone numbers of people, each proven. A number may be several people's, as a family's or an office's is: nobody signs in with
 * one, carriers give numbers to others, and to say that somebody has it would tell that they have an account.
 */
export class PhoneService {
  private readonly phones: PhoneRepository

  constructor(private readonly db: Database) {
    this.phones = new PhoneRepository(db)
  }

  /** The numbers of somebody, decrypted, oldest first. @throws TamperedError when one does not open, or is not the one that finds them. */
  async ofUser(userId: Id): Promise<ReadablePhone[]> {
    const phones = (await this.ofUsers([userId])).get(userId) ?? []
    if (phones instanceof Error) throw phones
    return phones
  }

  /** The numbers of these people, decrypted, oldest first; in the place of somebody's the error where one of theirs does not open. */
  async ofUsers(userIds: readonly Id[]): Promise<Map<Id, ReadablePhone[] | Error>> {
    const rows = await this.phones.findByUsers(userIds)
    const numbers = await this.db.codec.openEach(
      Phone,
      'phoneNumber',
      rows.map((row) => ({ ...row, ownerId: row.userId })),
      ({ phoneNumber }) => phoneNumber,
      ({ phoneNumberIndex }) => phoneNumberIndex,
    )
    const found = new Map<Id, ReadablePhone[] | Error>()
    rows.forEach(({ phoneNumber: _, phoneNumberIndex: _index, ...row }, index) => {
      const [number = null, before = []] = [numbers[index], found.get(row.userId)]
      if (before instanceof Error) return
      const phone = (text: string | null) => ({ ...row, number: text, country: text && countryOf(text) })
      found.set(row.userId, number instanceof Error ? number : [...before, phone(number)])
    })
    return found
  }

  /** The number that somebody is written to at; null where they have none, or there is no key to it any more. */
  async primaryOf(userId: Id): Promise<ReachablePhone | null> {
    const phone = (await this.ofUser(userId)).find(({ isPrimary }) => isPrimary)
    if (!phone || phone.number === null || phone.country === null) return null
    return { id: phone.id, number: phone.number, country: phone.country }
  }

  /** Who has this number (E.164). */
  async ownersOf(number: string): Promise<Id[]> {
    return this.phones.findOwners(number)
  }

  /**
   * Makes sure that somebody can have this number (E.164) besides those that they have.
   * @throws Rejected INVALID where they have it; NOT_PERMITTED where they have as many as one may.
   */
  async assertMayAdd(userId: Id, number: string): Promise<void> {
    const own = await this.ofUser(userId)
    if (own.some((phone) => phone.number === number))
      throw rejected('number', UserErrorCode.INVALID, 'This is your number already.')
    if (own.length >= MAX_PHONES) {
      const message = `You may have ${MAX_PHONES} numbers. Remove one that you do not need any more.`
      throw rejected('number', UserErrorCode.NOT_PERMITTED, message)
    }
  }

  /** Adds a number (E.164, proven), the first as the primary one; returns its id. Call it inside a transaction that holds the person. */
  async add(userId: Id, number: string): Promise<Id> {
    await this.assertMayAdd(userId, number)
    const { codec, now } = this.db
    const id = newId(now)
    await this.phones.add({
      id,
      userId,
      phoneNumber: await codec.seal(Phone, 'phoneNumber', { id, ownerId: userId }, number),
      phoneNumberIndex: codec.blindIndex(Phone, 'phoneNumber', number),
      isPrimary: (await this.phones.findByUsers([userId])).length === 0,
      verifiedAt: now,
    })
    return id
  }

  /**
   * Makes a number of the viewer's the primary one, of which a mail tells them.
   * @throws ApiError NOT_FOUND; Rejected FROZEN
   */
  async makePrimary(id: Id): Promise<void> {
    await this.db.transaction(async (tx) => {
      const { phone, userId } = await this.own(tx, id)
      if (phone.isPrimary) return
      await new PhoneRepository(tx).makePrimary(id, userId)
      const eventId = await new AuditService(tx).record('phone.made-primary', {
        target: toGlobalId('phone', id),
      })
      await new MailService(tx).send(userId, 'phoneMadePrimary', { eventId })
    })
  }

  /**
   * Removes a number of the viewer's, of which a mail tells them.
   * @throws ApiError NOT_FOUND; Rejected NOT_PERMITTED for the primary one beside others, FROZEN
   */
  async remove(id: Id): Promise<void> {
    await this.db.transaction(async (tx) => {
      const { phone, userId, isOnly } = await this.own(tx, id)
      if (phone.isPrimary && !isOnly) {
        const message = 'This is your primary number. Make another one primary first.'
        throw rejected('phoneId', UserErrorCode.NOT_PERMITTED, message)
      }
      await new PhoneRepository(tx).remove(id, userId)
      const eventId = await new AuditService(tx).record('phone.removed', { target: toGlobalId('phone', id) })
      await new MailService(tx).send(userId, 'phoneRemoved', { eventId })
    })
  }

  /** Removes what was added to an account after this moment. */
  async removeSince(userId: Id, since: Date): Promise<void> {
    await this.phones.removeSince(userId, since)
    const [oldest, ...others] = await this.phones.findByUsers([userId])
    if (oldest && ![oldest, ...others].some(({ isPrimary }) => isPrimary))
      await this.phones.makePrimary(oldest.id, userId)
  }

  /** A number of the viewer's, who is held until the transaction ends: of two changes at once one comes after the other. */
  private async own(tx: Database, id: Id) {
    const { userId } = requireSession(tx.caller.viewer)
    await new SessionService(tx).assertMayChangeCredentials()
    const phones = await new PhoneService(tx).ofUser(userId)
    const phone = phones.find((each) => each.id === id)
    if (!phone) throw notFound('phone')
    return { phone, userId, isOnly: phones.length === 1 }
  }
}
