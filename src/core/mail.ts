/** A mail that is ready to send. */
export interface Mail {
  to: string
  subject: string
  text: string
  html: string
  /** What the mail asks the reader to type or follow; the development mailbox shows them apart, for tests and newcomers. */
  code?: string
  link?: string
}

/** Whoever takes mails out of this machine, or keeps them for a developer to read. */
export interface Mailer {
  send(mail: Mail): Promise<void>
}
