import type { Id } from '../../core/id'
import type { Keyring } from '../../crypto/keyring'
import { sameBytes } from '../../crypto/token'

/** What the reader of a mail can do without signing in. */
export type MailedPurpose = 'disown' | 'appeal' | 'unsubscribe'

/** What it is about, in 16 bytes, and the proof that whoever has this was sent it, in 32. */
const ID_BYTES = 16
const TOKEN_BYTES = ID_BYTES + 32

/**
 * The secret with which the reader of a mail does something about what the mail tells of: disowns an event, appeals against a decision, or
 * ends such mails (then it is about the person, and the topic stands in the recipient's place). It is a seal of 256 bits under the keyring over what it is about and whom it was sent to, so nothing of it is stored;
 * how long, and how often, it is good for says whoever takes it.
 */
export const newMailedToken = (keyring: Keyring, purpose: MailedPurpose, about: Id, recipient: Id): string =>
  Buffer.concat([
    Buffer.from(about.replaceAll('-', ''), 'hex'),
    keyring.blindIndex(`mails.${purpose}`, `${about}:${recipient}`),
  ]).toString('base64url')

/** What a token is about; null for what is none. It proves nothing yet. */
export function idInMailedToken(token: string): Id | null {
  const bytes = Buffer.from(token, 'base64url')
  if (bytes.length !== TOKEN_BYTES || bytes.toString('base64url') !== token) return null
  return bytes.toString('hex', 0, ID_BYTES).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** Whether a token about this was mailed to this recipient. */
export const isMailedToken = (
  keyring: Keyring,
  purpose: MailedPurpose,
  token: string,
  about: Id,
  recipient: Id,
): boolean =>
  sameBytes(
    Buffer.from(token, 'base64url'),
    Buffer.from(newMailedToken(keyring, purpose, about, recipient), 'base64url'),
  )
