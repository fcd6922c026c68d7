import { newId, type Id } from '../../core/id'
import { coarseNetwork } from '../../core/address'
import type { Database } from '../../db/database'
import { EmailService } from '../email/email.service'
import { layOut } from './mail-layout'
import type { Reader } from './mail-template'
import { MailRepository } from './mail.repository'
import { MAILS, type FactsOf, type MailName, type Occasion } from './mails'

type FactsArgument<Name extends MailName> =
  {} extends FactsOf<Name> ? [facts?: FactsOf<Name>] : [FactsOf<Name>]

/**
 * Writes to people in their language and their time. Build it from the transaction that does what a mail tells: it is
 * sent after the commit, and never without one.
 */
export class MailService {
  constructor(private readonly db: Database) {}

  /** Writes to a person's primary address. Nobody gets nothing, after the same work. */
  async send<Name extends MailName>(userId: Id, name: Name, ...[facts]: FactsArgument<Name>): Promise<void> {
    await this.write(userId, null, name, facts)
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
  sendToStranger<Name extends MailName>(
    { address, locale }: { address: string; locale: string },
    name: Name,
    ...[facts]: FactsArgument<Name>
  ): void {
    this.post({ address, locale, timeZone: 'UTC' }, name, { ...this.occasion(null), ...facts })
  }

  private async write(
    userId: Id,
    elsewhere: string | null,
    name: MailName,
    facts: object = {},
  ): Promise<void> {
    const row = await new MailRepository(this.db).findRecipient(userId)
    const nobody = { id: newId(this.db.now), userId: newId(this.db.now), address: Buffer.alloc(0) }
    // A handle of its own knows no keys yet: one look-up for whomever.
    const primary = await new EmailService(this.db.as(this.db.caller)).unseal(
      row ? { id: row.emailId, userId, address: row.address } : nobody,
    )
    const address = elsewhere ?? primary
    if (!row || address === null) return
    this.post({ ...row, address }, name, { ...this.occasion(row.device), ...facts })
  }

  private occasion(device: string | null): Occasion {
    const { address } = this.db.caller
    return { at: this.db.now, device, network: address === null ? null : coarseNetwork(address) }
  }

  private post(to: Reader & { address: string }, name: MailName, facts: object): void {
    const { mailer } = this.db.tools
    this.db.afterCommit(() => mailer.send(layOut(to, MAILS[name], facts)))
  }
}
