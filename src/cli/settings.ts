import { ConfigError, readConfig, type Config } from '../config/config'
import { KeyringMissing } from '../crypto/keyring'
import { openPostgres, type Postgres } from '../db/postgres'
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
    // Whether one may be made depends on the database.
    if (error instanceof KeyringMissing && config.environment !== 'production') return []
    return [`PORTICO_KEYRING: ${(error as Error).message}`]
  }
}

/** Runs a command's work on the database, beside a running Portico if need be, and lets go of it afterwards. */
export async function onFoundation<Result>(
  work: (foundation: Foundation) => Promise<Result>,
  config = readSettings(),
): Promise<Result> {
  const foundation = await layFoundation(config, commandLog(config), { join: true, statementTimeout: 0 })
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

/** Runs long work that a first Ctrl-C, or the end that an operating system asks for, stops in good order. */
export async function stoppable<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
  words = 'Stopped; nothing was changed.',
): Promise<Result> {
  const stopping = new AbortController()
  const stop = () => stopping.abort(new Error(words))
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    return await work(stopping.signal)
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
}

/** Runs a command's work on the PostgreSQL of the configuration as it is, and changes nothing about its schema. */
export async function onPostgres<Result>(
  config: Config,
  work: (postgres: Postgres) => Promise<Result>,
): Promise<Result> {
  const log = commandLog(config)
  const postgres = await openPostgres(config, { join: true, log: (line) => log.debug({ line }, 'postgres') })
  try {
    return await work(postgres)
  } finally {
    await postgres.stop()
  }
}

/** The roles that restore: rows come from the owner of the schema. */
export function ownedBy({ ownerUrl, appUrl }: Postgres): { ownerUrl: string; appUrl: string } {
  if (ownerUrl !== null) return { ownerUrl, appUrl }
  throw new ConfigError([
    'DATABASE_OWNER_URL is missing: backups are restored as the role that owns the schema',
  ])
}
