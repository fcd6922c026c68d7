import type { ClientBase } from 'pg'
import type { Keyring } from '../../crypto/keyring'
import { JOB_REVISION } from '../../db/job-queue'
import { migrate, migrateThrough, migrationNames } from '../../db/migrate'
import { afterRestore } from './after-restore'
import { BLOCK, BackupRefused, openArchive, type ArchiveKind, type Manifest } from './archive'
import { bytesOf } from './backup-folder'
import { copyIn, copyOut, migrationsOf, obstaclesOf, tablesOf } from './catalogue'
import { connected, copiedOut, CopyIn } from './connection'
import { RowDigest } from './row-digest'
import { verifyArchive } from './verify-archive'

/** What a restore is doing. */
export type Phase = 'verifying' | 'restoring' | 'indexing' | 'comparing'

export interface RestoreOptions {
  archive: string
  keys: string
  keyring: Keyring
  /** The empty database that it is restored into. */
  target: { ownerUrl: string; appUrl: string }
  /** @param done of `total`, for this phase. */
  onProgress?: (phase: Phase, done: number, total: number) => void
  signal?: AbortSignal
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

/** A file that holds what its manifest says, every bit of it. */
interface Verified {
  kind: ArchiveKind
  file: string
  manifest: Manifest
}

/**
 * Restores a backup into an empty database. Both files are read to their ends before anything is written, what was written is
 * compared with them before it is committed, and it is there as a whole or not at all.
 * @throws BackupRefused saying why not, and what to do.
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { archive, keys, keyring, target, signal, onProgress = () => undefined } = options
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

/** How much memory the building of indexes may take. Of one connection, once. */
const INDEX_MEMORY = '256MB'

class Restorer {
  constructor(
    private readonly tx: ClientBase,
    private readonly keyring: Keyring,
    private readonly report: (phase: Phase, done: number, total: number) => void,
    private readonly signal: AbortSignal | undefined,
  ) {}

  async run(files: readonly Verified[]): Promise<void> {
    const { tx } = this
    await this.assertRoomFor(files)
    await tx.query(`SET LOCAL maintenance_work_mem = '${INDEX_MEMORY}'`)
    const names = files.flatMap(({ manifest }) => manifest.tables.map(({ name }) => name))
    const { remove, putBack } = await obstaclesOf(tx)
    for (const statement of remove) await tx.query(statement)
    await tx.query(`TRUNCATE ${names.join(', ')}`)
    for (const file of files) await this.load(file)
    for (const [index, statement] of putBack.entries()) {
      this.report('indexing', index, putBack.length)
      this.signal?.throwIfAborted()
      await tx.query(statement)
    }
    for (const { manifest } of files) await this.compare(manifest)
    for (const { name, lastValue, isCalled } of files.flatMap(({ manifest }) => manifest.sequences)) {
      await tx.query('SELECT setval($1::regclass, $2::bigint, $3)', [name, lastValue, isCalled])
    }
    await tx.query('RESET search_path')
    await afterRestore(tx)
    await tx.query(`ANALYZE ${names.join(', ')}`)
  }

  /** All that is in the files has its place, and no table is left over that would stay empty. */
  private async assertRoomFor(files: readonly Verified[]): Promise<void> {
    const room = new Map((await tablesOf(this.tx)).map(({ name, columns }) => [name, columns]))
    const wanted = new Map(files.flatMap(({ manifest }) => manifest.tables).map((table) => [table.name, table]))
    const missing = [...wanted.values()].flatMap(({ name, columns }) =>
      columns.filter((column) => !room.get(name)?.includes(column)).map((column) => `${name}.${column}`),
    )
    const surplus = [...room.keys()].filter((name) => !wanted.has(name))
    if (missing.length === 0 && surplus.length === 0) return
    throw new BackupRefused(
      `The schema that the migrations make is not the archive's (${[...missing, ...surplus].slice(0, 5).join(', ')}): nothing ` +
        'was written. Restore it with the version of Portico that made it.',
    )
  }

  private async load({ kind, file, manifest }: Verified): Promise<void> {
    const { blocks, header } = await openArchive(bytesOf(file), kind, this.keyring)
    if (header.id !== manifest.id) throw new BackupRefused(`${file} was replaced meanwhile. Try again.`)
    const total = manifest.counted.reduce((sum, { bytes }) => sum + bytes, 0)
    let done = 0
    let current = null as { table: number; copy: CopyIn } | null
    for await (const { table, rows } of blocks) {
      this.signal?.throwIfAborted()
      if (current?.table !== table) {
        await current?.copy.end()
        current = { table, copy: new CopyIn(this.tx, copyIn(manifest.tables[table]!)) }
      }
      await current.copy.write(rows)
      this.report('restoring', (done += rows.length), total)
    }
    await current?.copy.end()
  }

  private async compare({ tables, counted }: Manifest): Promise<void> {
    const total = counted.reduce((sum, { bytes }) => sum + bytes, 0)
    let done = 0
    for (const [index, table] of tables.entries()) {
      const digest = new RowDigest()
      for await (const rows of copiedOut(this.tx, copyOut(table), BLOCK)) {
        this.signal?.throwIfAborted()
        digest.update(rows)
        this.report('comparing', (done += rows.length), total)
      }
      const { rows, digest: found } = digest.counted
      const expected = counted[index]!
      if (rows === expected.rows && found === expected.digest) continue
      throw new BackupRefused(
        `What PostgreSQL holds of ${table.name} is not what the archive holds (${rows} rows for ${expected.rows}): nothing was ` +
          'written. Tell whoever looks after Portico; the archive is whole.',
      )
    }
  }
}
