import { newId, type Id } from '../../core/id'
import type { Database } from '../../db/database'
import { Email } from './email.entity'
import { EmailRepository, type EmailRow } from './email.repository'

/** An address as those who may read it see it. */
export interface ReadableEmail extends Omit<EmailRow, 'address'> {
  address: string | null
}

export class EmailService {
  private readonly emails: EmailRepository

  constructor(private readonly db: Database) {
    this.emails = new EmailRepository(db)
  }

  /** Who has this address (normalised); null when nobody has. */
  async ownerOf(address: string): Promise<Id | null> {
    return (await this.emails.findByAddress(address))?.userId ?? null
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
            createdAt: now,
          }
        }),
      )),
    )
  }
}
