import type { Config } from '../config/config'
import { joinEmbeddedPostgres, startEmbeddedPostgres } from './embedded/embedded-postgres'

/** The PostgreSQL that Portico works on. */
export interface Postgres {
  /** For requests. */
  appUrl: string
  /** For migrations; null where this process may not run them. */
  ownerUrl: string | null
  stop(): Promise<void>
}

export interface PostgresOptions {
  /** Takes the embedded server's log line by line. */
  log: (line: string) => void
  /** Uses the embedded server of a Portico that runs already, instead of refusing to share its folder. */
  join?: boolean
}

/**
 * The PostgreSQL that the configuration names, or else the embedded one in its data folder, started.
 * @throws Error in a sentence for whoever starts it, when the embedded one cannot be used.
 */
export async function openPostgres(
  config: Config,
  { log, join = false }: PostgresOptions,
): Promise<Postgres> {
  const { databaseUrl, databaseOwnerUrl, dataDir, environment } = config
  if (databaseUrl !== null) {
    return { appUrl: databaseUrl, ownerUrl: databaseOwnerUrl, stop: () => Promise.resolve() }
  }
  const running = join ? joinEmbeddedPostgres({ dataDir }) : null
  return (
    running ?? startEmbeddedPostgres({ dataDir, durability: environment === 'test' ? 'none' : 'full', log })
  )
}
