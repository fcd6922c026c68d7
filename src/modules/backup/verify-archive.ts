import { stat } from 'node:fs/promises'
import type { Keyring } from '../../crypto/keyring'
import { BackupRefused, openArchive, type ArchiveKind, type Manifest } from './archive'
import { bytesOf } from './backup-folder'
import { RowCount } from './row-digest'

interface Watching {
  /** @param done of `total`, in bytes of the file. */
  report?: (done: number, total: number) => void
  signal?: AbortSignal
}

/**
 * Reads an archive to its end and writes nothing: every chunk is authentic and in its place, and there are as many rows as the
 * manifest counts.
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
  const { blocks, outline } = await openArchive(bytes, kind, keyring)
  const counts = outline.tables.map(() => new RowCount())
  for (;;) {
    const { value, done } = await blocks.next()
    if (!done) {
      counts[value.table]!.update(value.rows)
      continue
    }
    const isRight = counts.every(
      (count, table) =>
        count.rows === value.counted[table]?.rows && count.bytes === value.counted[table].bytes,
    )
    if (isRight && value.counted.length === counts.length) return value
    throw new BackupRefused(
      'The backup does not hold the rows that its manifest counts. Nothing was written.',
    )
  }
}
