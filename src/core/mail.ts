/** A mail that is ready to send. */
export interface Mail {
  to: string
  subject: string
  text: string
  html: string
  /** What the mail asks the reader to type or follow; the development mailbox shows them apart, for tests and newcomers. */
  code?: string
  link?: string
  /** The same at every try, so that whoever receives it twice can tell (RFC 5322 §3.6.4), without angle brackets. */
  messageId?: string
  /** Where a POST ends mails of this topic (RFC 8058); none where the reader cannot do without them. */
  unsubscribeUrl?: string
}

/** Whoever takes mails out of this machine, or keeps them for a developer to read. */
export interface Mailer {
  /** Whether it answers at once, so that a request may wait for it. */
  readonly isInstant: boolean
  /**
   * Resolves when the mail is somebody else's to bring.
   * @throws DeliveryFailure
   */
  send(mail: Mail): Promise<void>
}
