import pino from 'pino'
import { SECOND } from '../../src/core/clock'
import { Database } from '../../src/db/database'
import { startJobs } from '../../src/jobs/worker'
import type { Tools } from '../../src/db/tools'
import { layFoundation, startPortico, type Portico } from '../../src/server/portico'
import type { World } from './world'

/**
 * Another Portico on the database of a world, as a second replica is: it shares nothing with the first but the database
 * and the clock. `tools` replaces what a test cannot wait for; nobody is turned away for want of a connection. Stop it before the test ends.
 */
export async function startSecondProcess(world: World, tools: Partial<Tools> = {}): Promise<Portico> {
  const log = pino({ level: 'silent' })
  const { clock, portico } = world
  const options = { clock, connectTimeout: 60 * SECOND }
  const foundation = await layFoundation({ ...portico.config, port: 0 }, log, options)
  const db = Database.of({ ...foundation.db.tools, ...tools })
  return startPortico({ ...foundation, db }, startJobs)
}
