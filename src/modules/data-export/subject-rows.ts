import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { personalTables, type PersonalColumn, type PersonalTable } from '../../db/personal-tables'

/*
 * All rows of one person, in clear, as their copy has them. Which tables and columns follows from the classification, so that a
 * column which is added tomorrow is in it as well.
 */

/** A table as a copy has it. */
export interface SubjectTable extends PersonalTable {
  /** What is personal in it and goes into a copy. */
  exported: readonly PersonalColumn[]
}

export type SubjectRow = Record<string, unknown>

/** How many rows are read at once. */
const BATCH = 500

/** The tables of a copy, the account first. What holds nothing that goes into one is left out. */
export function exportedTables(): SubjectTable[] {
  const rank = ({ name }: PersonalTable) => (name === 'users' ? 0 : 1)
  return personalTables()
    .map((table) => ({ ...table, exported: table.personal.filter(({ exported }) => exported) }))
    .filter(({ exported }) => exported.length > 0)
    .sort((one, other) => rank(one) - rank(other) || (one.name < other.name ? -1 : 1))
}

/**
 * A person's rows of a table, some at a time, by their properties. What is encrypted is in clear, unless it is under somebody
 * else's key: then it says something of them. Call it inside a transaction.
 */
export async function* subjectRows(
  tx: Database,
  table: SubjectTable,
  userId: Id,
): AsyncGenerator<SubjectRow[]> {
  // Whose a row is stands in them, and bytes say nothing to anybody.
  const beside = table.others.filter(({ type }) => type !== 'bytea')
  const encrypted = table.exported.filter((column) => column.encrypted)
  const hidden = encrypted.flatMap((column) => [
    ownerOf(table, column),
    ...(column.lookup ? [indexOf(column)] : []),
  ])
  const read = new Map(
    [...beside, ...table.exported].map(({ name, property }) => [property, `${name} AS "${property}"`]),
  )
  const selected = [...read.values(), ...hidden.map((name) => `${name} AS "${HIDDEN}${name}"`)]
  // A name of its own: what FETCH answers is prepared by its text.
  const cursor = `rows_of_${table.name}`
  await tx.query(
    `DECLARE ${cursor} NO SCROLL CURSOR FOR SELECT ${[...new Set(selected)].join(', ')} FROM ${table.name} WHERE ${table.isTheirs}`,
    [userId],
  )
  let rows: SubjectRow[]
  do {
    rows = await tx.query<SubjectRow>(`FETCH ${BATCH} FROM ${cursor}`)
    if (rows.length > 0) yield await inClear(tx, table, userId, rows)
  } while (rows.length === BATCH)
  // Where something fails, the end of the transaction closes it.
  await tx.query(`CLOSE ${cursor}`)
}

async function inClear(
  tx: Database,
  table: SubjectTable,
  userId: Id,
  rows: readonly SubjectRow[],
): Promise<SubjectRow[]> {
  const clear = rows.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith(HIDDEN))),
  )
  for (const column of table.exported.filter(({ encrypted }) => encrypted)) {
    const owner = HIDDEN + ownerOf(table, column)
    const places = rows.map((row) => ({
      id: row['id'] as Id,
      ownerId: row[owner] as Id,
      value: row[owner] === userId ? (row[column.property] as Buffer | null) : null,
      index: row[HIDDEN + indexOf(column)] as Buffer,
    }))
    const opened = await tx.codec.openEach(
      table.entity,
      column.property,
      places,
      ({ value }) => value,
      column.lookup ? ({ index }) => index : undefined,
    )
    clear.forEach((row, index) => {
      const text = opened[index]
      row[column.property] = text instanceof Error ? UNREADABLE : text
    })
  }
  return clear
}

/** What is read beside a row's properties. */
const HIDDEN = 'hidden '

/** In place of a value that somebody has changed below us. */
const UNREADABLE = 'It was changed, and cannot be read.'

const indexOf = ({ name }: PersonalColumn): string => `${name}_index`

/** The column that names whose key another one is under. */
function ownerOf(
  { subjects, entity, personal, others }: PersonalTable,
  { keyOf, name }: PersonalColumn,
): string {
  if (keyOf !== undefined) {
    const column = [...personal, ...others].find(({ property }) => property === keyOf)
    if (column) return column.name
  }
  if (keyOf === undefined && subjects.length === 1) return subjects[0]!
  throw new Error(`${entity.name}: say with \`keyOf\` which property names whose key ${name} is under.`)
}
