import type { EntityMetadata } from 'typeorm'
import { classificationOf } from '../core/personal-data'
import type { Id } from '../core/id'
import { generateDataKey, open, seal, TamperedError } from '../crypto/cipher'
import { KEY_TABLE } from './data-key.entity'
import type { Keyring } from '../crypto/keyring'
import type { Queryable } from './queryable'
import { sameBytes } from '../crypto/token'

/** Where an encrypted value stands: the row it belongs to and the person whose key it is under. */
export interface Place {
  id: Id
  ownerId: Id
}

/** What the codec needs of the database handle that it serves. */
interface Handle extends Queryable {
  readonly now: Date
  repo(entity: new () => object): { metadata: EntityMetadata }
}

/** Destroys the data key of an owner (`$1`) at a moment (`$2`); see `Codec.destroyKey`. */
export const DESTROY_KEY = `
  INSERT INTO ${KEY_TABLE} (owner_id, wrapped, created_at, destroyed_at) VALUES ($1, NULL, $2, $2)
  ON CONFLICT (owner_id) DO UPDATE SET wrapped = NULL, destroyed_at = coalesce(${KEY_TABLE}.destroyed_at, $2)`

/** Nothing can be encrypted for this owner any more: their data key was destroyed, and no other takes its place. */
export class DataKeyDestroyedError extends Error {
  override readonly name = 'DataKeyDestroyedError'
  constructor() {
    super('The data key of this owner was destroyed.')
  }
}

/**
 * The one way in and out of encrypted columns, for entities and raw rows alike. A ciphertext is bound to its table,
 * column, row and owner, so that one moved elsewhere does not open.
 */
export class Codec {
  /** Unwrapped keys of this handle's lifetime: a request or a transaction, so that a destroyed key is never outlived. Null for one. */
  private readonly keys = new Map<Id, Buffer | null>()
  /** The look-ups that are under way, by owner: who needs the same key meanwhile waits for the same answer. */
  private readonly underWay = new Map<Id, Promise<void>>()

  constructor(
    private readonly db: Handle,
    private readonly keyring: Keyring,
  ) {}

  /**
   * Encrypts a column's value for its owner, whose data key is made on first use. Call it inside the transaction that writes the row.
   * @throws DataKeyDestroyedError
   */
  async seal(entity: Function, property: string, place: Place, text: string): Promise<Buffer> {
    const sealed = await this.sealUnlessDestroyed(entity, property, place, text)
    if (sealed === null) throw new DataKeyDestroyedError()
    return sealed
  }

  /** Like `seal`, for what can do without: null where the owner's key was destroyed. */
  async sealUnlessDestroyed(
    entity: Function,
    property: string,
    place: Place,
    text: string,
  ): Promise<Buffer | null> {
    const binding = this.binding(entity, property, place)
    await this.makeKeys([place.ownerId])
    const key = this.keys.get(place.ownerId)
    return key ? seal(key, text, binding) : null
  }

  /**
   * Decrypts one column of many rows with one look-up of keys. Null stands for an empty column, and for one whose owner's
   * key is gone: an erased person's data reads as if it had never been there.
   * @param indexOf the blind index beside the value, where the column has one: an older value of the same row, put back, is
   * noticed by it alone.
   * @throws TamperedError when a value was changed or moved.
   */
  async open<Row extends Place>(
    entity: Function,
    property: string,
    rows: readonly Row[],
    valueOf: (row: Row) => Buffer | null,
    indexOf?: (row: Row) => Buffer,
  ): Promise<(string | null)[]> {
    const opened = await this.openEach(entity, property, rows, valueOf, indexOf)
    for (const text of opened) if (text instanceof TamperedError) throw text
    return opened as (string | null)[]
  }

  /** Like `open`, with the error in the place of the value that does not open, so that others can be shown. */
  async openEach<Row extends Place>(
    entity: Function,
    property: string,
    rows: readonly Row[],
    valueOf: (row: Row) => Buffer | null,
    indexOf?: (row: Row) => Buffer,
  ): Promise<(string | null | TamperedError)[]> {
    const column = this.column(entity, property)
    if (this.hasIndex(entity, property) !== (indexOf !== undefined))
      throw new Error(`${column} is opened with its index.`)
    await this.loadKeys(rows.filter((row) => valueOf(row) !== null).map((row) => row.ownerId))
    return rows.map((row) => {
      const value = valueOf(row)
      const key = this.keys.get(row.ownerId)
      if (!value || !key) return null
      try {
        const text = open(key, value, bindingOf(column, row)).toString('utf8')
        if (indexOf && !sameBytes(this.keyring.blindIndex(column, text), indexOf(row)))
          throw new TamperedError()
        return text
      } catch (error) {
        if (error instanceof TamperedError) return error
        throw error
      }
    })
  }

