import type { Pool } from 'pg'
import { DataSource, type Logger, type MixedList } from 'typeorm'
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver'
import { migrations } from '../../migrations/migrations'
import { PreparingClient } from './preparing-client'

/** Where it is written which of our migrations have run. */
export const MIGRATION_TABLE = 'schema_migrations'

export interface DataSourceOptions {
  url: string
  entities: MixedList<Function>
  /** Connections at most. */
  poolSize?: number
  /** PostgreSQL gives up a statement after this time (ms); 0 for never. */
  statementTimeout?: number
  /** How long whoever wants a connection waits for it, in milliseconds. */
  connectTimeout?: number
  applicationName?: string
  /** The migrations that there are; all of this version's unless given. */
  migrations?: MixedList<Function>
}

const ignore = () => undefined

/** The mapper would write to stdout, where a command's answer goes. What fails is thrown, and logged by whoever catches it. */
const SILENT: Logger = {
  logQuery: ignore,
  logQueryError: ignore,
  logQuerySlow: ignore,
  logSchemaBuild: ignore,
  logMigration: ignore,
  log: ignore,
}

/** How much later than PostgreSQL this process gives up a statement, in milliseconds. */
const GRACE = 3_000

/** A pool of connections to PostgreSQL. Nothing in it changes the schema; `migrate` does. */
export function createDataSource(options: DataSourceOptions): DataSource {
  const { statementTimeout = 5_000 } = options
  return new DataSource({
    type: 'postgres',
    url: options.url,
    entities: options.entities,
    migrations: options.migrations ?? migrations,
    migrationsTableName: MIGRATION_TABLE,
    migrationsTransactionMode: 'each',
    synchronize: false,
    logger: SILENT,
    installExtensions: false,
    poolSize: options.poolSize ?? 20,
    applicationName: options.applicationName ?? 'portico',
    connectTimeoutMS: options.connectTimeout ?? 2_000,
    extra: {
      Client: PreparingClient,
      keepAlive: true,
      idleTimeoutMillis: 30_000,
      statement_timeout: statementTimeout,
      // PostgreSQL's own limit cannot fire when the network is gone; this one does.
      query_timeout: statementTimeout === 0 ? undefined : statementTimeout + GRACE,
    },
  })
}

/** The connections of an open data source, for a library that works on them itself. */
export const connectionsOf = ({ driver }: DataSource): Pool => (driver as PostgresDriver).master as Pool
