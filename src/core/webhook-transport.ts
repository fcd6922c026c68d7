/** Why there was no answer. */
export enum WebhookFailure {
  /** Nobody knows the name, or whoever would know it did not answer. */
  NAME_NOT_FOUND = 'name-not-found',
  /** The name leads to an address that may not be called. Nothing was sent. */
  ADDRESS_REFUSED = 'address-refused',
  UNREACHABLE = 'unreachable',
  /** There is no certificate, or none that is to be trusted for this name. */
  NOT_TRUSTED = 'not-trusted',
  /** The connection ended, or what came was no HTTP. */
  NO_ANSWER = 'no-answer',
  TIMED_OUT = 'timed-out',
}

/** What came of calling a receiver: the status that it answered, whatever that is, or why it did not. */
export type WebhookAnswer =
  | {
      status: number
      /** As the receiver has it (RFC 9110 §10.2.3). */
      retryAfter: string | null
    }
  | { failure: WebhookFailure }

export interface WebhookMessage {
  headers: Readonly<Record<string, string>>
  body: string
}

/** Brings messages to places that others have chosen, and to none where they could do harm. */
export interface WebhookTransport {
  /** A URL in its one spelling, or what is wrong with it and what to do, as far as it can be said without looking its name up. */
  read(url: string): { url: string } | { problem: string }
  /**
   * Sends one message, once.
   * @throws the reason of `signal` when that aborts.
   */
  post(url: string, message: WebhookMessage, signal: AbortSignal): Promise<WebhookAnswer>
}
