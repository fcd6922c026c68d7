import type DataLoader from 'dataloader'
import type { Viewer } from '../core/viewer'
import type { Database } from '../db/database'
import type { LoaderDefinition } from './loader'

type Loaders = Map<LoaderDefinition<never, unknown>, DataLoader<never, unknown>>

/**
 * Loaders of many contexts that see the same, such as those of strangers who are told of one event: what they ask for at about the same
 * time is one question. Nothing is remembered: who asks once the question is under way asks another one.
 */
export class SharedLoaders {
  private readonly open = new Map<Viewer, Loaders>()

  /** The loader to ask; null for one that cannot be shared. `db` is on behalf of somebody who sees what all of them see. */
  of<Key, Value>(definition: LoaderDefinition<Key, Value>, db: Database): DataLoader<Key, Value> | null {
    const loaders = this.loadersOf(db.caller.viewer)
    const known = loaders.get(definition)
    if (known) return known as unknown as DataLoader<Key, Value>
    const made = definition.scheduled?.(db, (ask) => {
      setImmediate(() => {
        loaders.delete(definition)
        ask()
      })
    })
    if (!made) return null
    loaders.set(definition, made)
    return made
  }

  private loadersOf(viewer: Viewer): Loaders {
    const known = this.open.get(viewer)
    if (known) return known
    const made: Loaders = new Map()
    this.open.set(viewer, made)
    return made
  }
}
