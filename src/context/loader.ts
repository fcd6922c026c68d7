import DataLoader from 'dataloader'
import type { Database } from '../db/database'

/** How a kind of value is fetched for many keys at once; `Context.load` makes one loader of it per request. */
export type LoaderDefinition<Key, Value> = (db: Database) => DataLoader<Key, Value>

/**
 * Defines a loader by what it answers for a batch of keys: a map from key to value, in any order. Keys that the map
 * leaves out load as `missing`.
 */
export function defineLoader<Key extends string, Value, Missing = null>(
  batch: (db: Database, keys: readonly Key[]) => Promise<Map<Key, Value>>,
  missing: Missing = null as Missing,
): LoaderDefinition<Key, Value | Missing> {
  return (db) =>
    new DataLoader<Key, Value | Missing>(async (keys) => {
      const values = await batch(db, keys)
      return keys.map((key) => values.get(key) ?? missing)
    })
}

/** The rows as a map by one of their columns, as loaders answer them. */
export const keyed = <Row, Column extends keyof Row>(
  rows: readonly Row[],
  column: Column,
): Map<Row[Column], Row> => new Map(rows.map((row) => [row[column], row]))

/** The rows in groups by one of their columns. */
export function grouped<Row, Column extends keyof Row>(
  rows: readonly Row[],
  column: Column,
): Map<Row[Column], Row[]> {
  const groups = new Map<Row[Column], Row[]>()
  for (const row of rows) groups.set(row[column], [...(groups.get(row[column]) ?? []), row])
  return groups
}
