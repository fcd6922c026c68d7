import { createTransport } from 'nodemailer'
import type { Mail, Mailer } from '../../core/mail'

/** Sends mails over SMTP. It answers at once, so that no request waits for, or reveals, what the mail server does. */
export class SmtpMailer implements Mailer {
  private readonly transport

  constructor(
    url: string,
    private readonly from: string,
    private readonly onError: (error: unknown) => void,
  ) {
    this.transport = createTransport({ url, pool: true })
  }

  async send({ to, subject, text, html }: Mail): Promise<void> {
    this.transport.sendMail({ from: this.from, to, subject, text, html }).catch(this.onError)
  }

  close(): void {
    this.transport.close()
  }
}
