/** A text message that is ready to send. */
export interface Sms {
  /** A phone number as E.164 has it. */
  to: string
  text: string
  /** The same at every try: whoever gets it twice sends it once. */
  deliveryId: string
  /** What the text asks the reader to type, for the development mailbox. */
  code?: string
}

/** Whoever sends text messages, or keeps them for a developer to read. */
export interface SmsSender {
  /** Whether it answers at once, so that a request may wait for it. */
  readonly isInstant: boolean
  /**
   * Resolves when the message is somebody else's to bring.
   * @throws DeliveryFailure
   */
  send(sms: Sms): Promise<void>
}
