import type DataLoader from 'dataloader'
import type { Caller } from '../core/caller'
import type { Clock } from '../core/clock'
import { anonymous, likeWhom, type Viewer } from '../core/viewer'
import type { Database } from '../db/database'
import type { PubSub } from '../db/pub-sub'
import type { LoaderDefinition } from './loader'
import { Reads } from './reads'
import type { SharedLoaders } from './shared-loaders'

type ServiceClass<Service> = new (db: Database) => Service

/** What the log and the metrics learn of an operation. */
export interface OperationFacts {
  name: string | null
  kind: string | null
  /** The first field that it asks for; null for one that does not fit the schema. */
  field: string | null
  cost: number | null
  errorCodes: string[]
}

/** What the answer to one request needs besides its data. The server fills it in; resolvers of credentials write to it. */
export interface Exchange {
  /** Set by sign-in, re-authentication and sign-out where the client asked for a cookie: the token, or null to clear it. */
  cookie?: { token: string | null; expiresAt: Date | null }
  /** Asks the database anew who the viewer is, where the server answered that from memory. */
  readonly identify?: () => Promise<Viewer>
  /** The `Idempotency-Key` header. */
  readonly idempotencyKey: string | null
  /** What the log learns of the operation. */
  operation?: OperationFacts
}

/** Everything that one request may use. Made once per request; services and loaders come into being when first asked for. */
export class Context {
  /** The fields that the policy refused, for one audit event at the end of the request. */
  readonly refusals = new Set<string>()
  /** What the policy let through because of a permission over somebody else. */
  readonly reads = new Reads()
  /** How often it refused one. */
  refusalCount = 0
  private readonly services = new Map<ServiceClass<unknown>, unknown>()
  private readonly loaders = new Map<LoaderDefinition<never, unknown>, DataLoader<never, unknown>>()
  private shared: SharedLoaders | null = null

  constructor(
    private database: Database,
    readonly pubSub: PubSub,
    readonly exchange: Exchange,
  ) {}

  get db(): Database {
    return this.database
  }

  get caller(): Caller {
    return this.db.caller
  }

  get viewer(): Viewer {
    return this.db.caller.viewer
  }

  /**
   * The database on behalf of nobody. Whoever signs up or in is nobody yet, whatever session the request carries: its holder is
   * not the actor, and must not learn from their own trail to whom a login belongs.
   */
  asStranger(): Database {
    return this.db.as({ ...this.caller, viewer: anonymous })
  }

  get clock(): Clock {
    return this.db.clock
  }

  /** Goes on as somebody else, such as one who has just signed in; nothing that was built for the one before is kept. */
  become(viewer: Viewer): void {
    this.goOnWith(this.database.as({ ...this.caller, viewer }))
  }

  /** Makes sure that the viewer is who they are at this moment, not a second ago: whoever changes something has to be. */
  async identify(): Promise<void> {
    if (this.exchange.identify) this.become(await this.exchange.identify())
  }

  /** Runs `work` with everything of this request inside a transaction. */
  async within<Result>(tx: Database, work: () => Promise<Result>): Promise<Result> {
    const outside = this.database
    this.goOnWith(tx)
    try {
      return await work()
    } finally {
      // Somebody may have signed in meanwhile, and stays so.
      this.goOnWith(outside.as(this.caller))
    }
  }

  /** The service, built from this request's database. */
  use<Service>(service: ServiceClass<Service>): Service {
    const known = this.services.get(service)
    if (known) return known as Service
    const made = new service(this.db)
    this.services.set(service, made)
    return made
  }

  /** One value of a loader; all that are asked for in the same tick are fetched with one call. */
  load<Key, Value>(definition: LoaderDefinition<Key, Value>, key: Key): Promise<Value> {
    const shared = this.sharedLoader(definition)
    if (!shared) return this.loader(definition).load(key)
    return this.viewer === anonymous ? shared.load(key) : this.loadCommon(definition, key, shared)
  }

  /** Asks together with others who see the same, as far as what is found does not depend on who of them asks. */
  sharing(loaders: SharedLoaders): this {
    this.shared = loaders
    return this
  }

  /** Forgets a loaded value after a change to it, so that the rest of the request sees the new one. */
  forget<Key, Value>(definition: LoaderDefinition<Key, Value>, key: Key): void {
    this.loader(definition).clear(key)
  }

  private goOnWith(database: Database): void {
    this.database = database
    this.services.clear()
    this.loaders.clear()
  }

  /** One that asks in the place of all who are like the viewer; null where there is none, or nothing that it finds would be common. */
  private sharedLoader<Key, Value>(definition: LoaderDefinition<Key, Value>): DataLoader<Key, Value> | null {
    const likeViewer = this.shared && likeWhom(this.viewer)
    if (!likeViewer || (this.viewer !== anonymous && !definition.isCommon)) return null
    return this.shared!.of(definition, this.db.as({ ...this.caller, viewer: likeViewer }))
  }

  private async loadCommon<Key, Value>(
    definition: LoaderDefinition<Key, Value>,
    key: Key,
    shared: DataLoader<Key, Value>,
  ): Promise<Value> {
    const value = await shared.load(key)
    const isCommon =
      value != null && (await definition.isCommon!(value, this.viewer, (other, its) => this.load(other, its)))
    return isCommon ? value : this.loader(definition).load(key)
  }

  private loader<Key, Value>(definition: LoaderDefinition<Key, Value>): DataLoader<Key, Value> {
    const known = this.loaders.get(definition)
    if (known) return known as unknown as DataLoader<Key, Value>
    const made = definition(this.db)
    this.loaders.set(definition, made)
    return made
  }
}
