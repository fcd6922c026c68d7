import DataLoader from 'dataloader'
import type { Viewer } from '../core/viewer'
import type { Database } from '../db/database'

/** Has a loader ask at some moment for all that it was asked for until then. */
type Schedule = (ask: () => void) => void

/** How a kind of value is fetched for many keys at once; `Context.load` makes one loader of it per request. */
export interface LoaderDefinition<Key, Value> {
  (db: Database): DataLoader<Key, Value>
  /** The same, that asks when it is told to; not there for loaders that were not made by `defineLoader`. */
  scheduled?: (db: Database, schedule: Schedule) => DataLoader<Key, Value>
  /**
   * Whether this viewer sees of a value what was found in the place of any member or stranger (`likeWhom`), so that many who are told of
   * an event look it up once. It answers false where anything of it depends on who they are; then they ask for themselves.
   */
  isCommon?(value: NonNullable<Value>, viewer: Viewer, load: Load): boolean | Promise<boolean>
}

type Load = <Key, Value>(definition: LoaderDefinition<Key, Value>, key: Key) => Promise<Value>

export type IsCommon<Value> = NonNullable<LoaderDefinition<never, Value>['isCommon']>

/**
 * Defines a loader by what it answers for a batch of keys: a map from key to value, in any order. Keys that the map
 * leaves out load as `missing`, and those that it gives an error fail alone.
 */
export function defineLoader<Key extends string, Value, Missing = null>(
  batch: (db: Database, keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value | Error>>,
  missing: Missing = null as Missing,
  isCommon?: IsCommon<Value | Missing>,
): LoaderDefinition<Key, Value | Missing> {
  const load = (db: Database) => async (keys: readonly Key[]) => {
    const values = await batch(db, keys)
    return keys.map((key) => values.get(key) ?? missing)
  }
  return Object.assign((db: Database) => new DataLoader<Key, Value | Missing>(load(db)), {
    scheduled: (db: Database, batchScheduleFn: Schedule) =>
      new DataLoader<Key, Value | Missing>(load(db), { batchScheduleFn }),
    isCommon,
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
