import type { Clock } from '../../core/clock'
import type { Mail, Mailer } from '../../core/mail'

export interface ReceivedMail extends Mail {
  sentAt: Date
}

const CAPACITY = 500

/** Keeps mails in memory for `/dev/mailbox`, so that nobody needs a mail server to try Portico. Development only. */
export class DevelopmentMailbox implements Mailer {
  private mails: ReceivedMail[] = []

  constructor(private readonly clock: Clock) {}

  async send(mail: Mail): Promise<void> {
    this.mails = [{ ...mail, sentAt: this.clock.now() }, ...this.mails].slice(0, CAPACITY)
  }

  /** The mails, newest first; those to one address where one is given. */
  read(to?: string): ReceivedMail[] {
    return to === undefined
      ? this.mails
      : this.mails.filter((mail) => mail.to.toLowerCase() === to.toLowerCase())
  }
}
