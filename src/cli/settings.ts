import { ConfigError, readConfig, type Config } from '../config/config'
import { keyringOf, layFoundation, type Foundation } from '../server/portico'
import { commandLog } from './log'

/**
 * The configuration of this process, with a keyring that opens.
 * @throws ConfigError listing every problem of both at once.
 */
export const readSettings = (): Config => readConfig(undefined, keyringProblems)

function keyringProblems(config: Config): string[] {
  if (config.keyring === null) return []
  try {
    keyringOf(config)
    return []
  } catch (error) {
    return [`PORTICO_KEYRING: ${(error as Error).message}`]
  }
}

/** Runs a command's work on the database, beside a running Portico if need be, and lets go of it afterwards. */
export async function onFoundation<Result>(
  work: (foundation: Foundation) => Promise<Result>,
  config = readSettings(),
): Promise<Result> {
  const foundation = await layFoundation(config, commandLog(config), { join: true })
  try {
    return await work(foundation)
  } finally {
    await foundation.stop()
  }
}

/** Refuses what would put invented people among real ones. */
export function assertNotProduction(config: Config): void {
  if (config.environment === 'production') {
    throw new ConfigError(['NODE_ENV is production: demo data has no place among real people'])
  }
}
