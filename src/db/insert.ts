import type { ObjectLiteral } from 'typeorm'
import type { Database } from './database'

/**
 * Adds rows to an entity's table in one statement, whose text is the same for one row and for a thousand, so that it is
 * prepared once.
 * @throws Rejected where a violated constraint has a meaning; then none of them was added.
 */
export async function insertRows<Entity extends ObjectLiteral>(
  db: Database,
  entity: new () => Entity,
  rows: readonly Entity[],
): Promise<void> {
  if (rows.length === 0) return
  const { tableName, columns: all } = db.repo(entity).metadata
  // What PostgreSQL says itself is not given.
  const columns = all.filter(({ isInsert }) => isInsert)
  if (columns.some(({ isArray }) => isArray))
    throw new Error(`${tableName} has an array column, which unnest would flatten.`)
  const names = columns.map(({ databaseName }) => databaseName)
  const given = columns.map(({ type }, index) => `$${index + 1}::${type as string}[]`)
  await db.query(
    `INSERT INTO ${tableName} (${names.join(', ')}) SELECT * FROM unnest(${given.join(', ')})`,
    columns.map(({ propertyName, type }) =>
      rows.map((row) => {
        const value: unknown = row[propertyName]
        // The driver would write an object as JSON, but a text unquoted.
        return type === 'jsonb' ? JSON.stringify(value) : value
      }),
    ),
  )
}
