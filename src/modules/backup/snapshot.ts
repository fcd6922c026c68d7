import type { ClientBase } from 'pg'
import { headText, lastHead } from '../audit/seal'
import { BLOCK, BackupRefused, type Block, type Conclusion, type Outline, type Sequence } from './archive'
import { copiedOut } from './connection'
import { KEYS, copyOut, migrationsOf, sequencesOf, tablesOf, type Table } from './catalogue'
import { RowDigest, type Counted } from './row-digest'
import { LOCKS } from '../../db/locks'

/** The database as it was at one moment: what everybody had committed by then, and nothing else. */
export class Snapshot {
  private constructor(
    private readonly client: ClientBase,
    readonly installation: string,
    /** Without tables. */
    private readonly facts: Omit<Outline, 'tables'>,
    private readonly tables: readonly (Table & { size: number })[],
    private readonly sequences: readonly string[],
  ) {}

  /**
   * Takes the snapshot. It lasts as long as the connection, which does nothing else: one REPEATABLE READ transaction reads all
   * tables, so that nobody has to be kept from writing and no snapshot has to be handed on.
   * @throws BackupRefused while another backup of the same database is being made: the keys of the earlier one would win.
   */
  static async take(client: ClientBase, version: string): Promise<Snapshot> {
    const { rows: locks } = await client.query<{ isOurs: boolean }>(
      'SELECT pg_try_advisory_lock($1) AS "isOurs"',
      [LOCKS.backup],
    )
    if (!locks[0]!.isOurs) {
      throw new BackupRefused('Another backup of this database is being made. Wait until it has ended.')
    }
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const { rows: times } = await client.query<{ now: Date }>('SELECT now() AS now')
    const books = await migrationsOf(client)
    const tables = await tablesOf(client)
    if (!tables.some(({ name }) => name === 'public.installation')) {
      throw new BackupRefused('The database lacks migrations that backups need: run `portico migrate` first.')
    }
    const { rows } = await client.query<{ id: string }>('SELECT id FROM public.installation')
    const isSealed = tables.some(({ name }) => name === 'public.audit_seals')
    const trailHead = isSealed ? headText(await lastHead(client)) : null
    const facts = { takenAt: times[0]!.now.toISOString(), version, ...books, trailHead }
    return new Snapshot(client, rows[0]!.id, facts, tables, await sequencesOf(client))
  }

  /** Everything but the data keys. */
  get rest(): Part {
    const tables = this.tables.filter(({ name }) => name !== KEYS)
    return new Part(this.client, this.facts, tables, this.sequences)
  }

  /** The data keys, wrapped. */
  get keys(): Part {
    const tables = this.tables.filter(({ name }) => name === KEYS)
    return new Part(this.client, this.facts, tables, [])
  }
}

/** Some tables of a snapshot, to be read once and in order. */
export class Part {
  readonly outline: Outline
  /** What PostgreSQL keeps of them on disk, in bytes: about what there is to read. */
  readonly size: number
  private readonly counted: Counted[] = []

  constructor(
    private readonly client: ClientBase,
    facts: Omit<Outline, 'tables'>,
    private readonly tables: readonly (Table & { size: number })[],
    private readonly sequences: readonly string[],
  ) {
    this.outline = { ...facts, tables: tables.map(({ size: _, ...table }) => table) }
    this.size = tables.reduce((sum, { size }) => sum + size, 0)
  }

  /** @param onProgress is told how much of `size` has been read. */
  async *blocks(onProgress: (bytes: number) => void = () => undefined): AsyncGenerator<Block> {
    let before = 0
    for (const [index, table] of this.tables.entries()) {
      const digest = new RowDigest()
      let read = 0
      for await (const rows of copiedOut(this.client, copyOut(table), BLOCK)) {
        digest.update(rows)
        yield { table: index, rows }
        read += rows.length
        onProgress(before + Math.min(read, table.size))
      }
      this.counted.push(digest.counted)
      before += table.size
    }
    onProgress(before)
  }

  /** Sequences are outside of any snapshot: read after the rows, none is behind them. */
  async conclude(): Promise<Conclusion> {
    const sequences: Sequence[] = []
    for (const name of this.sequences) {
      const { rows } = await this.client.query<Omit<Sequence, 'name'>>(
        `SELECT last_value::text AS "lastValue", is_called AS "isCalled" FROM ${name}`,
      )
      sequences.push({ name, ...rows[0]! })
    }
    return { counted: this.counted, sequences }
  }
}
