import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { ClientBase } from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'

/** The output of a COPY … TO STDOUT, in blocks of at least `size` bytes but the last. A block may end within a row. */
export async function* copiedOut(
  client: ClientBase,
  statement: string,
  size: number,
): AsyncGenerator<Buffer> {
  let parts: Buffer[] = []
  let length = 0
  for await (const part of client.query(copyTo(statement)) as AsyncIterable<Buffer>) {
    parts.push(part)
    length += part.length
    if (length < size) continue
    yield Buffer.concat(parts)
    parts = []
    length = 0
  }
  if (length > 0) yield Buffer.concat(parts)
}

/** A COPY … FROM STDIN that is fed block by block. */
export class CopyIn {
  private readonly stream: Writable
  /** Whether it is over; a failure is thrown to whoever writes next. */
  private readonly over: Promise<void>

  constructor(client: ClientBase, statement: string) {
    this.stream = client.query(copyFrom(statement))
    this.over = finished(this.stream)
    this.over.catch(() => undefined)
  }

  async write(block: Buffer): Promise<void> {
    if (!this.stream.writable) return this.over
    if (!this.stream.write(block)) await Promise.race([once(this.stream, 'drain'), this.over])
  }

  async end(): Promise<void> {
    this.stream.end()
    await this.over
  }
}
