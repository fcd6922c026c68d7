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

  /** Adds a person's verified primary address (normalised). @throws Rejected TAKEN when somebody has it already. */
  async addPrimary(userId: Id, address: string): Promise<void> {
    const id = newId(this.db.now)
    await this.emails.add({
      id,
      userId,
      address: await this.db.codec.seal(Email, 'address', { id, ownerId: userId }, address),
      addressIndex: this.db.codec.blindIndex(Email, 'address', address),
      isPrimary: true,
      verifiedAt: this.db.now,
      createdAt: this.db.now,
    })
  }
}
