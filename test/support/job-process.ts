import pino from 'pino'
import 'reflect-metadata'
import { readConfig } from '../../src/config/config'
import { defineTask } from '../../src/db/task'
import { Worker } from '../../src/jobs/worker'
import { layFoundation } from '../../src/server/portico'

/** A process of its own that begins jobs of a task, the first argument, and never ends one. It says when it has begun one. */
async function main(name: string): Promise<void> {
  const log = pino({ level: 'silent' })
  const { db, databaseUrl } = await layFoundation(readConfig(), log)
  const endless = defineTask({
    name,
    work: () => {
      process.stdout.write('begun\n')
      return new Promise(() => undefined)
    },
  })
  await Worker.start({ db, databaseUrl, log, concurrency: 1, tasks: [endless] })
}

void main(process.argv[2]!)
