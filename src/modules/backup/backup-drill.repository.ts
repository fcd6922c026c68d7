import type { Queryable } from '../../db/queryable'
import type { BackupDrill } from './backup-drill.entity'

/**
 * Every question about drills.
 * @visibility the command line and background jobs alone read them, and they say nothing about anybody
 */
export class BackupDrillRepository {
  constructor(private readonly db: Queryable) {}

  async add({ id, archive, takenAt, startedAt, seconds, rows, problem }: BackupDrill): Promise<void> {
    await this.db.query(
      `INSERT INTO public.backup_drills (id, archive, taken_at, started_at, seconds, rows, problem) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [id, archive, takenAt, startedAt, seconds, rows, problem],
    )
  }

  /** The last one; null where there was none yet. */
  async last(): Promise<BackupDrill | null> {
    const [drill] = await this.db.query<BackupDrill>(
      `SELECT id, archive, taken_at AS "takenAt", started_at AS "startedAt", seconds, rows, problem
       FROM public.backup_drills ORDER BY started_at DESC, id DESC LIMIT 1`,
    )
    return drill ?? null
  }
}
