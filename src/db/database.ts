import type { EntityManager, EntityTarget, ObjectLiteral, Repository } from 'typeorm'
import { system, type Caller } from '../core/caller'
import type { Clock } from '../core/clock'
import { Codec } from './codec'
import { isRetryable, translated } from './database-error'
import type { Tools } from './tools'

type Effect = () => void | Promise<void>

/** One transaction, as all handles inside it see it. */
interface Transaction {
  effects: Effect[]
  ended: boolean
}

const MAX_ATTEMPTS = 5

/**
 * The handle through which services and repositories reach PostgreSQL. Outside a transaction each statement stands alone;
 * inside one the handle *is* the transaction: whoever can see it takes part in it, and nothing is ambient.
 */
export class Database {
  readonly codec: Codec

  private constructor(
    readonly tools: Tools,
    private readonly manager: EntityManager,
    /** On whose behalf this handle acts; the trail and the rows' visibility depend on it. */
    readonly caller: Caller,
    private readonly open: Transaction | null,
  ) {
    this.codec = new Codec(this, tools.keyring)
  }

  static of(tools: Tools): Database {
    return new Database(tools, tools.source.manager, system, null)
  }

  get clock(): Clock {
    return this.tools.clock
  }

  get now(): Date {
    return this.tools.clock.now()
  }

  /** The same database on behalf of somebody else. */
  as(caller: Caller): Database {
    return new Database(this.tools, this.manager, caller, this.open)
  }

  repo<Entity extends ObjectLiteral>(entity: EntityTarget<Entity>): Repository<Entity> {
    this.assertOpen()
    return this.manager.getRepository(entity)
  }

  /** For the questions that a query builder cannot ask. Rows come back as PostgreSQL names them. */
  async query<Row = Record<string, unknown>>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    this.assertOpen()
    return translated(() => this.manager.query<Row[]>(sql, parameters))
  }

  /**
   * Runs `work` in one transaction; a handle that is already inside one joins it. Where PostgreSQL gives up a transaction
   * to resolve a deadlock or a serialization conflict, the work is run again, so it must have no effects besides `tx`.
   */
  async transaction<Result>(work: (tx: Database) => Promise<Result>): Promise<Result> {
    this.assertOpen()
    if (this.open) return work(this)
    for (let attempt = 1; ; attempt++) {
      const open: Transaction = { effects: [], ended: false }
      try {
        const result = await translated(() =>
          this.tools.source.transaction(async (manager) => {
            const tx = new Database(this.tools, manager, this.caller, open)
            try {
              return await work(tx)
            } finally {
              open.ended = true
            }
          }),
        )
        await this.runEffects(open.effects)
        return result
      } catch (error) {
        if (attempt >= MAX_ATTEMPTS || !isRetryable(error)) throw error
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * 2 ** attempt))
      }
    }
  }

  /** Runs `effect` once the transaction has committed, and never if it does not; at once outside a transaction. */
  afterCommit(effect: Effect): void {
    this.assertOpen()
    if (this.open) this.open.effects.push(effect)
    else void this.runEffects([effect])
  }

  /** Tells every process, this one included, at commit. See `PubSub`. */
  async notify(topic: string, message: Record<string, unknown>): Promise<void> {
    await this.query('SELECT pg_notify($1, $2)', ['portico', JSON.stringify({ topic, message })])
  }

  private async runEffects(effects: Effect[]): Promise<void> {
    for (const effect of effects) {
      try {
        await effect()
      } catch (error) {
        this.tools.onEffectError(error)
      }
    }
  }

  private assertOpen(): void {
    if (this.open?.ended) throw new Error('This transaction has ended; its handle must not be kept.')
  }
}
