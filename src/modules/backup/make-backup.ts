import { dirname, join } from 'node:path'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { packageVersion } from '../../config/version'
import { writeFinished, type Finished } from '../../core/finished-file'
import type { Keyring } from '../../crypto/keyring'
import { assertKeyring } from '../../db/keyring-check'
import { BLOCK, writeArchive, type ArchiveKind } from './archive'
import { KEY_FILE, archiveName, assertKeysAreOf, prepareFolder } from './backup-folder'
import { connected } from '../../db/connection'
import { queryableClient } from '../../db/queryable'
import { ledgerBeside, writeLedger } from '../erasure/ledger'
import type { Counted } from './row-digest'
import { Snapshot, type Part } from './snapshot'

export interface BackupOptions {
  /** The database, as a role that may read all of it. */
  url: string
  keyring: Keyring
  /** A folder, which the archive and the keys go to, or a stream for the archive and a file for the keys. */
  to: { folder: string } | { stream: Writable; keys: string }
  /** @param done of `total`, in bytes as PostgreSQL keeps them. */
  onProgress?: (done: number, total: number) => void
  signal?: AbortSignal
}

/** A backup that is whole, flushed and in its place. */
export interface Backup {
  /** Null for one that went into a stream. */
  archive: string | null
  keys: string
  takenAt: Date
  tables: number
  rows: number
  /** Bytes of the rows before they were compressed, and of the archive. */
  plainBytes: number
  size: number
  /** The head of the audit trail in it, for `portico audit verify --since`; null where nothing is sealed. */
  trailHead: string | null
}

/**
 * Backs the database up beside whatever it is doing. The archive holds everything but the data keys, which are in a file of
 * their own.
 * @throws BackupRefused when it cannot be made; nothing that was there has changed then.
 */
export async function makeBackup(options: BackupOptions): Promise<Backup> {
  const { url, keyring, to, signal, onProgress = () => undefined } = options
  const keyFile = 'folder' in to ? join(to.folder, KEY_FILE) : to.keys
  return connected(url, async (client) => {
    const snapshot = await Snapshot.take(client, packageVersion())
    // Or the keys of all archives would be written over with a file that the right keyring does not open.
    await assertKeyring(queryableClient(client), keyring)
    await assertKeysAreOf(snapshot.installation, keyFile)
    await prepareFolder(dirname(keyFile))
    // Before anything else is written, in case it is refused, and at the end, with whoever was erased meanwhile.
    await writeCurrentLedger(url, keyring, keyFile)
    const { installation, rest, keys } = snapshot
    const counted: Counted[] = []
    const bytesOf = (kind: ArchiveKind, part: Part, report: (bytes: number) => void) =>
      writeArchive({ kind, installation, keyring }, part.outline, part.blocks(report), async () => {
        const conclusion = await part.conclude()
        counted.push(...conclusion.counted)
        return conclusion
      })
    const total = rest.size + keys.size
    const takenAt = new Date(rest.outline.takenAt)
    const written: Finished[] = []
    const write = async (file: string, bytes: AsyncIterable<Buffer>) => {
      const finished = await writeFinished(file, bytes, signal)
      written.push(finished)
      return finished
    }
    try {
      const keyBytes = bytesOf('keys', keys, (done) => onProgress(done, total))
      await write(keyFile, keyBytes)
      const archiveBytes = bytesOf('archive', rest, (done) => onProgress(keys.size + done, total))
      const archive = 'folder' in to ? join(to.folder, archiveName(takenAt)) : null
      const size =
        'stream' in to
          ? await pour(archiveBytes, to.stream, signal)
          : (await write(archive!, archiveBytes)).size
      // Keys first: they serve the older archives too, and an archive without its keys would be worth nothing.
      for (const file of written) await file.publish()
      await writeCurrentLedger(url, keyring, keyFile)
      const sum = (of: (one: Counted) => number) => counted.reduce((all, one) => all + of(one), 0)
      return {
        archive,
        keys: keyFile,
        takenAt,
        tables: counted.length,
        rows: sum(({ rows }) => rows),
        plainBytes: sum(({ bytes }) => bytes),
        size,
        trailHead: rest.outline.trailHead ?? null,
      }
    } finally {
      for (const file of written) await file.discard()
    }
  })
}

/** On a connection of its own: what the snapshot sees of the ledger is as old as the snapshot. */
const writeCurrentLedger = (url: string, keyring: Keyring, keyFile: string): Promise<void> =>
  connected(url, async (client) => {
    await client.query('BEGIN')
    await writeLedger(queryableClient(client), keyring, ledgerBeside(keyFile))
    await client.query('COMMIT')
  })

/** Writes all bytes into a stream and leaves it open; returns how many they were. */
async function pour(
  bytes: AsyncIterable<Buffer>,
  stream: Writable,
  signal: AbortSignal | undefined,
): Promise<number> {
  let size = 0
  const counted = async function* () {
    for await (const part of bytes) {
      size += part.length
      yield part
    }
  }
  await pipeline(Readable.from(counted(), { objectMode: false, highWaterMark: BLOCK }), stream, {
    signal,
    end: false,
  })
  return size
}
