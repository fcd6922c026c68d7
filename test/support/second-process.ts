import pino from 'pino'
import { Database } from '../../src/db/database'
import { startJobs } from '../../src/jobs/worker'
import type { Tools } from '../../src/db/tools'
import { layFoundation, startPortico, type Portico } from '../../src/server/portico'
import type { World } from './world'

/**
 * Another Portico on the database of a world, as a second replica is: it shares nothing with the first but the database
 * and the clock. `tools` replaces what a test cannot wait for. Stop it before the test ends.
 */
export async function startSecondProcess(world: World, tools: Partial<Tools> = {}): Promise<Portico> {
  const log = pino({ level: 'silent' })
  const foundation = await layFoundation({ ...world.portico.config, port: 0 }, log, { clock: world.clock })
  const db = Database.of({ ...foundation.db.tools, ...tools })
  return startPortico({ ...foundation, db }, startJobs)
}
