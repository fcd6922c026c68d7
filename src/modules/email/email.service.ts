import { rejected, UserErrorCode } from '../../core/error'
import { newId, type Id } from '../../core/id'
import type { Database } from '../../db/database'
import { SuppressionReason } from '../suppression/suppression-reason'
import { SuppressionService } from '../suppression/suppression.service'
import { Email } from './email.entity'
import { EmailRepository, type EmailRow } from './email.repository'

/** An address as those who may read it see it. */
export interface ReadableEmail extends Omit<EmailRow, 'address' | 'addressIndex' | 'replacedAt'> {
  address: string | null
}

export type { EmailRow }

/** How many addresses one person may have. */
const MAX_EMAILS = 10

const PROVE_PRIMARY_FIRST =
  'Your primary address was never proven. Choose a password with the mail of a reset, or change the address, first.'

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

  /** A person's primary address and those that can be made it again, in the order in which they came to be it. */
  async restorable(userId: Id): Promise<EmailRow[]> {
    return this.emails.findRestorable(userId)
  }

  /**
   * Makes an address (normalised, proven) a person's primary one; returns the one until now, which can be given back for a week.
   * Call it inside a transaction that holds the person.
   * @throws Rejected TAKEN when somebody else has it, or may have it given back.
   */
  async replacePrimary(userId: Id, address: string): Promise<ReadableEmail> {
    const [replaced] = (await this.ofUser(userId)).filter(({ isPrimary }) => isPrimary)
    const known = await this.emails.findHolder(address)
    await this.emails.demotePrimary(userId, { isReplaced: true })
    if (known?.userId === userId) {
      await this.emails.makePrimary(known.id)
      await this.emails.prove(known.id)
    } else await this.addPrimary(userId, address)
    await this.noteArrival(address)
    return replaced!
  }

  /**
   * Makes another address of a person the primary one; returns the one until now, which stays beside it, and can be made it again for a
   * week whatever becomes of it. Call it inside a transaction that holds the person.
   */
  async promote({ id, userId }: ReadableEmail): Promise<ReadableEmail> {
    const [demoted] = (await this.ofUser(userId)).filter(({ isPrimary }) => isPrimary)
    await this.emails.demotePrimary(userId, { isReplaced: false })
    await this.emails.makePrimary(id)
    return demoted!
  }

  /**
   * Makes sure that somebody can have this address (normalised) besides those that they have. One that mails come back from can be proven
   * anew.
   * @throws Rejected INVALID where it is theirs; NOT_PERMITTED where they have as many as one may, or their primary one was never
   * proven: whoever proves it takes the account over, and is not to find in it what somebody else has made their own before.
   */
  async assertMayAdd(userId: Id, address: string): Promise<void> {
    const own = await this.ofUser(userId)
    const known = own.find((email) => email.address === address)
    if (known) {
      if (known.isPrimary || known.bouncedAt === null)
        throw rejected('email', UserErrorCode.INVALID, 'This is your address already.')
      return
    }
    if (own.some(({ isPrimary, verifiedAt }) => isPrimary && verifiedAt === null))
      throw rejected('email', UserErrorCode.NOT_PERMITTED, PROVE_PRIMARY_FIRST)
    if (own.length < MAX_EMAILS) return
    const message = `You may have ${MAX_EMAILS} addresses. Remove one that you do not need any more.`
    throw rejected('email', UserErrorCode.NOT_PERMITTED, message)
  }

  /**
   * Adds an address (normalised, proven) beside a person's others; returns its id. Call it inside a transaction that holds the person.
   * @throws Rejected TAKEN when somebody else has it, or may have it given back; INVALID, NOT_PERMITTED as `assertMayAdd` does.
   */
  async addSecondary(userId: Id, address: string): Promise<Id> {
    await this.assertMayAdd(userId, address)
    const known = await this.emails.findHolder(address)
    let id = known?.id
    if (id !== undefined && known?.userId === userId) await this.emails.prove(id)
    else [id] = await this.add([{ userId, address, verifiedAt: this.db.now, isPrimary: false }])
    await this.noteArrival(address)
    return id!
  }

  /** Takes an address from its account; nobody else has it for a week. Call it inside a transaction that holds the person. */
  async remove(id: Id): Promise<void> {
    await this.emails.remove(id)
  }

  /**
   * Gives a person an address back that was replaced; what came after it is gone for good. One that has been theirs for longer
   * still, and was made primary again meanwhile, can itself be given back. Call it inside a transaction that holds the person.
   */
  async restore({ id, userId }: EmailRow): Promise<void> {
    await this.emails.removeYounger(userId, id)
    await this.emails.demotePrimary(userId, { isReplaced: true })
    await this.emails.makePrimary(id)
    await this.emails.prove(id)
  }

  /** Whose address this is; null for one that is nobody's, or was replaced. */
  async ownerById(id: Id): Promise<Id | null> {
    return (await this.emails.lookup(id))?.userId ?? null
  }

  /** Notes that an address is its owner's, and takes mails; false where that is known already. */
  async verify(id: Id): Promise<boolean> {
    return this.noteVerified(await this.emails.verify({ id }))
  }

  /** Notes that a mail to a person's primary address has come back, so that it is theirs. */
  async verifyPrimary(userId: Id): Promise<void> {
    await this.noteVerified(await this.emails.verify({ primaryOf: userId }))
  }

  /** Notes that a mail has arrived at this address (normalised), whoever has it: it may be written to. */
  async noteArrival(address: string): Promise<void> {
    await new SuppressionService(this.db).lift([this.indexOf(address)])
  }

  /** Notes that a mail has arrived at a person's primary address: none comes back from there any more. It does not verify it. */
  async noteArrivalAtPrimary(userId: Id): Promise<void> {
    const addressIndex = await this.emails.clearBounce(userId)
    if (addressIndex !== null)
      await new SuppressionService(this.db).lift([addressIndex], SuppressionReason.BOUNCED)
  }

  /** Notes what became of mails to an address, as it is hashed; returns whose it is, where that was not known. */
  async mark(addressIndex: Buffer, mark: 'bouncedAt' | 'complainedAt'): Promise<{ id: Id; userId: Id }[]> {
    return this.emails.mark(addressIndex, mark)
  }

  /** The keyed hash under which an address (normalised) is known. */
  indexOf(address: string): Buffer {
    return this.db.codec.blindIndex(Email, 'address', address)
  }

  private async noteVerified(addressIndex: Buffer | null): Promise<boolean> {
    if (addressIndex !== null) await new SuppressionService(this.db).lift([addressIndex])
    return addressIndex !== null
  }

  /** The addresses of somebody, decrypted, oldest first. @throws TamperedError when one does not open, or is not the one that finds them. */
  async ofUser(userId: Id): Promise<ReadableEmail[]> {
    const emails = (await this.ofUsers([userId])).get(userId) ?? []
    if (emails instanceof Error) throw emails
    return emails
  }

  /** The addresses of these people, decrypted, oldest first; in the place of somebody's the error where one of theirs does not open. */
  async ofUsers(userIds: readonly Id[]): Promise<Map<Id, ReadableEmail[] | Error>> {
    const rows = await this.emails.findByUsers(userIds)
    const addresses = await this.db.codec.openEach(Email, 'address', rows.map(placeOf), ...VALUE_AND_INDEX)
    const found = new Map<Id, ReadableEmail[] | Error>()
    rows.forEach(({ addressIndex: _, replacedAt: _replaced, ...row }, index) => {
      const [address = null, before = []] = [addresses[index], found.get(row.userId)]
      if (before instanceof Error) return
      found.set(row.userId, address instanceof Error ? address : [...before, { ...row, address }])
    })
    return found
  }

  /** An address as it is stored, decrypted. Whether it opens or there is no key to it, that takes one look-up. */
  async unseal(row: SealedEmail): Promise<string | null> {
    const [address = null] = await this.db.codec.open(Email, 'address', [placeOf(row)], ...VALUE_AND_INDEX)
    return address
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
    await this.add(addresses.map((each) => ({ ...each, isPrimary: true })))
  }

  private async add(
    addresses: readonly { userId: Id; address: string; verifiedAt: Date | null; isPrimary: boolean }[],
  ): Promise<Id[]> {
    const { codec, now } = this.db
    await codec.makeKeys(addresses.map(({ userId }) => userId))
    await this.emails.release(addresses.map(({ address }) => address))
    const rows = await Promise.all(
      addresses.map(async ({ userId, address, verifiedAt, isPrimary }): Promise<Email> => {
        const id = newId(now)
        return {
          id,
          userId,
          address: await codec.seal(Email, 'address', { id, ownerId: userId }, address),
          addressIndex: codec.blindIndex(Email, 'address', address),
          isPrimary,
          verifiedAt,
          primarySince: isPrimary ? now : null,
          primaryUntil: null,
          replacedAt: null,
          bouncedAt: null,
          complainedAt: null,
          createdAt: now,
        }
      }),
    )
    await this.emails.add(...rows)
    return rows.map(({ id }) => id)
  }
}

type SealedEmail = Pick<EmailRow, 'id' | 'userId' | 'address' | 'addressIndex'>

const placeOf = <Row extends SealedEmail>(row: Row) => ({ ...row, ownerId: row.userId })

const VALUE_AND_INDEX = [
  ({ address }: SealedEmail) => address,
  ({ addressIndex }: SealedEmail) => addressIndex,
] as const