  /** The keyed hash under which an encrypted column's value can be found again. */
  blindIndex(entity: Function, property: string, text: string): Buffer {
    return this.keyring.blindIndex(this.column(entity, property), text)
  }

  /** Makes the data keys of those owners who have none yet, with three statements however many they are. */
  async makeKeys(ownerIds: readonly Id[]): Promise<void> {
    await this.loadKeys(ownerIds)
    // In one order always, two that make the same keys at once wait for each other; in different ones they would deadlock.
    const missing = [...new Set(ownerIds)].filter((ownerId) => !this.keys.has(ownerId)).sort()
    if (missing.length === 0) return
    const made = missing.map(generateDataKey)
    const stored = await this.db.query<{ owner_id: Id }>(
      `INSERT INTO data_keys (owner_id, wrapped, created_at)
       SELECT owner_id, wrapped, $3 FROM unnest($1::uuid[], $2::bytea[]) AS made (owner_id, wrapped)
       ON CONFLICT (owner_id) DO NOTHING RETURNING owner_id`,
      [missing, missing.map((ownerId, index) => this.keyring.wrap(made[index]!, ownerId)), this.db.now],
    )
    const isStored = new Set(stored.map((row) => row.owner_id))
    missing.forEach((ownerId, index) => isStored.has(ownerId) && this.keys.set(ownerId, made[index]!))
    // Another transaction may have been first; the stored key is the one that counts.
    await this.lookUp(missing.filter((ownerId) => !isStored.has(ownerId)))
  }

  /**
   * Destroys an owner's data key for good: what is encrypted under it reads as null from the commit on, and no key can be made
   * for them again. Call it inside the transaction that erases them. PostgreSQL keeps the wrapped bytes of before on its pages until
   * it has vacuumed them, and in its write-ahead log; the next backup replaces those in the file of keys.
   */
  async destroyKey(ownerId: Id): Promise<void> {
    await this.db.query(DESTROY_KEY, [ownerId, this.db.now])
    this.keys.set(ownerId, null)
  }

  private async loadKeys(ownerIds: readonly Id[]): Promise<void> {
    const missing = [...new Set(ownerIds)].filter((ownerId) => !this.keys.has(ownerId))
    const unasked = missing.filter((ownerId) => !this.underWay.has(ownerId))
    if (unasked.length > 0) {
      const asked = this.lookUp(unasked).finally(() => {
        for (const ownerId of unasked) this.underWay.delete(ownerId)
      })
      for (const ownerId of unasked) this.underWay.set(ownerId, asked)
    }
    await Promise.all(missing.map((ownerId) => this.underWay.get(ownerId)!))
  }

  private async lookUp(ownerIds: readonly Id[]): Promise<void> {
    if (ownerIds.length === 0) return
    const rows = await this.db.query<{ owner_id: Id; wrapped: Buffer | null }>(
      'SELECT owner_id, wrapped FROM data_keys WHERE owner_id = ANY($1)',
      [ownerIds],
    )
    for (const { owner_id: ownerId, wrapped } of rows)
      this.keys.set(ownerId, wrapped && this.keyring.unwrap(wrapped, ownerId))
  }

  private binding(entity: Function, property: string, place: Place): string {
    return bindingOf(this.column(entity, property), place)
  }

  private hasIndex(entity: Function, property: string): boolean {
    const classification = classificationOf(entity, property)
    return typeof classification === 'object' && classification.lookup === true
  }

  private column(entity: Function, property: string): string {
    const classification = classificationOf(entity, property)
    if (classification === undefined || classification === 'not-personal' || !classification.encrypted) {
      throw new Error(`${entity.name}.${property} is not declared as @Personal({ encrypted: true }).`)
    }
    const metadata = this.db.repo(entity as new () => object).metadata
    const column = metadata.findColumnWithPropertyName(property)
    return `${metadata.tableName}.${column!.databaseName}`
  }
}

const bindingOf = (column: string, { id, ownerId }: Place): string => `${column}:${id}:${ownerId}`
