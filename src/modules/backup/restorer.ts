import type { ClientBase } from 'pg'
import type { Keyring } from '../../crypto/keyring'
import { BLOCK, BackupRefused, decompressed, openArchive, type ArchiveKind, type Manifest } from './archive'
import { bytesOf } from './backup-folder'
import { copyIn, copyOut, obstaclesOf, repartition, tablesOf } from './catalogue'
import { copiedOut, CopyIn } from './connection'
import { RowDigest } from './row-digest'

/** What a restore is doing. */
export type Phase = 'verifying' | 'restoring' | 'indexing' | 'comparing'

/** A file that holds what its manifest says, every bit of it. */
export interface Verified {
  kind: ArchiveKind
  file: string
  manifest: Manifest
}

/** How much memory the building of indexes may take. Of one connection, once. */
const INDEX_MEMORY = '256MB'

/**
 * Puts the rows of verified files into empty tables and compares what PostgreSQL then holds with them, inside one transaction
 * of the role that owns the tables.
 */
export class Restorer {
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
    await this.repartition(files)
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
    await tx.query(`ANALYZE ${names.join(', ')}`)
    await tx.query('RESET search_path')
  }

  /** All that is in the files has its place, and no table is left over that would stay empty. */
  private async assertRoomFor(files: readonly Verified[]): Promise<void> {
    const room = new Map((await tablesOf(this.tx)).map(({ name, columns }) => [name, columns]))
    const wanted = new Map(
      files.flatMap(({ manifest }) => manifest.tables).map((table) => [table.name, table]),
    )
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

  private async repartition(files: readonly Verified[]): Promise<void> {
    const present = new Map((await tablesOf(this.tx)).map(({ name, partitions }) => [name, partitions]))
    for (const table of files.flatMap(({ manifest }) => manifest.tables)) {
      for (const statement of repartition(table, present.get(table.name) ?? []))
        await this.tx.query(statement)
    }
  }

  private async load({ kind, file, manifest }: Verified): Promise<void> {
    const { blocks, header } = await openArchive(bytesOf(file), kind, this.keyring)
    if (header.id !== manifest.id) throw new BackupRefused(`${file} was replaced meanwhile. Try again.`)
    const total = manifest.counted.reduce((sum, { bytes }) => sum + bytes, 0)
    let done = 0
    let current = null as { table: number; copy: CopyIn } | null
    for await (const { table, rows } of decompressed(blocks)) {
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
