import 'reflect-metadata'
import { ConfigError, readConfig } from './config/config'
import { createLog } from './server/log'
import { layFoundation, startPortico, type Portico } from './server/portico'
import { prepareDemo } from './cli/demo/demo'

/** How long a stop may take before it is cut short, in milliseconds. */
const STOP_LIMIT = 10_000

async function main(): Promise<void> {
  const config = readConfig()
  const log = createLog({ logLevel: config.logLevel })
  const foundation = await layFoundation(config, log)
  let portico: Portico
  try {
    if (config.demoData) await prepareDemo(foundation)
    portico = await startPortico(foundation)
  } catch (error) {
    await foundation.stop()
    throw error
  }
  process.stdout.write(`Portico is ready at ${portico.url}/graphql\n`)

  let stopping = false
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) return
    stopping = true
    log.info({ signal }, 'stopping')
    setTimeout(() => process.exit(1), STOP_LIMIT).unref()
    portico.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'The stop failed')
        process.exit(1)
      },
    )
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}

main().catch((error: unknown) => {
  process.stderr.write(`${explain(error)}\n`)
  process.exit(1)
})

/** Why Portico could not start, in a sentence for whoever starts it. */
function explain(error: unknown): string {
  if (error instanceof ConfigError) return error.message
  const { code, port } = error as NodeJS.ErrnoException & { port?: number }
  if (code === 'EADDRINUSE') return `Port ${port} is taken by another program. Set PORT to a free one, e.g. PORT=${(port ?? 4000) + 1}.`
  return error instanceof Error ? error.message : String(error)
}
