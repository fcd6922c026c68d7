import { stat } from 'node:fs/promises'
import type { Keyring } from '../../crypto/keyring'
import { openArchive, type ArchiveKind, type Manifest } from './archive'
import { bytesOf } from './backup-folder'

interface Watching {
  /** @param done of `total`, in bytes of the file. */
  report?: (done: number, total: number) => void
  signal?: AbortSignal
}

/**
 * Reads an archive to its end and writes nothing: every chunk is authentic and in its place, and the last one is there. That the
 * rows are those that were counted is seen when they are restored.
 * @throws BackupRefused otherwise.
 */
export async function verifyArchive(
  file: string,
  kind: ArchiveKind,
  keyring: Keyring,
  { report = () => undefined, signal }: Watching = {},
): Promise<Manifest> {
  const total = (await stat(file).catch(() => null))?.size ?? 0
  const watched = async function* () {
    let done = 0
    for await (const bytes of bytesOf(file)) {
      signal?.throwIfAborted()
      yield bytes
      report((done += bytes.length), total)
    }
  }
  return verifyBytes(watched(), kind, keyring)
}

/** The same of bytes that come from elsewhere. */
export async function verifyBytes(
  bytes: AsyncIterable<Buffer>,
  kind: ArchiveKind,
  keyring: Keyring,
): Promise<Manifest> {
  const { blocks } = await openArchive(bytes, kind, keyring)
  for (;;) {
    const { value, done } = await blocks.next()
    if (done) return value
  }
}
