import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import { TamperedError } from './cipher'

const NONCE_BYTES = 12
const TAG_BYTES = 16
const LARGEST_COUNT = 2 ** 32 - 1

/**
 * Encrypts a stream in chunks, each of which can be believed before the next is read: AES-256-GCM in the STREAM
 * construction (Hoang, Reyhanitabar, Rogaway and Vizár, 2015). The nonce is the chunk's number and whether it is the last, so
 * that what was cut off, moved, repeated or left out does not open; `header` belongs to every chunk. A key serves one stream.
 */
abstract class ChunkStream {
  private count = 0
  private isOver = false
  private readonly aad: Buffer

  constructor(
    protected readonly key: Buffer,
    header: Buffer,
  ) {
    this.aad = createHash('sha256').update(header).digest()
  }

  /** What the next chunk stands under. */
  protected next(isLast: boolean): { nonce: Buffer; aad: Buffer } {
    if (this.isOver) throw new TamperedError('This stream has ended.')
    if (this.count > LARGEST_COUNT) throw new RangeError('A stream has at most 2³² chunks.')
    const nonce = Buffer.alloc(NONCE_BYTES)
    nonce.writeUInt32BE(this.count++, NONCE_BYTES - 5)
    nonce.writeUInt8(isLast ? 1 : 0, NONCE_BYTES - 1)
    this.isOver = isLast
    return { nonce, aad: this.aad }
  }
}

export class StreamSealer extends ChunkStream {
  /** The next chunk: ciphertext, then tag (16 bytes). */
  seal(chunk: Buffer, isLast: boolean): Buffer {
    const { nonce, aad } = this.next(isLast)
    const cipher = createCipheriv('aes-256-gcm', this.key, nonce, { authTagLength: TAG_BYTES })
    cipher.setAAD(aad)
    return Buffer.concat([cipher.update(chunk), cipher.final(), cipher.getAuthTag()])
  }
}

export class StreamOpener extends ChunkStream {
  /**
   * The plaintext of the next chunk.
   * @throws TamperedError when it is not the next one, was changed, or is the last where it should not be, or the reverse.
   */
  open(sealed: Buffer, isLast: boolean): Buffer {
    const { nonce, aad } = this.next(isLast)
    const end = sealed.length - TAG_BYTES
    if (end < 0) throw new TamperedError()
    const decipher = createDecipheriv('aes-256-gcm', this.key, nonce, { authTagLength: TAG_BYTES })
    decipher.setAAD(aad)
    decipher.setAuthTag(sealed.subarray(end))
    try {
      return Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()])
    } catch {
      throw new TamperedError()
    }
  }
}
