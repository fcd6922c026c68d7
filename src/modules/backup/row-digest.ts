import { hash } from 'node:crypto'

/** What a table's rows come to. */
export interface Counted {
  rows: number
  /** Bytes of the rows as COPY writes them. */
  bytes: number
  /** The sum of the SHA-256 of every row modulo 2²⁵⁶, in hexadecimal: the same in whatever order the rows come. */
  digest: string
}

const NEWLINE = 0x0a
const WORDS = 8

/**
 * Counts the rows of a table as COPY writes them (text format, where every row ends in the only newline of it) and adds up
 * their hashes. The order of rows means nothing to PostgreSQL, and sorting them would cost more than all the rest.
 */
export class RowDigest {
  private rows = 0
  private bytes = 0
  /** The beginning of a row whose end has not come yet. */
  private begun: Buffer[] = []
  private readonly sum = new Float64Array(WORDS)

  /** @param rows may begin and end within a row; they are not kept. */
  update(rows: Buffer): void {
    this.bytes += rows.length
    let start = 0
    for (let end; (end = rows.indexOf(NEWLINE, start)) >= 0; start = end + 1) {
      const row = rows.subarray(start, end + 1)
      this.add(this.begun.length === 0 ? row : Buffer.concat([...this.begun.splice(0), row]))
    }
    if (start < rows.length) this.begun.push(Buffer.from(rows.subarray(start)))
  }

  get counted(): Counted {
    const digest = Buffer.alloc(4 * WORDS)
    this.sum.forEach((word, index) => digest.writeUInt32LE(word, 4 * index))
    return { rows: this.rows, bytes: this.bytes, digest: digest.toString('hex') }
  }

  private add(row: Buffer): void {
    this.rows++
    const digest = hash('sha256', row, 'buffer')
    let carry = 0
    for (let index = 0; index < WORDS; index++) {
      const word = this.sum[index]! + digest.readUInt32LE(4 * index) + carry
      carry = word > 0xffffffff ? 1 : 0
      this.sum[index] = word % 2 ** 32
    }
  }
}
