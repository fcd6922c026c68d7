import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const VERSION = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** The size in bytes of every key here: AES-256. */
export const KEY_BYTES = 32

/** Sealed bytes cannot be opened: they were changed or moved, or the key is not theirs. The reasons are not told apart. */
export class TamperedError extends Error {
  constructor(
    message = 'These sealed bytes do not open: wrong key, wrong row or column, or they were changed.',
  ) {
    super(message)
    this.name = 'TamperedError'
  }
}

/** A new random data key of 256 bits. */
export const generateDataKey = (): Buffer => randomBytes(KEY_BYTES)

/**
 * Encrypts with AES-256-GCM (NIST SP 800-38D) under a random 96-bit nonce: version (1 byte), nonce (12), ciphertext, tag (16).
 * `aad` says where the bytes belong, e.g. table, column and row; they open only for somebody who says the same.
 * A key serves for 2³² calls before the nonces' collision bound, which no single person's data key comes near.
 */
export function seal(key: Buffer, plaintext: Buffer | string, aad: string): Buffer {
  const version = Buffer.of(VERSION)
  const nonce = newNonce()
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(associated(aad))
  const body = typeof plaintext === 'string' ? cipher.update(plaintext, 'utf8') : cipher.update(plaintext)
  return Buffer.concat([version, nonce, body, cipher.final(), cipher.getAuthTag()])
}

/**
 * The plaintext of `seal`.
 * @throws TamperedError when key, `aad` or a single bit differs from what was sealed.
 */
export function open(key: Buffer, sealed: Buffer, aad: string): Buffer {
  const bodyEnd = sealed.length - TAG_BYTES
  if (bodyEnd < 1 + NONCE_BYTES || sealed[0] !== VERSION || key.length !== KEY_BYTES)
    throw new TamperedError()
  const nonce = sealed.subarray(1, 1 + NONCE_BYTES)
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(associated(aad))
  decipher.setAuthTag(sealed.subarray(bodyEnd))
  try {
    const plaintext = decipher.update(sealed.subarray(1 + NONCE_BYTES, bodyEnd))
    // A stream cipher has nothing left by now: this is where the tag is compared.
    decipher.final()
    return plaintext
  } catch {
    throw new TamperedError()
  }
}

// Nonces are no secret, and asking the system for so few bytes takes longer than the encryption.
let nonces = Buffer.alloc(0)

function newNonce(): Buffer {
  if (nonces.length < NONCE_BYTES) nonces = randomBytes(256 * NONCE_BYTES)
  const nonce = nonces.subarray(0, NONCE_BYTES)
  nonces = nonces.subarray(NONCE_BYTES)
  return nonce
}

/** The version belongs to it: a byte, and a character of one byte. */
const associated = (aad: string) => Buffer.from(String.fromCharCode(VERSION) + aad, 'utf8')
