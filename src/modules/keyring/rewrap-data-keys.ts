import { setTimeout as sleep } from 'node:timers/promises'
import type { Id } from '../../core/id'
import { SECOND } from '../../core/clock'
import { TamperedError } from '../../crypto/cipher'
import type { Keyring } from '../../crypto/keyring'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { DataKeyRepository, type WrappedKey } from './data-key.repository'

/** So many data keys are wrapped anew in one transaction, which takes some hundredths of a second. */
const BATCH = 500

/** How long it waits for data keys that somebody else holds, in milliseconds: longer than any request lives. */
const PATIENCE = 30 * SECOND
const PAUSE = SECOND / 5

export interface RewrapOptions {
  /** Whose active key wraps them from then on. */
  keyring: Keyring
  onProgress?: (done: number, total: number) => void
  signal?: AbortSignal
}

export interface Rewrapped {
  /** The keys that wrapped them before. */
  from: string[]
  /** How many were wrapped anew. */
  count: number
  /** How many do not open, because they are damaged; they were left as they are. */
  damaged: number
  /** How many somebody else has held all the while. */
  left: number
}

/**
 * Wraps every data key anew that is not under the active key, beside whatever else goes on: in small transactions, each of which
 * stands by itself, so that a run that was cut off is gone on with by the next. What is encrypted under the data keys stays as it is.
 */
export async function rewrapDataKeys(db: Database, options: RewrapOptions): Promise<Rewrapped> {
  const run = new Run(db, options)
  try {
    return await run.all()
  } finally {
    if (run.count > 0) await run.record()
  }
}

class Run {
  count = 0
  private from: string[] = []
  private total = 0
  private readonly damaged = new Set<Id>()

  constructor(
    private readonly db: Database,
    private readonly options: RewrapOptions,
  ) {}

  async all(): Promise<Rewrapped> {
    const keys = new DataKeyRepository(this.db)
    const { activeKeyId } = this.options.keyring
    this.from = (await keys.wrappingKeys()).filter((id) => id !== activeKeyId)
    this.total = await keys.count(this.from)
    this.report()
    for (const end = performance.now() + PATIENCE; ; await sleep(PAUSE)) {
      for (const id of this.from) await this.pass(id)
      const left = Math.max(0, (await keys.count(this.from)) - this.damaged.size)
      if (left === 0 || performance.now() > end)
        return { from: this.from, count: this.count, damaged: this.damaged.size, left }
    }
  }

  /** Once through all that a key wraps. */
  private async pass(wrappingKeyId: string): Promise<void> {
    let after: Id | null = null
    do {
      this.options.signal?.throwIfAborted()
      after = await this.batch(wrappingKeyId, after)
      this.report()
    } while (after !== null)
  }

  /** Returns the last owner; null where there is nobody more. */
  private async batch(wrappingKeyId: string, after: Id | null): Promise<Id | null> {
    const { held, anew } = await this.db.transaction(async (tx) => {
      const keys = new DataKeyRepository(tx)
      const held = await keys.hold(wrappingKeyId, after, BATCH)
      const anew = held.flatMap((key) => this.wrapAnew(key))
      await keys.rewrap(anew)
      return { held, anew }
    })
    this.count += anew.length
    return held.at(-1)?.ownerId ?? null
  }

  private wrapAnew({ ownerId, wrapped }: WrappedKey): WrappedKey[] {
    const { keyring } = this.options
    try {
      return [{ ownerId, wrapped: keyring.wrap(keyring.unwrap(wrapped, ownerId), ownerId) }]
    } catch (error) {
      if (!(error instanceof TamperedError)) throw error
      this.damaged.add(ownerId)
      return []
    }
  }

  private report(): void {
    this.options.onProgress?.(this.count, Math.max(this.total, this.count))
  }

  async record(): Promise<void> {
    const details = { from: this.from, to: this.options.keyring.activeKeyId, count: this.count }
    await this.db.transaction((tx) => new AuditService(tx).record('keys.rotated', { details }))
  }
}
