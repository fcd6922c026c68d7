import pino from 'pino'
import { readConfig } from '../../src/config/config'
import type { Database } from '../../src/db/database'
import { PubSub } from '../../src/db/pub-sub'
import { startJobs } from '../../src/jobs/worker'
import { layFoundation } from '../../src/server/portico'

/** Does in this process what stands beside a server, jobs and sending, until it is killed; says when it has begun. */
export async function beginWork(): Promise<Database> {
  const log = pino({ level: 'silent' })
  const { db, databaseUrl, config } = await layFoundation(readConfig(), log)
  const pubSub = new PubSub(databaseUrl, () => undefined)
  await pubSub.start()
  await startJobs({ db, databaseUrl, pubSub, log, config })
  process.stdout.write('begun\n')
  return db
}
