import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** What the name of a file ends in that was not finished; one that was cut off may be removed. */
export const UNFINISHED = '.unfinished'

/** How many bytes are written at once. */
const BLOCK = 2 ** 20

/** A file that has been written as a whole and flushed, but does not bear its name yet. */
export interface Finished {
  size: number
  /** Gives it its name, in place of whatever bore it before. */
  publish(): Promise<void>
  discard(): Promise<void>
}

/** Writes a file that only its owner can read (0600). */
export async function writeFinished(
  file: string,
  bytes: AsyncIterable<Buffer>,
  signal?: AbortSignal,
): Promise<Finished> {
  // Of its own: two that write the same file finish one after the other.
  const draft = `${file}.${randomBytes(6).toString('hex')}${UNFINISHED}`
  const discard = () => rm(draft, { force: true })
  try {
    const output = createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true })
    await pipeline(Readable.from(bytes, { objectMode: false, highWaterMark: BLOCK }), output, { signal })
    const publish = async () => {
      await rename(draft, file)
      await flushFolder(dirname(file))
    }
    return { size: output.bytesWritten, publish, discard }
  } catch (error) {
    await discard()
    throw error
  }
}

/** Or a power cut could take the name back. Windows has no such thing. */
export async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}
