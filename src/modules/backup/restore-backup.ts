import type { ClientBase } from 'pg'
import type { Keyring } from '../../crypto/keyring'
import { JOB_REVISION } from '../../db/job-queue'
import { migrate, migrateThrough, migrationNames } from '../../db/migrate'
import { afterRestore } from './after-restore'
import { BackupRefused, type ArchiveKind, type Manifest } from './archive'
import { migrationsOf, tablesOf } from './catalogue'
import { connected } from './connection'
import { Restorer, type Phase, type Verified } from './restorer'
import { verifyArchive } from './verify-archive'

export interface RestoreOptions {
  archive: string
  keys: string
  keyring: Keyring
  /** The empty database that it is restored into. */
  target: { ownerUrl: string; appUrl: string }
  /** @param done of `total`, for this phase. */
  onProgress?: (phase: Phase, done: number, total: number) => void
  signal?: AbortSignal
  /** Called with the restored rows before they are committed. */
  afterRows?: (tx: ClientBase) => Promise<void>
}

export interface Restored {
  takenAt: Date
  tables: number
  rows: number
  /** Bytes of the rows before they were compressed. */
  plainBytes: number
  /** The migrations that followed, because the archive is of an older version. */
  migrated: readonly string[]
}

/**
 * Restores a backup into an empty database. Both files are read to their ends before anything is written, what was written is
 * compared with them before it is committed, and it is there as a whole or not at all.
 * @throws BackupRefused saying why not, and what to do.
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { archive, keys, keyring, target, signal } = options
  const { onProgress = () => undefined, afterRows = afterRestore } = options
  const verify = async (kind: ArchiveKind, file: string): Promise<Verified> => {
    const report = (done: number, total: number) => onProgress('verifying', done, total)
    return { kind, file, manifest: await verifyArchive(file, kind, keyring, { report, signal }) }
  }
  const keyFile = await verify('keys', keys)
  const rest = await verify('archive', archive)
  assertTogether(rest.manifest, keyFile.manifest)
  assertKnownSchema(rest.manifest)
  await connected(target.ownerUrl, (client) => assertEmpty(client, rest.manifest))
  await migrateThrough(target.ownerUrl, rest.manifest.migrations.at(-1)!)
  await connected(target.ownerUrl, async (client) => {
    await client.query('BEGIN')
    await new Restorer(client, keyring, onProgress, signal).run([keyFile, rest])
    await afterRows(client)
    await client.query('COMMIT')
  })
  const migrated = await migrate(target)
  const counted = [keyFile, rest].flatMap(({ manifest }) => manifest.counted)
  return {
    takenAt: new Date(rest.manifest.takenAt),
    tables: counted.length,
    rows: counted.reduce((sum, { rows }) => sum + rows, 0),
    plainBytes: counted.reduce((sum, { bytes }) => sum + bytes, 0),
    migrated,
  }
}

/** The keys of any later backup will do, and lack whoever was erased meanwhile; older ones would lack whoever came. */
function assertTogether(archive: Manifest, keys: Manifest): void {
  if (keys.installation !== archive.installation) {
    throw new BackupRefused(
      'The file of keys belongs to the backups of another database. Name the right one with --keys.',
    )
  }
  if (new Date(keys.takenAt) < new Date(archive.takenAt)) {
    throw new BackupRefused(
      `The file of keys is of ${keys.takenAt}, older than the archive of ${archive.takenAt}: it would lose everybody who came ` +
        'in between. Name the one that was written with the archive, or a later one, with --keys.',
    )
  }
}

function assertKnownSchema({ migrations, jobRevision, version }: Manifest): void {
  const isKnown = migrations.every((name, index) => migrationNames[index] === name)
  if (isKnown && migrations.length > 0 && jobRevision <= JOB_REVISION) return
  throw new BackupRefused(
    `The archive's schema is newer than this Portico, or of another line: it was made by version ${version}. Restore it with that one.`,
  )
}

/** Rows that are there without anybody having made them. */
const MADE_BY_MIGRATIONS = ['public.installation']

/** @throws BackupRefused where there are rows, or a schema that is not on the way to the archive's. */
async function assertEmpty(client: ClientBase, { migrations }: Manifest): Promise<void> {
  const filled: string[] = []
  for (const { name } of await tablesOf(client)) {
    if (MADE_BY_MIGRATIONS.includes(name)) continue
    const { rows } = await client.query<{ isFilled: boolean }>(
      `SELECT EXISTS (SELECT FROM ${name}) AS "isFilled"`,
    )
    if (rows[0]!.isFilled) filled.push(name)
  }
  const present = await migrationsOf(client)
  const isOnTheWay = present.migrations.every((name, index) => migrations[index] === name)
  if (filled.length === 0 && isOnTheWay) return
  throw new BackupRefused(
    `The database is not empty (${filled.length > 0 ? `rows in ${filled.slice(0, 3).join(', ')}${filled.length > 3 ? ', …' : ''}` : 'its schema is newer than the archive’s'}): ` +
      'nothing was written. Make a new one and name it in DATABASE_URL and DATABASE_OWNER_URL, or move DATA_DIR/postgres away; ' +
      'do not start Portico on it before.',
  )
}
