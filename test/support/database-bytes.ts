import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Database } from '../../src/db/database'

/** The tables that the role of requests may read. */
export async function readableTables(db: Database): Promise<string[]> {
  const tables = await db.query<{ name: string }>(
    `SELECT DISTINCT table_name AS name FROM information_schema.role_table_grants
     WHERE table_schema = 'public' AND privilege_type = 'SELECT' AND grantee = current_user ORDER BY 1`,
  )
  return tables.map(({ name }) => name)
}

/** The columns of all tables that hold these bytes, as `table.column`, however the column stores them. */
export async function columnsHolding(db: Database, bytes: string | Buffer): Promise<string[]> {
  const wanted = Buffer.from(bytes)
  const found = new Set<string>()
  for (const table of await readableTables(db)) {
    for (const row of await db.query(`SELECT * FROM "${table}"`)) {
      for (const [column, value] of Object.entries(row)) {
        const stored = Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value) ?? '')
        if (stored.includes(wanted)) found.add(`${table}.${column}`)
      }
    }
  }
  return [...found].sort()
}

/** The transaction that wrote a row last: rows of one transaction have the same. */
export async function transactionOf(db: Database, table: string, id: string): Promise<string> {
  const [row] = await db.query<{ xmin: string }>(`SELECT xmin::text FROM "${table}" WHERE id = $1`, [id])
  return row!.xmin
}

/** The files below a folder that hold each of these words, in whatever they hold besides: what `strings` would find. */
export async function filesHolding(folder: string, words: readonly string[]): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>(words.map((word) => [word, []]))
  const longest = Math.max(...words.map((word) => Buffer.byteLength(word)))
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  for (const file of entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))) {
    const name = relative(folder, file)
    let rest = Buffer.alloc(0)
    try {
      for await (const part of createReadStream(file, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
        const bytes = Buffer.concat([rest, part])
        for (const [word, names] of found) if (names.at(-1) !== name && bytes.includes(word)) names.push(name)
        rest = bytes.subarray(Math.max(0, bytes.length - longest))
      }
    } catch (error) {
      // Others drop their databases meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  return found
}
