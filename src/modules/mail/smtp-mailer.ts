import { createTransport } from 'nodemailer'
import type { Background } from '../../core/background'
import type { Mail, Mailer } from '../../core/mail'

/** Sends mails over SMTP. It answers at once, so that no request waits for, or reveals, what the mail server does. */
export class SmtpMailer implements Mailer {
  private readonly transport

  constructor(
    url: string,
    private readonly from: string,
    private readonly background: Background,
  ) {
    this.transport = createTransport({ url, pool: true })
  }

  async send({ to, subject, text, html }: Mail): Promise<void> {
    const sent = this.transport.sendMail({ from: this.from, to, subject, text, html })
    this.background.run(
      sent.catch((error: unknown) => {
        throw undelivered(error)
      }),
    )
  }

  close(): void {
    this.transport.close()
  }
}

/** What may be told of a mail that was not taken: mail servers repeat the address in what they say. */
function undelivered(error: unknown): Error {
  const { code, responseCode, command } = error as { code?: string; responseCode?: number; command?: string }
  const facts = [code, responseCode, command].filter((fact) => fact !== undefined)
  return new Error(`A mail could not be sent (${facts.join(', ') || 'no reason given'}).`)
}
