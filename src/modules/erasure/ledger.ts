import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { CompactSign, compactVerify } from 'jose'
import { z } from 'zod'
import { writeFinished } from '../../core/finished-file'
import type { Id } from '../../core/id'
import type { Keyring } from '../../crypto/keyring'
import type { Database } from '../../db/database'
import { LOCKS } from '../../db/locks'
import type { Queryable } from '../../db/queryable'
import { UserStatus } from '../user/user-status'
import { eraseRows } from './erase'

/*
 * The ledger says who has been erased, so that nobody comes back with an older database. It is kept in the database and beside
 * the backups. Each line is a JWS (RFC 7515, HS256) under a key of the keyring that outlives every rotation, and names the hash
 * of the line before it; an id is all that it says of a person, and leads to nobody any more.
 */

/** The ledger of a folder of backups. */
export const LEDGER_FILE = 'portico.erasures'

/** The ledger that is in the same folder as a file of a backup. */
export const ledgerBeside = (file: string): string => join(dirname(file), LEDGER_FILE)

/** Where a backup's erasures are looked for: beside its keys, and in the folder where each erasure is written down. */
export const ledgersOf = (keys: string, folder: string): string[] => [
  ...new Set([ledgerBeside(keys), join(folder, LEDGER_FILE)].map((file) => resolve(file))),
]

/** The ledger is not one, was changed, or is of another keyring. The message says what to do. */
export class LedgerRefused extends Error {
  override readonly name = 'LedgerRefused'
}

const lineSchema = z.strictObject({
  number: z.int().positive(),
  userId: z.uuid(),
  erasedAt: z.iso.datetime().transform((text) => new Date(text)),
  /** SHA-256 of the line before, in base64url; null in the first one. */
  previous: z.string().nullable(),
})

/** One erasure, as a ledger has it. */
export type LedgerLine = z.infer<typeof lineSchema>

interface StoredLine {
  number: number
  userId: Id
  line: string
}

/** Adds a person to the ledger, inside the transaction that erases them; returns the number of the line. */
export async function addToLedger(
  db: Queryable,
  keyring: Keyring,
  userId: Id,
  erasedAt: Date,
): Promise<number> {
  await db.query('SELECT pg_advisory_xact_lock($1)', [LOCKS.ledger])
  const [last] = await db.query<StoredLine>(
    'SELECT number, line FROM erasure_ledger ORDER BY number DESC LIMIT 1',
  )
  const number = (last?.number ?? 0) + 1
  const line: z.input<typeof lineSchema> = {
    number,
    userId,
    erasedAt: erasedAt.toISOString(),
    previous: last ? hashOf(last.line) : null,
  }
  const signed = await new CompactSign(Buffer.from(JSON.stringify(line), 'utf8'))
    .setProtectedHeader({ alg: 'HS256' })
    .sign(keyOf(keyring))
  await db.query('INSERT INTO erasure_ledger (number, user_id, erased_at, line) VALUES ($1, $2, $3, $4)', [
    number,
    userId,
    erasedAt,
    signed,
  ])
  return number
}

/**
 * The lines of a ledger, all of them genuine and none missing between two others.
 * @throws LedgerRefused
 */
export async function readLedger(keyring: Keyring, file: string): Promise<LedgerLine[]> {
  const lines: LedgerLine[] = []
  let previous: string | null = null
  for (const text of await linesOf(file)) {
    const line = await verified(keyring, text)
    if (!line || line.number !== lines.length + 1 || line.previous !== previous) {
      throw new LedgerRefused(
        `Line ${lines.length + 1} of ${file} was changed, or is of another keyring: nobody can be sure who has been erased. Nothing was done. ` +
          'Put a copy of the ledger that is whole in its place, or set PORTICO_KEYRING to the keyring that it was written with.',
      )
    }
    lines.push(line)
    previous = hashOf(text)
  }
  return lines
}

/**
 * Erases again whom the ledger has and the database does not, in the transaction of `db`; returns how many they were. What is
 * true of a database that is older than the ledger is true of one in which somebody was erased meanwhile.
 */
