import type DataLoader from 'dataloader'
import type { Database } from '../db/database'
import type { LoaderDefinition } from './loader'

/**
 * Loaders of many contexts that see the same, such as those of strangers who are told of one event: what they ask for at about the same
 * time is one question. Nothing is remembered: who asks once the question is under way asks another one.
 */
export class SharedLoaders {
  private readonly open = new Map<LoaderDefinition<never, unknown>, DataLoader<never, unknown>>()

  /** The loader to ask; null for one that cannot be shared. `db` is on behalf of somebody who sees what all of them see. */
  of<Key, Value>(definition: LoaderDefinition<Key, Value>, db: Database): DataLoader<Key, Value> | null {
    const known = this.open.get(definition)
    if (known) return known as unknown as DataLoader<Key, Value>
    const made = definition.scheduled?.(db, (ask) => {
      setImmediate(() => {
        this.open.delete(definition)
        ask()
      })
    })
    if (!made) return null
    this.open.set(definition, made)
    return made
  }
}
