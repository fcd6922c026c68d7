import { hash } from 'node:crypto'
import type { ClientBase } from 'pg'
import type { Id } from '../../core/id'

/** The tables that are sealed. All of them have an `id`, a UUID, and `occurred_at`. */
export const TRAILS = ['audit_events', 'access_records'] as const
export type Trail = (typeof TRAILS)[number]

/** Which row of the trail. The moment is as PostgreSQL writes it in UTC. */
export interface RowKey {
  trail: Trail
  id: Id
  occurredAt: string
}

export interface DigestedRow extends RowKey {
  digest: Buffer
}

/** A key as one text. */
export const nameOf = ({ trail, id, occurredAt }: RowKey): string => `${trail} ${id} ${occurredAt}`

/** A moment as PostgreSQL writes it on a connection of `connected`, whatever the driver makes of its type otherwise. */
export const asText = (column: string): string => `${column}::text`

/** Texts one after another, each with its length in bytes before it, so that no two sequences look the same (netstrings). */
export const netstrings = (texts: readonly string[]): string =>
  texts.map((text) => `${Buffer.byteLength(text)}:${text},`).join('')

/**
 * Reads rows by id and hashes each of them, version 1: SHA-256 over netstrings of the version, the table, and the name and value
 * of every column that is not null, in the order of the names. A value is the text that PostgreSQL writes on a connection of
 * `connected`, of what is encrypted the ciphertext: erasing a person destroys a key and changes no row. A column that is added
 * later is null in older rows, whose hashes stay what they are, until somebody puts something in it.
 *
 * @param span when these rows happened at most, so that other months need not be looked through; always, unless given.
 */
export async function digestRows(
  client: ClientBase,
  trail: Trail,
  ids: readonly Id[],
  span?: { from: string; to: string },
): Promise<DigestedRow[]> {
  if (ids.length === 0) return []
  const names = await columnsOf(client, trail)
  const values = names.map((name) => asText(client.escapeIdentifier(name)))
  const { rows } = await client.query<(string | null)[]>({
    text: `SELECT id::text, ${asText('occurred_at')}, ${values.join(', ')} FROM public.${trail}
           WHERE id = ANY ($1) ${span ? 'AND occurred_at BETWEEN $2 AND $3' : ''}`,
    values: span ? [ids, span.from, span.to] : [ids],
    rowMode: 'array',
  })
  return rows.map(([id, occurredAt, ...row]) => {
    const facts = names.flatMap((name, index) => (row[index] == null ? [] : [name, row[index]]))
    const digest = hash('sha256', netstrings(['1', trail, ...facts]), 'buffer')
    return { trail, id: id!, occurredAt: occurredAt!, digest }
  })
}

/** The columns that a table has, in the order of their bytes. */
async function columnsOf(client: ClientBase, trail: Trail): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT attname::text AS name FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attname::text COLLATE "C"`,
    [`public.${trail}`],
  )
  return rows.map(({ name }) => name)
}
