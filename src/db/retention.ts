import { getMetadataArgsStorage } from 'typeorm'
import type { Id } from '../core/id'
import { spanOf, subjectsOf, type Retention } from '../core/personal-data'
import type { Database } from './database'
import { classifiedTables, personalTables } from './personal-tables'

/** What says of a table when its rows are removed. Which words a table may have is said by its columns. */
export interface RetentionRule {
  entity: Function
  /** The word of its columns; a span that it names is the one after which rows are removed. */
  retention: Retention
  /** What SQL says for the moment from which the span runs; null for a row whose time has not begun to run. */
  since: string
  /** In place of `since <= moment`, where an index needs other words for the same; `moment` is SQL. */
  isDue?: (moment: string) => string
  /** `since` is the moment at which the row is over, the span included. */
  isEnd?: boolean
  /** What goes with a row: the rows of another table that name it. */
  parts?: { entity: Function; column: string }
  /** What SQL says for: something else than a hold on whom the row is about keeps it, for as long as that lasts. */
  isKept?: string
  /** A statement of SQL that removes what has no meaning without the rows of `removed`. */
  also?: string
}

/** What a rule would do at a moment. */
export interface DueRows {
  /** How many rows are due, with those that are held. */
  due: number
  /** From when the one that is due for the longest time is, by what its time runs from. */
  oldest: Date | null
  /** How many of them a legal hold keeps, or whatever else the rule names. */
  held: number
}

/** What SQL says for: the data of the person whom this column names is under a legal hold. */
export const isHeld = (column: string): string =>
  `EXISTS (SELECT FROM legal_holds hold WHERE hold.user_id = ${column} AND hold.released_at IS NULL)`

/** Counts what is due. */
export async function countDue(db: Database, rule: RetentionRule): Promise<DueRows> {
  const { name, held } = tableOf(rule)
  const [row] = await db.query<DueRows>(
    `SELECT count(*)::int AS due, min(${rule.since}) AS oldest, count(*) FILTER (WHERE ${held})::int AS held
     FROM ${name} WHERE ${dueOf(rule)}`,
    [db.now],
  )
  return row!
}

/**
 * Removes up to so many rows that are due and that nothing keeps, or that one of them whose id is given; returns how many. Call it inside a transaction: a hold that
 * is being placed is waited for, and none is placed until that transaction ends.
 */
export async function removeDue(
  tx: Database,
  rule: RetentionRule,
  limit: number,
  onlyId: Id | null = null,
): Promise<number> {
  const { name, key, held, parts } = tableOf(rule)
  if (held !== 'false') await tx.query('LOCK TABLE legal_holds IN SHARE MODE')
  const [removed] = await tx.query<{ count: number }>(
    `WITH due AS (
       SELECT ${key} FROM ${name} WHERE ${dueOf(rule)} AND NOT ${held}${onlyId ? ' AND id = $3' : ''} LIMIT $2 FOR UPDATE SKIP LOCKED
     ), ${parts ? `parts AS (DELETE FROM ${parts.name} WHERE ${parts.column} IN (SELECT ${key} FROM due)),` : ''}
     removed AS (
       DELETE FROM ${name} WHERE (${key}) IN (SELECT ${key} FROM due) RETURNING *
     ) ${rule.also ? `, also AS (${rule.also})` : ''}
     SELECT count(*)::int AS count FROM removed`,
    [tx.now, limit, ...(onlyId ? [onlyId] : [])],
  )
  return removed!.count
}

function dueOf({ since, isDue, isEnd, retention }: RetentionRule): string {
  const moment = isEnd ? '$1::timestamptz' : `$1::timestamptz - interval '${spanOf(retention)}'`
  return `(${isDue?.(moment) ?? `${since} <= ${moment}`})`
}

function tableOf({ entity, parts, isKept }: RetentionRule) {
  const { name } = classifiedTables().find((table) => table.entity === entity)!
  const key = getMetadataArgsStorage()
    .filterColumns(entity)
    .filter(({ options }) => options.primary)
    .map(({ options, propertyName }) => options.name ?? propertyName)
    .join(', ')
  const part = parts && {
    column: parts.column,
    ...classifiedTables().find((table) => table.entity === parts.entity)!,
  }
  const held = [
    ...subjectColumns(entity).map((column) => isHeld(`${name}.${column}`)),
    ...(part
      ? subjectColumns(part.entity).map(
          (column) =>
            `EXISTS (SELECT FROM ${part.name} part WHERE part.${part.column} = ${name}.${key} AND ${isHeld(`part.${column}`)})`,
        )
      : []),
    ...(isKept ? [`(${isKept})`] : []),
  ]
  return { name, key, parts: part, held: held.length === 0 ? 'false' : `(${held.join(' OR ')})` }
}

/** The columns that name people; what leads to them through another table is a part of the row there. */
function subjectColumns(entity: Function): readonly string[] {
  if (subjectsOf(entity).some(({ through }) => through !== null)) return []
  return personalTables().find((table) => table.entity === entity)?.subjects ?? []
}
