import pino from 'pino'
import 'reflect-metadata'
import { readConfig } from '../../src/config/config'
import { rollUp } from '../../src/modules/insight/roll-up'
import { layFoundation } from '../../src/server/portico'

/** A process of its own that counts what has been marked, and says when it is done. */
async function main(): Promise<void> {
  const { db, stop } = await layFoundation(readConfig(), pino({ level: 'silent' }))
  process.stdout.write('ready\n')
  await rollUp({ db, stopping: new AbortController().signal })
  process.stdout.write('counted\n')
  await stop()
}

void main()
