import type { ClientBase } from 'pg'
import type { EntityManager, EntityTarget, ObjectLiteral, Repository } from 'typeorm'
import { system, type Caller } from '../core/caller'
import type { Clock } from '../core/clock'
import { Codec } from './codec'
import { isRetryable, translated } from './database-error'
import { JOB_SCHEMA } from './job-queue'
import type { Message } from './pub-sub'
import type { JobOptions, Payload, Task } from './task'
import type { Tools } from './tools'

type Effect = () => void | Promise<void>

/** What is done last with all that was gathered for it. */
type Last = (db: Database, items: readonly unknown[]) => Promise<void>

/** One transaction, as all handles inside it see it. */
interface Transaction {
  effects: Effect[]
  /** What is done just before the commit, in the order in which it was first asked for. */
  gathered: Map<Last, unknown[]>
  ended: boolean
  /** Whether work that joins can fail by itself, leaving the rest of the transaction as it was. */
  savepoints: boolean
  /** The one that it is a part of. */
  outer: Transaction | null
  /** Its parts, which end before it does. */
  parts: Promise<unknown>[]
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
   * Runs `work` in one transaction; a handle that is already inside one joins it. With `savepoints` work that joins and
   * fails takes only itself back; otherwise all of it goes. Where PostgreSQL gives work up to resolve a deadlock or a
   * serialization conflict, it is run again, so it must have no effects besides `tx`.
   */
  async transaction<Result>(
    work: (tx: Database) => Promise<Result>,
    { savepoints = false } = {},
  ): Promise<Result> {
    this.assertOpen()
    if (this.open && !this.open.savepoints) return work(this)
    const done = this.attempt(work, savepoints)
    this.open?.parts.push(done.catch(() => undefined))
    return done
  }

  /** Once, and again for as long as PostgreSQL gives it up. */
  private async attempt<Result>(
    work: (tx: Database) => Promise<Result>,
    savepoints: boolean,
  ): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      const open: Transaction = {
        effects: [],
        gathered: new Map(),
        ended: false,
        savepoints,
        outer: this.open,
        parts: [],
      }
      try {
        const result = await translated(() =>
          // TypeORM makes it a savepoint where the manager is in a transaction already.
          this.manager.transaction(async (manager) => {
            try {
              const tx = new Database(this.tools, manager, this.caller, open)
              const done = await work(tx)
              if (!this.open) for (const [last, items] of open.gathered) await last(tx, items)
              await assertCommittable(manager)
              return done
            } finally {
              open.ended = true
              // One that was given up while a part of it went on must not end inside that part's savepoint.
              await Promise.all(open.parts)
            }
          }),
        )
        if (this.open) {
          this.open.effects.push(...open.effects)
          for (const [last, items] of open.gathered) gather(this.open, last, ...items)
        } else await this.runEffects(open.effects)
        return result
      } catch (error) {
        if (attempt >= MAX_ATTEMPTS || !isRetryable(error)) throw error
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * 2 ** attempt))
      }
    }
  }

  /**
   * Hands this to `last` as the last thing before the transaction commits, with all else that it was to be handed until then: so what
   * many take turns for is held for a moment, and by all in one order. At once outside a transaction.
   */
  async lastly<Item>(
    last: (db: Database, items: readonly Item[]) => Promise<void>,
    item: Item,
  ): Promise<void> {
    this.assertOpen()
    if (this.open) gather(this.open, last as Last, item)
    else await last(this, [item])
  }

  /** Runs `effect` once the transaction has committed, and never if it does not; at once outside a transaction. */
  afterCommit(effect: Effect): void {
    this.assertOpen()
    if (this.open) this.open.effects.push(effect)
    else void this.runEffects([effect])
  }

  /** Tells every process, this one included, at commit. See `PubSub`. */
  async notify(topic: string, message: Message): Promise<void> {
    await this.query('SELECT pg_notify($1, $2)', ['portico', JSON.stringify({ topic, message })])
    const effect = () => this.tools.onNotified?.(topic, message)
    // Before all effects that take their time.
    if (this.open) this.open.effects.unshift(effect)
    else await this.runEffects([effect])
  }

  /**
   * Asks for a job in the background: it is begun after the commit, and never if the transaction is taken back. Whoever does
   * the same with the same `key` waits until this transaction has ended.
   */
  async enqueue<Told extends Payload>(
    { name, maxAttempts }: Task<Told>,
    payload: NoInfer<Told>,
    { key, runAt, maxAttempts: tries = maxAttempts }: JobOptions = {},
  ): Promise<void> {
    await this.query(
      `SELECT FROM ${JOB_SCHEMA}.add_job($1, $2::json, run_at => $3, max_attempts => $4, job_key => $5)`,
      [name, JSON.stringify(payload), runAt ?? null, tries, key === undefined ? null : `${name}:${key}`],
    )
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
    for (let open = this.open; open !== null; open = open.outer)
      if (open.ended) throw new Error('This transaction has ended; its handle must not be kept.')
  }
}

const gather = ({ gathered }: Transaction, last: Last, ...items: unknown[]): void => {
  gathered.set(last, [...(gathered.get(last) ?? []), ...items])
}

/** PostgreSQL answers COMMIT after a failed statement by rolling back, without an error that anybody would notice. */
async function assertCommittable(manager: EntityManager): Promise<void> {
  const client = (await manager.queryRunner!.connect()) as ClientBase & { readyForQuery: boolean }
  // The status follows the failure by a moment; a statement waits for it, and fails after one that has failed.
  if (!client.readyForQuery) await manager.query('SELECT')
  if (client.getTransactionStatus() !== 'E') return
  throw new Error(
    'A statement of this transaction failed and the error was swallowed, so nothing can be committed.',
  )
}
