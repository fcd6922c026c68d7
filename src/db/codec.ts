import type { EntityMetadata } from 'typeorm'
import { classificationOf } from '../core/personal-data'
import type { Id } from '../core/id'
import { generateDataKey, open, seal } from '../crypto/cipher'
import type { Keyring } from '../crypto/keyring'

/** Where an encrypted value stands: the row it belongs to and the person whose key it is under. */
export interface Place {
  id: Id
  ownerId: Id
}

/** What the codec needs of the database handle that it serves. */
interface Handle {
  readonly now: Date
  query<Row>(sql: string, parameters: unknown[]): Promise<Row[]>
  repo(entity: new () => object): { metadata: EntityMetadata }
}

/**
 * The one way in and out of encrypted columns, for entities and raw rows alike. A ciphertext is bound to its table,
 * column, row and owner, so that one moved elsewhere does not open.
 */
export class Codec {
  /** Unwrapped keys of this handle's lifetime: a request or a transaction, so that a destroyed key is never outlived. */
  private readonly keys = new Map<Id, Buffer>()

  constructor(
    private readonly db: Handle,
    private readonly keyring: Keyring,
  ) {}

  /** Encrypts a column's value for its owner, whose data key is made on first use. Call it inside the transaction that writes the row. */
  async seal(entity: Function, property: string, place: Place, text: string): Promise<Buffer> {
    return seal(await this.keyFor(place.ownerId), text, this.binding(entity, property, place))
  }

  /**
   * Decrypts one column of many rows with one look-up of keys. Null stands for an empty column, and for one whose owner's
   * key is gone: an erased person's data reads as if it had never been there.
   * @throws TamperedError when a value was changed or moved.
   */
  async open<Row extends Place>(
    entity: Function,
    property: string,
    rows: readonly Row[],
    valueOf: (row: Row) => Buffer | null,
  ): Promise<(string | null)[]> {
    await this.loadKeys(rows.filter((row) => valueOf(row) !== null).map((row) => row.ownerId))
    return rows.map((row) => {
      const value = valueOf(row)
      const key = this.keys.get(row.ownerId)
      return value && key ? open(key, value, this.binding(entity, property, row)).toString('utf8') : null
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
    await this.loadKeys(missing)
  }

  private async keyFor(ownerId: Id): Promise<Buffer> {
    await this.makeKeys([ownerId])
    return this.keys.get(ownerId)!
  }

  private async loadKeys(ownerIds: readonly Id[]): Promise<void> {
    const missing = [...new Set(ownerIds)].filter((ownerId) => !this.keys.has(ownerId))
    if (missing.length === 0) return
    const rows = await this.db.query<{ owner_id: Id; wrapped: Buffer }>(
      'SELECT owner_id, wrapped FROM data_keys WHERE owner_id = ANY($1)',
      [missing],
    )
    for (const row of rows) this.keys.set(row.owner_id, this.keyring.unwrap(row.wrapped, row.owner_id))
  }

  private binding(entity: Function, property: string, place: Place): string {
    return `${this.column(entity, property)}:${place.id}:${place.ownerId}`
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
