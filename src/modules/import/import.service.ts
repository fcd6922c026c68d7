import { newId } from '../../core/id'
import type { Database } from '../../db/database'
import type { Import, Tally } from './import.entity'
import { ImportRepository } from './import.repository'

export type { Import, Tally } from './import.entity'

const NOTHING: Tally = {
  imported: 0,
  refused: 0,
  reasons: {},
  namesMade: 0,
  withoutPassword: 0,
  secondFactorsLeft: 0,
  reportLength: 0,
}

/** How far imports have come. It moves in the transactions that import, so that nothing is imported twice or left out. */
export class ImportService {
  private readonly imports: ImportRepository

  constructor(private readonly db: Database) {
    this.imports = new ImportRepository(db)
  }

  /** The import of what has this fingerprint; null when there was none. */
  async find(fingerprint: Buffer): Promise<Import | null> {
    return this.imports.findByFingerprint(fingerprint)
  }

  /** An import at its beginning, which exists nowhere yet. */
  plan(fingerprint: Buffer): Import {
    const { now } = this.db
    return { id: newId(now), fingerprint, position: 0, tally: NOTHING, startedAt: now, finishedAt: null }
  }

  async begin(planned: Import): Promise<void> {
    await this.imports.begin(planned)
  }

  /**
   * Moves an import on. Call it inside the transaction whose work it tells of.
   * @throws Error when another process is importing the same file.
   */
  async advance(from: Import, to: Import): Promise<void> {
    if (await this.imports.advance(from.id, from.position, to)) return
    throw new Error('Another process is importing this file. Wait until it has ended.')
  }
}
