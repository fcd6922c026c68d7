import type { Command } from 'commander'
import { createServer } from 'node:net'
import type { Config } from '../config/config'
import { startJobs } from '../jobs/worker'
import { layFoundation, startPortico, type Portico } from '../server/portico'
import { answering } from './command'
import { accountsFile, describeAccounts, prepareDemo } from './demo/demo'
import { serverLog } from './log'
import { readSettings } from './settings'

/** How long a stop may take before it is cut short, and how long it waits for a start to end, in milliseconds. */
const STOP_LIMIT = 10_000
const START_LIMIT = 30_000

export const define = (command: Command): Command =>
  command.action(
    answering(async (_, { json }) => {
      const config = readSettings()
      // Asked before a database is made, so that a first start does not end half-way.
      await assertPortIsFree(config)
      const { url } = await untilTold(config, () => assemble(config, json ? () => undefined : console.log))
      return { json: { url: `${url}/graphql` }, text: `Portico is ready at ${url}/graphql` }
    }),
  )

async function assemble(config: Config, say: (text: string) => void): Promise<Portico> {
  const foundation = await layFoundation(config, serverLog(config))
  try {
    const made = config.demoData ? await prepareDemo(foundation) : null
    if (made) say(`${describeAccounts(config, made)}\n`)
    else if (config.demoData && accountsFile(config)) say(`The demo accounts are in ${accountsFile(config)}.`)
    return await startPortico(foundation, startJobs)
  } catch (error) {
    await foundation.stop()
    throw error
  }
}

/**
 * Starts Portico, and stops it with exit code 0 when told to. A signal during the start is obeyed after it, so that
 * nothing is left half-made.
 */
function untilTold({ isRunByNpm }: Config, begin: () => Promise<Portico>): Promise<Portico> {
  let stopping = false
  const stop = () => {
    // npm hands on a signal that the terminal has sent to everybody already.
    if (stopping) return
    stopping = true
    cutShortAfter(START_LIMIT)
    starting
      .then((portico) => {
        cutShortAfter(STOP_LIMIT)
        return portico.stop()
      })
      .then(
        () => process.exit(0),
        () => process.exit(1),
      )
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
  if (isRunByNpm) {
    // A signal for npm alone ends its shell, which does not hand it on and leaves us to another parent.
    const shell = process.ppid
    setInterval(() => process.ppid !== shell && stop(), 250).unref()
  }
  const starting = begin()
  return starting
}

const cutShortAfter = (milliseconds: number) => setTimeout(() => process.exit(1), milliseconds).unref()

async function assertPortIsFree({ host, port }: Config): Promise<void> {
  const probe = createServer()
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject).listen({ host, port, exclusive: true }, resolve)
  })
  await new Promise((resolve) => probe.close(resolve))
}