export async function replayLedger(
  db: Queryable,
  keyring: Keyring,
  lines: readonly LedgerLine[],
): Promise<number> {
  await db.query('SELECT pg_advisory_xact_lock($1)', [LOCKS.ledger])
  const known = new Set((await storedLines(db)).map(({ userId }) => userId))
  // A ledger that lacks its end is made up for by the keys: whose was destroyed has been erased.
  const shredded = await db.query<Pick<LedgerLine, 'userId' | 'erasedAt'>>(
    `SELECT owner_id AS "userId", destroyed_at AS "erasedAt" FROM data_keys JOIN users ON users.id = owner_id
     WHERE destroyed_at IS NOT NULL AND users.status <> '${UserStatus.ERASED}' ORDER BY destroyed_at, owner_id`,
  )
  const missing = [...lines, ...shredded].filter(({ userId }, index, all) => {
    return !known.has(userId) && all.findIndex((other) => other.userId === userId) === index
  })
  for (const { userId, erasedAt } of missing) {
    await eraseRows(db, userId, erasedAt)
    const ledgerNumber = await addToLedger(db, keyring, userId, erasedAt)
    // What they had asked for is done; there is nothing left to be taken back.
    await db.query(
      `UPDATE erasures SET erased_at = $2, ledger_number = $3
       WHERE user_id = $1 AND cancelled_at IS NULL AND erased_at IS NULL`,
      [userId, erasedAt, ledgerNumber],
    )
    await db.query(
      `UPDATE privacy_requests SET status = 'done', done_at = $2
       WHERE user_id = $1 AND kind = 'erasure' AND status IN ('received', 'in-progress')`,
      [userId, erasedAt],
    )
  }
  return missing.length
}

/**
 * Writes the database's ledger to a file, in place of an older one. Call it inside a transaction that sees what others commit:
 * those who write it take turns.
 * @throws LedgerRefused where the file knows of somebody whom the database does not have: it would be forgotten.
 */
export async function writeLedger(db: Queryable, keyring: Keyring, file: string): Promise<void> {
  await db.query('SELECT pg_advisory_xact_lock($1)', [LOCKS.ledger])
  const stored = await storedLines(db)
  const known = new Set(stored.map(({ userId }) => userId))
  const isForgotten = ({ userId }: LedgerLine) => !known.has(userId)
  if ((await readLedger(keyring, file)).some(isForgotten)) {
    throw new LedgerRefused(
      `${file} names people as erased who are not in this database's ledger: it was restored from an older state, or is another one. ` +
        'Start Portico again, which erases them, or choose another folder with BACKUP_DIR.',
    )
  }
  const bytes = async function* () {
    for (const { line } of stored) yield Buffer.from(`${line}\n`, 'utf8')
  }
  const finished = await writeFinished(file, bytes())
  await finished.publish()
}

/** The same for a running database and the ledger beside its backups, before anybody sees what came back. */
export async function eraseAgain(db: Database): Promise<number> {
  const { backups, keyring } = db.tools
  const lines = await readLedger(keyring, join(backups.folder, LEDGER_FILE))
  if (lines.length === 0) return 0
  return db.transaction((tx) => replayLedger(tx, keyring, lines))
}

export const ledgerExists = async (file: string): Promise<boolean> =>
  readFile(file).then(
    () => true,
    () => false,
  )

/** None in a database from before there was a ledger. */
async function storedLines(db: Queryable): Promise<StoredLine[]> {
  const [there] = await db.query<{ isThere: boolean }>(
    `SELECT to_regclass('public.erasure_ledger') IS NOT NULL AS "isThere"`,
  )
  if (!there!.isThere) return []
  return db.query<StoredLine>(
    'SELECT number, user_id AS "userId", line FROM public.erasure_ledger ORDER BY number',
  )
}

async function linesOf(file: string): Promise<string[]> {
  try {
    return (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

async function verified(keyring: Keyring, text: string): Promise<LedgerLine | null> {
  try {
    const { payload } = await compactVerify(text, keyOf(keyring), { algorithms: ['HS256'] })
    // The last character of a signature has bits that mean nothing.
    const signature = text.split('.')[2]!
    if (Buffer.from(signature, 'base64url').toString('base64url') !== signature) return null
    return lineSchema.parse(JSON.parse(Buffer.from(payload).toString('utf8')))
  } catch {
    return null
  }
}

const keyOf = (keyring: Keyring): Buffer => keyring.derive('erasure-ledger')

const hashOf = (line: string): string => createHash('sha256').update(line, 'utf8').digest('base64url')
