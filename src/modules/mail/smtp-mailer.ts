import { createTransport } from 'nodemailer'
import { DeliveryFailure, type FailureKind } from '../../core/delivery-failure'
import { SECOND } from '../../core/clock'
import type { Mail, Mailer } from '../../core/mail'

/** How long the mail server may be silent, in milliseconds: less than a message has altogether. */
const TO_CONNECT = 10 * SECOND
const TO_ANSWER = 20 * SECOND

/** Hands mails to an SMTP server (RFC 5321). */
export class SmtpMailer implements Mailer {
  readonly isInstant = false
  private readonly transport

  constructor(
    url: string,
    private readonly from: string,
  ) {
    this.transport = createTransport({
      url,
      pool: true,
      // What was not taken comes back by our own timetable.
      maxRequeues: 0,
      connectionTimeout: TO_CONNECT,
      greetingTimeout: TO_CONNECT,
      socketTimeout: TO_ANSWER,
      // Nothing in a mail is read from a file or fetched, whatever stands in it.
      disableFileAccess: true,
      disableUrlAccess: true,
    })
  }

  async send({ to, subject, text, html, messageId, unsubscribeUrl }: Mail): Promise<void> {
    try {
      await this.transport.sendMail({
        from: this.from,
        // An address as it is, and not as a list of them.
        to: { name: '', address: to },
        subject,
        text,
        html,
        ...(messageId !== undefined && { messageId: `<${messageId}>` }),
        headers: {
          // Nobody's absence is to answer it (RFC 3834 §5).
          'Auto-Submitted': 'auto-generated',
          ...(unsubscribeUrl !== undefined && {
            'List-Unsubscribe': `<${unsubscribeUrl}>`,
            'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
          }),
        },
      })
    } catch (error) {
      throw failureOf(error as SmtpError)
    }
  }

  close(): void {
    this.transport.close()
  }
}

interface SmtpError {
  code?: string
  responseCode?: number
  response?: string
  command?: string
}

/** What may be told of a mail that was not taken: mail servers repeat the address in what they say. */
function failureOf(error: SmtpError): DeliveryFailure {
  const { code, responseCode, response = '', command } = error
  const enhanced = /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1]
  const facts = responseCode === undefined ? [code ?? 'no reason given'] : [responseCode, enhanced]
  const where = command === undefined ? '' : ` (${command})`
  return new DeliveryFailure(kindOf(error, enhanced), facts.filter(Boolean).join(' ') + where)
}

/** Whose mailbox it would be does not exist, has moved or is closed for good (RFC 3463 §3.2, §3.3), or no host takes mails there. */
const NOBODY_THERE = ['5.1.1', '5.1.2', '5.1.3', '5.1.6', '5.1.10', '5.2.1']

/**
 * A refusal of the recipient is about the address, unless its enhanced code says that it is about something else, such as policy or a full
 * mailbox. One of the content or the sender is for good. What goes wrong before that is the operator's, and may be put right.
 */
function kindOf({ code, responseCode, command }: SmtpError, enhanced: string | undefined): FailureKind {
  if (responseCode === undefined) return code === 'EENVELOPE' ? 'permanent' : 'temporary'
  if (responseCode < 500) return 'temporary'
  if (command === 'RCPT TO') {
    const isAboutAddress =
      enhanced === undefined ? [550, 551, 553].includes(responseCode) : NOBODY_THERE.includes(enhanced)
    return isAboutAddress ? 'recipient' : 'permanent'
  }
  return command === 'DATA' || command === 'MAIL FROM' ? 'permanent' : 'temporary'
}
