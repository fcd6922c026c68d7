import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { Client, type ClientBase } from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'

/**
 * What PostgreSQL writes depends on none of the server's settings: the same row is the same text everywhere. Nothing is given
 * up for taking long, rows that this role may not see are an error, and every name says its schema.
 */
const SETTINGS = {
  datestyle: 'ISO, YMD',
  intervalstyle: 'postgres',
  timezone: 'UTC',
  extra_float_digits: '1',
  bytea_output: 'hex',
  xmloption: 'content',
  search_path: '',
  row_security: 'off',
  synchronize_seqscans: 'off',
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  // Since PostgreSQL 17.
  transaction_timeout: '0',
}

/** Works on a connection of its own, which is closed afterwards, whatever it was doing. */
export async function connected<Result>(
  url: string,
  work: (client: ClientBase) => Promise<Result>,
): Promise<Result> {
  const client = new Client({ connectionString: url, application_name: 'portico-backup', keepAlive: true })
  // Whoever waits for an answer is told of it too.
  client.on('error', () => undefined)
  await client.connect()
  try {
    await client.query(
      `SELECT set_config(name, value, false) FROM jsonb_each_text($1) AS wanted (name, value)
       JOIN pg_settings USING (name)`,
      [SETTINGS],
    )
    return await work(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}

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
