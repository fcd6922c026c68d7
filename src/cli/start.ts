import type { Command } from 'commander'
import { createServer } from 'node:net'
import type { Config } from '../config/config'
import { startJobs } from '../jobs/worker'
import {
  layFoundation,
  startPortico,
  type Foundation,
  type FoundationOptions,
  type Portico,
} from '../server/portico'
import { answering, UsageError } from './command'
import { accountsFile, describeAccounts, prepareDemo } from './demo/demo'
import { serverLog } from './log'
import { readSettings } from './settings'
import { isWorker, whenLeftAlone, Workers } from './workers'

/** How long a stop may take before it is cut short, and how long it waits for a start to end, in milliseconds. */
const STOP_LIMIT = 10_000
const START_LIMIT = 30_000

export const define = (command: Command): Command =>
  command.option('--workers <number>', 'how many processes answer on the port; one unless given', '1').action(
    answering<{ workers: string }>(async (_, { json, workers }) => {
      const config = readSettings()
      if (isWorker) {
        await untilTold(config, () =>
          assemble(config, { join: true }, (base) => startPortico(base, startJobs)),
        )
        return null
      }
      const count = workersFor(config, workers)
      // Asked before a database is made, so that a first start does not end half-way.
      await assertPortIsFree(config)
      const { url } = await untilTold(config, () =>
        assemble(config, {}, async (foundation) => {
          await prepare(foundation, json ? () => undefined : console.log)
          return count === 1 ? startPortico(foundation, startJobs) : startWorkers(foundation, count)
        }),
      )
      return { json: { url: `${url}/graphql` }, text: `Portico is ready at ${url}/graphql` }
    }),
  )

/** More than there is work for on the largest of machines. */
const MAX_WORKERS = 256

/** @throws UsageError */
function workersFor({ environment, smtpUrl }: Config, text: string): number {
  const count = Number(text)
  if (!/^\d+$/.test(text) || count < 1 || count > MAX_WORKERS)
    throw new UsageError(`--workers takes a number from 1 to ${MAX_WORKERS}.`)
  // What is sent would be found in the mailbox of one of them, and be looked for in another's.
  if (count > 1 && environment !== 'production' && smtpUrl === null)
    throw new UsageError('The mailbox of development is in one process. Set SMTP_URL to start several.')
  return count
}

/** What is started, and can be stopped. */
type Started = Pick<Portico, 'url' | 'stop'>

async function assemble<Result>(
  config: Config,
  options: FoundationOptions,
  start: (foundation: Foundation) => Promise<Result>,
): Promise<Result> {
  const foundation = await layFoundation(config, serverLog(config), options)
  try {
    return await start(foundation)
  } catch (error) {
    await foundation.stop()
    throw error
  }
}

async function prepare(foundation: Foundation, say: (text: string) => void): Promise<void> {
  const { config } = foundation
  const made = config.demoData ? await prepareDemo(foundation) : null
  if (made) say(`${describeAccounts(config, made)}\n`)
  else if (config.demoData && accountsFile(config)) say(`The demo accounts are in ${accountsFile(config)}.`)
}

/** This process keeps the database and the workers, and answers nobody. */
async function startWorkers(foundation: Foundation, count: number): Promise<Started> {
  const workers = new Workers(count, foundation.log)
  await workers.start()
  return {
    url: foundation.config.publicUrl,
    stop: async () => {
      await workers.stop()
      await foundation.stop()
    },
  }
}

/**
 * Starts Portico, and stops it with exit code 0 when told to. A signal during the start is obeyed after it, so that
 * nothing is left half-made.
 */
function untilTold<One extends Pick<Portico, 'stop'>>(
  { isRunByNpm }: Config,
  begin: () => Promise<One>,
): Promise<One> {
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
  if (isWorker) whenLeftAlone(stop)
  else if (isRunByNpm) {
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
