import type { Id } from '../../core/id'
import type { Keyring } from '../../crypto/keyring'
import { sameBytes } from '../../crypto/token'

/** An event, in 16 bytes, and the proof that whoever has this was sent it, in 32. */
const EVENT_BYTES = 16
const TOKEN_BYTES = EVENT_BYTES + 32

/**
 * The secret with which the reader of a mail says that an event was not them. It is a seal of 256 bits under the keyring over the
 * event and the address that it was mailed to, so nothing of it is stored: it is void once the event is disowned, is too old,
 * or the address is not the person's any more.
 */
export const newDisownToken = (keyring: Keyring, eventId: Id, emailId: Id): string =>
  Buffer.concat([bytesOf(eventId), seal(keyring, eventId, emailId)]).toString('base64url')

/** Which event a token is about; null for what is none. It proves nothing yet. */
export function eventOfDisownToken(token: string): Id | null {
  const bytes = Buffer.from(token, 'base64url')
  if (bytes.length !== TOKEN_BYTES || bytes.toString('base64url') !== token) return null
  return bytes.toString('hex', 0, EVENT_BYTES).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** Whether a token about this event was mailed to this address. */
export const isDisownToken = (keyring: Keyring, token: string, eventId: Id, emailId: Id): boolean =>
  sameBytes(
    Buffer.from(token, 'base64url'),
    Buffer.from(newDisownToken(keyring, eventId, emailId), 'base64url'),
  )

const bytesOf = (id: Id): Buffer => Buffer.from(id.replaceAll('-', ''), 'hex')

const seal = (keyring: Keyring, eventId: Id, emailId: Id): Buffer =>
  keyring.blindIndex('mails.disown', `${eventId}:${emailId}`)
