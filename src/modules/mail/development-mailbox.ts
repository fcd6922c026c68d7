import type { Clock } from '../../core/clock'
import { html } from '../../core/html'
import type { Mail, Mailer } from '../../core/mail'
import type { Sms, SmsSender } from '../../core/sms'

export interface ReceivedMail extends Mail {
  channel: 'email' | 'sms'
  sentAt: Date
}

const CAPACITY = 500

/** Keeps mails and text messages in memory for `/dev/mailbox`, so that nobody needs a provider to try Portico. Development only. */
export class DevelopmentMailbox implements Mailer {
  readonly isInstant = true
  /** The phone whose text messages stand among the mails. */
  readonly phone: SmsSender = {
    isInstant: true,
    send: async ({ to, text, code }: Sms) =>
      this.keep('sms', {
        to,
        subject: text,
        text,
        html: html`<html>
          <head></head>
          <body>
            ${text}
          </body>
        </html>`.toString(),
        ...(code !== undefined && { code }),
      }),
  }
  private mails: ReceivedMail[] = []

  constructor(private readonly clock: Clock) {}

  async send(mail: Mail): Promise<void> {
    this.keep('email', mail)
  }

  private keep(channel: ReceivedMail['channel'], mail: Mail): void {
    this.mails = [{ ...mail, channel, sentAt: this.clock.now() }, ...this.mails].slice(0, CAPACITY)
  }

  /** What was sent, newest first; to one address or number where one is given. */
  read(to?: string): ReceivedMail[] {
    return to === undefined
      ? this.mails
      : this.mails.filter((mail) => mail.to.toLowerCase() === to.toLowerCase())
  }
}
