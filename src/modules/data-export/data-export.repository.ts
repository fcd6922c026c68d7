import type { SelectQueryBuilder } from 'typeorm'
import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { selectRows } from '../../db/page'
import { ownOrWithinReach } from '../../db/reach'
import { DataExport } from './data-export.entity'
import { DataExportPart } from './data-export-part.entity'

const COLUMNS = [
  'id',
  'userId',
  'requestId',
  'requestedAt',
  'readyAt',
  'expiresAt',
  'sizeBytes',
  'downloadedAt',
] as const
export type DataExportRow = Pick<DataExport, (typeof COLUMNS)[number]>

/** Every question about copies of people's data. People see theirs, `privacy:manage` those of whom it reaches; nobody else the files. */
export class DataExportRepository {
  constructor(private readonly db: Database) {}

  async lookup(ids: readonly Id[]): Promise<DataExportRow[]> {
    return this.visible().andWhere('export.id = ANY(:ids)', { ids }).getRawMany<DataExportRow>()
  }

  /** The last one of each of these people that has not expired. */
  async findCurrent(userIds: readonly Id[]): Promise<DataExportRow[]> {
    return this.visible()
      .andWhere('export.userId = ANY(:userIds) AND export.expiresAt > :now', { userIds, now: this.db.now })
      .distinctOn(['export.userId'])
      .orderBy('export.userId')
      .addOrderBy('export.requestedAt', 'DESC')
      .addOrderBy('export.id', 'DESC')
      .getRawMany<DataExportRow>()
  }

  /**
   * One that is to be made, locked until the transaction ends; null where it was made or is gone.
   * @visibility asked by the job that makes it
   */
  async lockUnmade(id: Id): Promise<DataExportRow | null> {
    const query = this.rows()
      .where('export.id = :id AND export.readyAt IS NULL', { id })
      .setLock('pessimistic_write')
    return (await query.getRawOne<DataExportRow>()) ?? null
  }

  async add(row: DataExport): Promise<void> {
    await this.db.repo(DataExport).insert(row)
  }

  async save({ id, ...columns }: Pick<DataExport, 'id'> & Partial<DataExport>): Promise<void> {
    await this.db.repo(DataExport).update({ id }, columns)
  }

  /**
   * Takes a link's token, which then is good for nothing more; answers whose copy it leads to.
   * @visibility whoever has the token, which only the person was shown
   */
  async redeem(tokenHash: Buffer): Promise<Pick<DataExportRow, 'id' | 'userId' | 'sizeBytes'> | null> {
    const [row] = await this.db.query<{ id: Id; userId: Id; sizeBytes: number }>(
      `WITH redeemed AS (
         UPDATE data_exports SET token_hash = NULL, token_expires_at = NULL, downloaded_at = $2
         WHERE token_hash = $1 AND token_expires_at > $2 AND expires_at > $2
         RETURNING id, user_id, size_bytes)
       SELECT id, user_id AS "userId", size_bytes AS "sizeBytes" FROM redeemed`,
      [tokenHash, this.db.now],
    )
    return row ?? null
  }

  async addPart(part: DataExportPart): Promise<void> {
    await this.db.repo(DataExportPart).insert(part)
  }

  /** @visibility whoever has redeemed the link */
  async findPart(exportId: Id, position: number): Promise<DataExportPart | null> {
    return this.db.repo(DataExportPart).findOneBy({ exportId, position })
  }

  async removeOf(userId: Id): Promise<void> {
    await this.db.repo(DataExport).delete({ userId })
  }

  private rows(): SelectQueryBuilder<DataExport> {
    return selectRows(this.db, DataExport, 'export', COLUMNS)
  }

  private visible(): SelectQueryBuilder<DataExport> {
    return this.rows().where(...ownOrWithinReach(this.db.caller.viewer, 'export.userId', 'privacy:manage'))
  }
}
