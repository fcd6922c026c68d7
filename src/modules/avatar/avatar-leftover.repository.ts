import type { Database } from '../../db/database'
import { AvatarLeftover } from './avatar-leftover.entity'

/**
 * Every question about files that belong to nobody.
 * @visibility they are nobody's
 */
export class AvatarLeftoverRepository {
  constructor(private readonly db: Database) {}

  /** Notes files that are about to be written, and that are nobody's unless they are claimed in time. */
  async reserve(fileKey: string, reservedUntil: Date): Promise<void> {
    await this.db.repo(AvatarLeftover).insert({ fileKey, reservedUntil })
  }

  /** Makes them somebody's; false where they are being removed. */
  async claim(fileKey: string): Promise<boolean> {
    const { affected } = await this.db.repo(AvatarLeftover).delete({ fileKey })
    return affected === 1
  }

  /** Gives them up before their time. */
  async release(fileKey: string): Promise<void> {
    await this.db.repo(AvatarLeftover).update({ fileKey }, { reservedUntil: null })
  }

  /** One whose files are to be removed, locked until the transaction ends; null where there is none. */
  async lockNext(): Promise<string | null> {
    const [row] = await this.db.query<{ file_key: string }>(
      `SELECT file_key FROM avatar_leftovers WHERE reserved_until IS NULL OR reserved_until <= $1
       LIMIT 1 FOR UPDATE SKIP LOCKED`,
      [this.db.now],
    )
    return row?.file_key ?? null
  }

  async forget(fileKey: string): Promise<void> {
    await this.db.repo(AvatarLeftover).delete({ fileKey })
  }
}
