import type { ClientBase } from 'pg'
import type { DataSource } from 'typeorm'

/** Whatever can be asked in SQL: a `Database`, or less of it where nothing more is known of the database yet. */
export interface Queryable {
  /** Rows come back as PostgreSQL names them. */
  query<Row>(sql: string, parameters?: unknown[]): Promise<Row[]>
}

export const queryableClient = (client: ClientBase): Queryable => ({
  query: async <Row>(sql: string, parameters?: unknown[]) =>
    (await client.query(sql, parameters)).rows as Row[],
})

export const queryableSource = (source: DataSource): Queryable => ({
  query: <Row>(sql: string, parameters?: unknown[]) => source.query<Row[]>(sql, parameters),
})
