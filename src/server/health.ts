import type { FastifyInstance } from 'fastify'
import type { Database } from '../db/database'
import { BackupDrillRepository } from '../modules/backup/backup-drill.repository'
import { inTime } from './in-time'

/** Whether this process should be sent requests. Red before shutdown begins, and while the database is away. */
export class Readiness {
  private stopping = false

  constructor(private readonly db: Database) {}

  stop(): void {
    this.stopping = true
  }

  async check(): Promise<{ ready: boolean; reason?: string }> {
    if (this.stopping) return { ready: false, reason: 'shutting down' }
    const answer = await inTime(this.db.query('SELECT 1'))
    return answer ? { ready: true } : { ready: false, reason: 'the database does not answer' }
  }
}

/** `/health` is for people and their monitors: it tells as much as anybody may know. The other two are for whoever sends requests here. */
export function serveHealth(http: FastifyInstance, readiness: Readiness, db: Database): void {
  http.get('/health', async (_request, reply) => {
    const state = await readiness.check()
    const lastBackupDrill = await inTime(lastDrill(db))
    return reply.code(state.ready ? 200 : 503).send({ ...state, lastBackupDrill })
  })
  http.get('/health/live', async () => ({ live: true }))
  http.get('/health/ready', async (_request, reply) => {
    const state = await readiness.check()
    return reply.code(state.ready ? 200 : 503).send(state)
  })
}

/** When a backup was last restored for a try, and whether it could be; not which, nor why not. Null where none was. */
async function lastDrill(db: Database): Promise<{ at: Date; succeeded: boolean } | null> {
  const drill = await new BackupDrillRepository(db).last()
  return drill && { at: drill.startedAt, succeeded: drill.problem === null }
}
