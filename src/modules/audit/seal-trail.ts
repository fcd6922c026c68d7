import type { ClientBase } from 'pg'
import type { Keyring } from '../../crypto/keyring'
import { connected } from '../../db/connection'
import { lastHead, LARGEST_SEAL, LONGEST_TRANSACTION, rootOf, signed, VERSION, type Seal } from './seal'
import { asText, digestRows, nameOf, TRAILS, type DigestedRow, type RowKey } from './trail-row'
import { LOCKS } from '../../db/locks'

export interface SealOptions {
  /** The database, as a role that may read the trail and add seals. */
  url: string
  keyring: Keyring
  /** The moment, by the clock that dates the trail. */
  now: Date
  signal?: AbortSignal
}

/**
 * Seals what is not sealed yet, `LARGEST_SEAL` rows in a transaction, and returns how many rows that were. It takes no lock that
 * a writer wants; of two that seal at once, one does and the other returns.
 */
export const sealTrail = async ({ url, keyring, now, signal }: SealOptions): Promise<number> =>
  connected(url, async (client) => {
    let sealed = 0
    for (let previous: RowKey | undefined; ;) {
      signal?.throwIfAborted()
      await client.query('BEGIN')
      const keys = await sealSome(client, keyring, now, previous)
      await client.query('COMMIT')
      sealed += keys.length
      previous = keys.at(-1)
      if (keys.length < LARGEST_SEAL) return sealed
    }
  })

/**
 * Seals the oldest of what is not sealed, and returns it. What has come up behind `previous`, the last of the seal before, is left
 * to the next run, which looks back from when this one began.
 */
async function sealSome(
  client: ClientBase,
  keyring: Keyring,
  now: Date,
  previous: RowKey | undefined,
): Promise<RowKey[]> {
  const { rows: locks } = await client.query<{ isOurs: boolean }>(
    'SELECT pg_try_advisory_xact_lock($1) AS "isOurs"',
    [LOCKS.seal],
  )
  if (!locks[0]!.isOurs) return []
  const last = await lastHead(client)
  const keys = previous
    ? await unsealed(client, previous.occurredAt, 0)
    : await unsealed(client, last.completeUntil, LONGEST_TRANSACTION)
  if (keys.length === 0) return []
  const rows = await digested(client, keys)
  const seal = signed(
    {
      number: last.number + 1,
      version: VERSION,
      firstPosition: last.nextPosition,
      count: rows.length,
      root: rootOf(rows),
      previous: last.hash,
      ...(await momentsOf(client, now, keys, last.completeUntil)),
    },
    keyring.signingKeys[0],
  )
  await add(client, seal, rows)
  return keys
}

/** The oldest rows without an entry, from so many milliseconds before a moment on. */
async function unsealed(client: ClientBase, moment: string, before: number): Promise<RowKey[]> {
  const rows = TRAILS.map(
    (trail) => `SELECT '${trail}' AS trail, id, occurred_at FROM public.${trail}
       WHERE occurred_at >= $1::timestamptz - $2 * interval '1 millisecond'`,
  )
  const { rows: keys } = await client.query<RowKey>(
    `SELECT trail, id, ${asText('occurred_at')} AS "occurredAt" FROM (${rows.join(' UNION ALL ')}) present
     WHERE NOT EXISTS (
       SELECT FROM public.audit_seal_entries sealed
       WHERE sealed.occurred_at = present.occurred_at AND sealed.row_id = present.id AND sealed.trail = present.trail
     )
     ORDER BY present.occurred_at, id, trail LIMIT ${LARGEST_SEAL}`,
    [moment, before],
  )
  return keys
}

/** The rows of these keys in their order. Nobody can have taken one away since it was seen: nobody may. */
async function digested(client: ClientBase, keys: readonly RowKey[]): Promise<DigestedRow[]> {
  const span = { from: keys[0]!.occurredAt, to: keys.at(-1)!.occurredAt }
  const found = new Map<string, DigestedRow>()
  for (const trail of TRAILS) {
    const ids = keys.filter((key) => key.trail === trail).map(({ id }) => id)
    for (const row of await digestRows(client, trail, ids, span)) found.set(nameOf(row), row)
  }
  return keys.map((key) => found.get(nameOf(key))!)
}

/**
 * When it was sealed, and until when the trail is complete with it: until the run began where nothing was left over, else until the last
 * row, for they come in order.
 */
async function momentsOf(
  client: ClientBase,
  now: Date,
  keys: readonly RowKey[],
  before: string,
): Promise<Pick<Seal, 'sealedAt' | 'completeUntil'>> {
  const end = keys.length < LARGEST_SEAL ? now : keys.at(-1)!.occurredAt
  const { rows } = await client.query<Pick<Seal, 'sealedAt' | 'completeUntil'>>(
    `SELECT ${asText('now')} AS "sealedAt", ${asText('greatest($3, least(now, $2))')} AS "completeUntil"
     FROM (SELECT $1::timestamptz AS now) clock`,
    [now, end, before],
  )
  return rows[0]!
}

async function add(client: ClientBase, seal: Seal, rows: readonly DigestedRow[]): Promise<void> {
  const { number, version, firstPosition, count, root, previous, sealedAt, completeUntil, keyId, signature } =
    seal
  await client.query(
    `INSERT INTO public.audit_seals
       (number, version, first_position, count, root, previous, sealed_at, complete_until, key_id, signature)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [number, version, firstPosition, count, root, previous, sealedAt, completeUntil, keyId, signature],
  )
  await client.query(
    `INSERT INTO public.audit_seal_entries (position, trail, row_id, occurred_at, digest)
     SELECT $1 + place - 1, trail, row_id, occurred_at, digest
     FROM unnest($2::text[], $3::uuid[], $4::timestamptz[], $5::bytea[]) WITH ORDINALITY
       AS row (trail, row_id, occurred_at, digest, place)`,
    [
      firstPosition,
      rows.map(({ trail }) => trail),
      rows.map(({ id }) => id),
      rows.map(({ occurredAt }) => occurredAt),
      rows.map(({ digest }) => digest),
    ],
  )
}
