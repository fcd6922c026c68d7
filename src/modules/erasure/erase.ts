import { randomBytes } from 'node:crypto'
import type { Id } from '../../core/id'
import type { OnErase, Retention } from '../../core/personal-data'
import { DESTROY_KEY } from '../../db/codec'
import { KEY_TABLE } from '../../db/data-key.entity'
import { APPEND_ONLY } from '../../db/migrate'
import type { Queryable } from '../../db/queryable'
import { personalTables, type PersonalColumn, type PersonalTable } from '../../db/personal-tables'
import { UserStatus } from '../user/user-status'

/*
 * What erasure does to one person, table by table and column by column. All of it follows from the classification of the
 * columns, so that one which is added tomorrow is erased as well. It takes any connection, because a restore erases too.
 */

/** What becomes of a person's rows in a table, or of some of their columns. */
export enum ErasureEffect {
  /** The rows go. */
  DELETED = 'deleted',
  /** The rows stay without these columns. */
  CLEARED = 'cleared',
  /** Something without meaning takes their place; an id stays, and leads to nobody any more. */
  PSEUDONYMISED = 'pseudonymised',
  /** The key under which they are encrypted is destroyed. */
  SHREDDED = 'shredded',
  KEPT = 'kept',
}

const EFFECTS: Record<OnErase, ErasureEffect> = {
  clear: ErasureEffect.CLEARED,
  pseudonymise: ErasureEffect.PSEUDONYMISED,
  shred: ErasureEffect.SHREDDED,
  keep: ErasureEffect.KEPT,
}

/** One line of a plan, and of a certificate. */
export interface ErasureEntry {
  table: string
  effect: ErasureEffect
  columns: string[]
  /** Why they stay; null for what does not. */
  basis: string | null
  rows: number
}

const PSEUDONYM = 'erased_'

/**
 * What erasing this person would do at this moment. Tables that hold nothing of theirs are left out, and so are those that they are
 * not told of: that there is a note about them, or a hold, is not theirs to know.
 */
export async function planErasure(db: Queryable, userId: Id): Promise<ErasureEntry[]> {
  const entries: ErasureEntry[] = []
  for (const table of (await erasedTables(db)).filter(isTold)) {
    const rows = await countRows(db, table, 'true', userId)
    if (rows > 0) entries.push(...entriesOf(table).map((entry) => ({ ...entry, rows })))
  }
  return entries
}

/** What a table holds of a person, for whoever operates Portico. */
export interface SubjectTableSurvey {
  table: string
  rows: number
  /** Whether the person is told of it: it has columns that go into their copy. */
  isTold: boolean
  purposes: string[]
  retentions: Retention[]
  /** What erasure would do to it. */
  onErase: Omit<ErasureEntry, 'table' | 'rows'>[]
}

/** All that is kept about a person, with the tables that hold nothing of theirs, and with those that they are not told of. */
export async function surveyPerson(db: Queryable, userId: Id): Promise<SubjectTableSurvey[]> {
  const surveys: SubjectTableSurvey[] = []
  for (const table of await erasedTables(db)) {
    surveys.push({
      table: table.name,
      rows: await countRows(db, table, 'true', userId),
      isTold: isTold(table),
      purposes: [...new Set(table.personal.map(({ purpose }) => purpose))],
      retentions: [...new Set(table.personal.map(({ retention }) => retention))],
      onErase: entriesOf(table).map(({ table: _, ...entry }) => entry),
    })
  }
  return surveys.sort((one, other) => (one.table < other.table ? -1 : 1))
}

/**
 * Erases a person: their rows, and the key under which the rest is encrypted. What is erased already stays so. The account
 * remains as a pseudonym, which others' rows lead to, and can never be used again.
 */
export async function eraseRows(db: Queryable, userId: Id, at: Date): Promise<void> {
  const pseudonym = PSEUDONYM + randomBytes(8).toString('hex')
  // First: from then on they are in no list. Whoever is erased is not suspended.
  await db.query(
    `UPDATE users SET status = '${UserStatus.ERASED}', suspended_at = NULL, suspended_until = NULL,
       suspended_by_id = NULL, suspension_reason = NULL WHERE id = $1`,
    [userId],
  )
  for (const table of await erasedTables(db)) {
    const changes = changesOf(table, pseudonym)
    if (!table.stays) await db.query(`DELETE FROM ${table.name} WHERE ${table.isTheirs}`, [userId])
    else if (changes.length > 0)
      await db.query(`UPDATE ${table.name} SET ${changes.join(', ')} WHERE ${table.isTheirs}`, [userId])
  }
  await db.query(DESTROY_KEY, [userId, at])
}

/**
 * Looks again whether anything is left of a person who has been erased, such as what a request wrote that was under way.
 * @returns the names of the tables in which something is.
 */
