import { newId, type Id } from '../../core/id'
import type { Database } from '../../db/database'
import { Email } from './email.entity'
import { EmailRepository, type EmailRow } from './email.repository'

/** An address as those who may read it see it. */
export interface ReadableEmail extends Omit<EmailRow, 'address'> {
  address: string | null
}

export type { EmailRow }

export class EmailService {
  private readonly emails: EmailRepository

  constructor(private readonly db: Database) {
    this.emails = new EmailRepository(db)
  }

  /** Who has this address (normalised); null when nobody has. */
  async ownerOf(address: string): Promise<Id | null> {
    return (await this.emails.findByAddress(address))?.userId ?? null
  }

  /** Who has this address (normalised), or may have it given back; nobody else can take it. */
  async holderOf(address: string): Promise<EmailRow | null> {
    return this.emails.findHolder(address)
  }

  /** A person's primary address and those that can be given back, oldest first. */
  async restorable(userId: Id): Promise<EmailRow[]> {
    return this.emails.findRestorable(userId)
  }

  /**
   * Makes an address (normalised, proven) a person's primary one; returns the one until now, which can be given back for a week.
   * Call it inside a transaction that holds the person.
   * @throws Rejected TAKEN when somebody else has it, or may have it given back.
   */
  async replacePrimary(userId: Id, address: string): Promise<ReadableEmail> {
    const [replaced] = (await this.ofUsers([userId])).filter(({ isPrimary }) => isPrimary)
    const known = await this.emails.findHolder(address)
    await this.emails.demotePrimary(userId)
    if (known?.userId === userId) await this.emails.makePrimary(known.id)
    else await this.addPrimary(userId, address)
    return replaced!
  }

  /**
   * Gives a person an address back that was replaced; what came after it is gone for good. One that has been theirs for longer
   * still, and was made primary again meanwhile, can itself be given back. Call it inside a transaction that holds the person.
   */
  async restore({ id, userId }: EmailRow): Promise<void> {
    await this.emails.removeYounger(userId, id)
    await this.emails.demotePrimary(userId)
    await this.emails.makePrimary(id)
  }

  /** Whose address this is; null for one that is nobody's, or was replaced. */
  async ownerById(id: Id): Promise<Id | null> {
    return (await this.emails.lookup(id))?.userId ?? null
  }

  /** Notes that an address is its owner's; false where that is known already. */
  async verify(id: Id): Promise<boolean> {
    return this.emails.verify({ id })
  }

  /** Notes that a mail to a person's primary address has come back, so that it is theirs. */
  async verifyPrimary(userId: Id): Promise<void> {
    await this.emails.verify({ userId, isPrimary: true })
  }

  /** The addresses of these people, decrypted, oldest first. */
  async ofUsers(userIds: readonly Id[]): Promise<ReadableEmail[]> {
    const rows = await this.emails.findByUsers(userIds)
    const places = rows.map((row) => ({ ...row, ownerId: row.userId }))
    const addresses = await this.db.codec.open(Email, 'address', places, (place) => place.address)
    return rows.map((row, index) => ({ ...row, address: addresses[index] ?? null }))
  }

  /** An address as it is stored, decrypted. Whether it opens or there is no key to it, that takes one look-up. */
  async unseal(row: Pick<EmailRow, 'id' | 'userId' | 'address'>): Promise<string | null> {
    const places = [{ ...row, ownerId: row.userId }]
    return (await this.db.codec.open(Email, 'address', places, (place) => place.address))[0] ?? null
  }

  /** Which of these addresses (normalised) somebody has. */
  async takenAddresses(addresses: readonly string[]): Promise<string[]> {
    return this.emails.findTaken(addresses)
  }

  /** Adds a person's verified primary address (normalised). @throws Rejected TAKEN when somebody has it already. */
  async addPrimary(userId: Id, address: string): Promise<void> {
    await this.addPrimaries([{ userId, address, verifiedAt: this.db.now }])
  }

  /** Adds the primary addresses (normalised) of many people. @throws Rejected TAKEN when somebody has one already. */
  async addPrimaries(
    addresses: readonly { userId: Id; address: string; verifiedAt: Date | null }[],
  ): Promise<void> {
    const { codec, now } = this.db
    await codec.makeKeys(addresses.map(({ userId }) => userId))
    await this.emails.release(addresses.map(({ address }) => address))
    await this.emails.add(
      ...(await Promise.all(
        addresses.map(async ({ userId, address, verifiedAt }): Promise<Email> => {
          const id = newId(now)
          return {
            id,
            userId,
            address: await codec.seal(Email, 'address', { id, ownerId: userId }, address),
            addressIndex: codec.blindIndex(Email, 'address', address),
            isPrimary: true,
            verifiedAt,
            replacedAt: null,
            createdAt: now,
          }
        }),
      )),
    )
  }
}
