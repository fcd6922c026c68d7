import { createHash, sign, verify, type KeyObject } from 'node:crypto'
import type { ClientBase } from 'pg'
import { HOUR } from '../../core/clock'
import { MerkleTree } from '../../crypto/merkle-tree'
import type { SigningKey } from '../../crypto/signing-key'
import { asText, netstrings, type DigestedRow, type Trail } from './trail-row'

/*
 * A seal holds some rows of the trail, up to `LARGEST_SEAL`, in an order of its own: the root of a Merkle tree over them, the
 * hash of the seal before it, and a signature over both. Whoever owns the database and not the keyring can change a row, take one
 * away or put one in, but make no seal that says so; and whoever knows a seal knows everything before it.
 *
 * Which rows are sealed is written down row by row, and never concluded from a number or a moment: transactions commit in
 * another order than they began in, so that what is new can be older than what is sealed. Sealing looks an hour further back
 * than the last seal was complete and takes what it finds without an entry. No transaction of Portico's takes as long; what is
 * dated earlier and comes up nevertheless was put in afterwards, is not sealed, and is told by `verifyTrail`.
 * All of this is rows like any others, so that a restored backup goes on where it stood.
 */

/** How many rows one seal holds at most. */
export const LARGEST_SEAL = 4_096

/** Nothing is numbered higher: twice as far, numbers are not exact any more, and counting would not get on. */
export const HIGHEST_NUMBER = 2 ** 52

/** How much later than its date a row may appear, in milliseconds. */
export const LONGEST_TRANSACTION = HOUR

/** By which rules rows and seals are hashed. */
export const VERSION = 1

/** A seal as it is read and written. Moments are as PostgreSQL writes them in UTC. */
export interface Seal {
  number: number
  version: number
  firstPosition: number
  count: number
  root: Buffer
  previous: Buffer
  sealedAt: string
  completeUntil: string
  keyId: string
  signature: Buffer
}

export interface Entry extends DigestedRow {
  position: number
}

/** What the next seal goes on from. */
export interface Head {
  number: number
  nextPosition: number
  hash: Buffer
  completeUntil: string
}

/** What the first seal goes on from. */
export const BEGINNING: Head = {
  number: 0,
  nextPosition: 1,
  hash: Buffer.alloc(32),
  completeUntil: '1970-01-01 00:00:00+00',
}

/** The hash that the next seal repeats; with its number it is the head of the trail, which stands for all that is sealed. */
const hashOf = (seal: Seal): Buffer =>
  createHash('sha256').update(statementOf(seal)).update(seal.signature).digest()

export const headOf = (seal: Seal): Head => ({
  number: seal.number,
  nextPosition: seal.firstPosition + seal.count,
  hash: hashOf(seal),
  completeUntil: seal.completeUntil,
})

export function rootOf(entries: readonly DigestedRow[]): Buffer {
  const tree = new MerkleTree()
  for (const { trail, id, occurredAt, digest } of entries)
    tree.add(Buffer.from(netstrings([trail, id, occurredAt, digest.toString('hex')])))
  return tree.root
}

export function signed(seal: Omit<Seal, 'keyId' | 'signature'>, { id, privateKey }: SigningKey): Seal {
  const facts = { ...seal, keyId: id }
  return { ...facts, signature: sign('sha256', statementOf(facts), inJoseForm(privateKey)) }
}

export const isSignedBy = (seal: Seal, publicKey: KeyObject): boolean =>
  verify('sha256', statementOf(seal), inJoseForm(publicKey), seal.signature)

/** Both numbers of the signature side by side, as JWS has them (RFC 7518 §3.4). */
const inJoseForm = (key: KeyObject) => ({ key, dsaEncoding: 'ieee-p1363' as const })

/** What is signed. No token begins so, which the same keys sign. */
function statementOf(seal: Omit<Seal, 'signature'>): Buffer {
  const { number, version, firstPosition, count, root, previous, sealedAt, completeUntil, keyId } = seal
  const bytes = [root, previous].map((hash) => hash.toString('hex'))
  const facts = [number, version, firstPosition, count, ...bytes, sealedAt, completeUntil, keyId]
  return Buffer.from(netstrings(['portico audit seal', ...facts.map(String)]))
}

/** What the next seal will go on from. */
export async function lastHead(client: ClientBase): Promise<Head> {
  const { rows } = await client.query<{ number: string }>(
    'SELECT number FROM public.audit_seals WHERE number BETWEEN 1 AND $1 ORDER BY number DESC LIMIT 1',
    [HIGHEST_NUMBER],
  )
  if (rows.length === 0) return BEGINNING
  return headOf((await sealsAfter(client, Number(rows[0]!.number) - 1, 1))[0]!)
}

/** A head as it is told, which stands for everything that is sealed; null where nothing is. */
export const headText = ({ number, hash }: Head): string | null =>
  number === BEGINNING.number ? null : `${number}:${hash.toString('hex')}`

/** Seals after this number, in their order; none whose number cannot be one. */
export async function sealsAfter(client: ClientBase, number: number, limit: number): Promise<Seal[]> {
  const { rows } = await client.query<
    Omit<Seal, 'number' | 'firstPosition'> & { number: string; firstPosition: string }
  >(
    `SELECT number, version, first_position AS "firstPosition", count, root, previous, ${asText('sealed_at')} AS "sealedAt",
       ${asText('complete_until')} AS "completeUntil", key_id AS "keyId", signature
     FROM public.audit_seals WHERE number > $1 AND number <= $3 ORDER BY number LIMIT $2`,
    [number, limit, HIGHEST_NUMBER],
  )
  return rows.map((row) => ({
    ...row,
    number: Number(row.number),
    firstPosition: Number(row.firstPosition),
  }))
}

/** Entries from a position on and before another, in their order. */
export async function entriesBetween(client: ClientBase, from: number, to: number): Promise<Entry[]> {
  const { rows } = await client.query<Omit<Entry, 'position'> & { position: string; trail: Trail }>(
    `SELECT position, trail, row_id AS id, ${asText('occurred_at')} AS "occurredAt", digest
     FROM public.audit_seal_entries WHERE position >= $1 AND position < $2 ORDER BY position`,
    [from, to],
  )
  return rows.map((row) => ({ ...row, position: Number(row.position) }))
}
