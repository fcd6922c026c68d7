import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { Import } from './import.entity'

/**
 * Every question about how far imports have come.
 * @visibility the command line alone reads them
 */
export class ImportRepository {
  constructor(private readonly db: Database) {}

  async findByFingerprint(fingerprint: Buffer): Promise<Import | null> {
    return this.db.repo(Import).findOneBy({ fingerprint })
  }

  /** Begins an import, or begins it anew where the same file was imported before. */
  async begin({ id, fingerprint, position, tally, startedAt }: Import): Promise<void> {
    await this.db.query(
      `INSERT INTO imports (id, fingerprint, position, tally, started_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (fingerprint) DO UPDATE SET id = excluded.id, position = excluded.position, tally = excluded.tally,
         started_at = excluded.started_at, finished_at = NULL`,
      [id, fingerprint, position, tally, startedAt],
    )
  }

  /** False where the import is not at `from` any more. */
  async advance(
    id: Id,
    from: number,
    { position, tally, finishedAt }: Pick<Import, 'position' | 'tally' | 'finishedAt'>,
  ): Promise<boolean> {
    const result = await this.db.repo(Import).update({ id, position: from }, { position, tally, finishedAt })
    return result.affected === 1
  }
}