export async function findRemains(db: Queryable, userId: Id): Promise<string[]> {
  const remains: string[] = []
  for (const table of await erasedTables(db)) {
    const left = table.stays ? leftOf(table) : ['true']
    if (left.length > 0 && (await countRows(db, table, left.join(' OR '), userId)) > 0)
      remains.push(table.name)
  }
  const [keys] = await db.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM ${KEY_TABLE} WHERE owner_id = $1 AND wrapped IS NOT NULL`,
    [userId],
  )
  return keys!.count === 0 ? remains : [...remains, KEY_TABLE]
}

const isTold = ({ personal }: PersonalTable): boolean => personal.some(({ exported }) => exported)

interface ErasedTable extends Omit<PersonalTable, 'personal'> {
  /** Whether its rows are kept, as a whole or without what is erased of them. */
  stays: boolean
  isAppendOnly: boolean
  personal: (PersonalColumn & {
    /** What SQL puts in its place when it is emptied. */
    empty: string
  })[]
}

interface Stored {
  table: string
  column: string
  isNullable: boolean
  default: string | null
}

/** The tables of people as this database has them: one that is restored may be older than the code. */
async function erasedTables(db: Queryable): Promise<ErasedTable[]> {
  const stored = await db.query<Stored>(
    `SELECT table_name AS table, column_name AS column, is_nullable = 'YES' AS "isNullable", column_default AS default
     FROM information_schema.columns WHERE table_schema = 'public'`,
  )
  const known = new Map(stored.map((column) => [`${column.table}.${column.column}`, column]))
  return personalTables()
    .filter(({ name, subjects }) => subjects.every((subject) => known.has(`${name}.${subject}`)))
    .map((table): ErasedTable => {
      const personal = table.personal.flatMap((column) => {
        const there = known.get(`${table.name}.${column.name}`)
        return there ? [{ ...column, empty: emptyOf(column, there) }] : []
      })
      return {
        ...table,
        personal,
        stays: staysAfterErasure(table),
        isAppendOnly: APPEND_ONLY.includes(table.name),
      }
    })
}

/** Whether something of a row is kept or replaced. Whoever else it mentions does not keep it. */
const staysAfterErasure = ({ personal }: PersonalTable): boolean =>
  personal.some(({ onErase, isMention }) => !isMention && (onErase === 'keep' || onErase === 'pseudonymise'))

function emptyOf({ type, isArray }: PersonalColumn, { isNullable, default: byDefault }: Stored): string {
  if (isNullable) return 'NULL'
  if (byDefault !== null) return byDefault
  if (isArray) return `'{}'`
  return type === 'jsonb' ? `'null'` : `''`
}

function entriesOf({ name, stays, personal }: ErasedTable): Omit<ErasureEntry, 'rows'>[] {
  if (!stays) {
    return [
      {
        table: name,
        effect: ErasureEffect.DELETED,
        columns: personal.map((column) => column.name),
        basis: null,
      },
    ]
  }
  const effects = Object.entries(EFFECTS) as [OnErase, ErasureEffect][]
  return effects.flatMap(([onErase, effect]) => {
    const columns = personal.filter((column) => column.onErase === onErase)
    const bases = [...new Set(columns.map(({ basis }) => basis ?? null))]
    return bases.map((basis) => ({
      table: name,
      effect,
      columns: columns.filter((column) => (column.basis ?? null) === basis).map((column) => column.name),
      basis,
    }))
  })
}

const isEmptied = ({ onErase }: PersonalColumn) => onErase === 'clear' || onErase === 'shred'

/** What is stored in place of the person's id is the id: the row of the account says nothing any more. */
const isReplaced = ({ subjects }: ErasedTable, { name, onErase, isMention }: PersonalColumn) =>
  onErase === 'pseudonymise' && !isMention && !subjects.includes(name)

/** Of a table that is only ever added to, what is encrypted goes with its key. */
function changesOf(table: ErasedTable, pseudonym: string): string[] {
  if (table.isAppendOnly) return []
  return table.personal.flatMap((column) => {
    if (isEmptied(column)) return `${column.name} = ${column.empty}`
    return isReplaced(table, column) ? `${column.name} = '${pseudonym}'` : []
  })
}

/** What is true of a row that still holds something. */
function leftOf(table: ErasedTable): string[] {
  if (table.isAppendOnly) return []
  return table.personal.flatMap((column) => {
    if (isEmptied(column)) return `${column.name} IS DISTINCT FROM ${column.empty}`
    return isReplaced(table, column) ? `NOT starts_with(${column.name}, '${PSEUDONYM}')` : []
  })
}

async function countRows(
  db: Queryable,
  table: PersonalTable | ErasedTable,
  condition: string,
  userId: Id,
): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM ${table.name} WHERE ${table.isTheirs} AND (${condition})`,
    [userId],
  )
  return row!.count
}
