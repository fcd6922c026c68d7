import { DataSource, type MixedList } from 'typeorm'
import { migrations } from '../../migrations/migrations'

export interface DataSourceOptions {
  url: string
  entities: MixedList<Function>
  /** Connections at most. */
  poolSize?: number
  /** PostgreSQL gives up a statement after this time (ms); 0 for never. */
  statementTimeout?: number
  applicationName?: string
}

/** A pool of connections to PostgreSQL. Nothing in it changes the schema; `migrate` does. */
export function createDataSource(options: DataSourceOptions): DataSource {
  return new DataSource({
    type: 'postgres',
    url: options.url,
    entities: options.entities,
    migrations,
    migrationsTableName: 'schema_migrations',
    migrationsTransactionMode: 'each',
    synchronize: false,
    logging: false,
    installExtensions: false,
    poolSize: options.poolSize ?? 20,
    applicationName: options.applicationName ?? 'portico',
    connectTimeoutMS: 2_000,
    extra: {
      keepAlive: true,
      idleTimeoutMillis: 30_000,
      statement_timeout: options.statementTimeout ?? 5_000,
      // PostgreSQL's own limit cannot fire when the network is gone; this one does.
      query_timeout: options.statementTimeout === 0 ? undefined : 8_000,
    },
  })
}
