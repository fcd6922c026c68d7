import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import type { Database } from './database'
import { boundSql, directionOf, type ReadStretch, type Stretch } from './page'
import { PLANNED_ANEW } from './preparing-client'

/*
 * How a list is read that conditions have thinned out. Nobody can know beforehand what is quicker: to walk along the order
 * until enough has been met, which takes for ever where little is met, or to collect all that meets the conditions and sort
 * it, which takes for ever where much does. PostgreSQL guesses, and a guess that is wrong costs seconds. So a short stretch
 * is walked first. If it has held so much that a longer one will fill the page, that is walked; if not, what is asked for is
 * either rare, and is collected from where it is rarest, which PostgreSQL knows, or it lies elsewhere in the order: only what
 * is neither rare nor near takes a long walk.
 */

/** What may be spent on a page before the next way is tried. */
const BUDGET = {
  near: {
    /** Entries that are walked along the order, */
    entries: 10_000,
    /** and how many of them, for each row asked for, are asked about elsewhere. */
    lookUpsPerRow: 60,
  },
  /** How many times as far a walk goes that promises to fill the page. */
  far: 4,
  /** How many times the rows of a page have to be expected of it. */
  promise: 1.5,
  /** Entries that are collected. */
  candidates: 15_000,
}
const NO_END = 1_000_000_000

/** What is wanted is little, and wanted at once; and what is read is in memory as a rule, where a page costs little. */
const ADVICE = [
  'enable_seqscan = off',
  'max_parallel_workers_per_gather = 0',
  'seq_page_cost = 0.1',
  'random_page_cost = 0.2',
]
  .map((setting) => `SET LOCAL ${setting}`)
  .join('; ')

/** What an entry has to meet. */
export interface Condition {
  /** About the `entry`, by the names that its columns have in the database. */
  sql: string
  parameters: ObjectLiteral
  /** The first column of the orders along whose index nothing but what meets it is met. */
  along?: string
  /** It asks another table about each entry. */
  looksUp?: boolean
  /** One entry meets it, or none. */
  isOne?: boolean
}

export interface Search {
  /** A narrow table; the indexes that are walked hold all its columns. Its `id` is the one of the rows. */
  entries: new () => ObjectLiteral
  conditions: readonly Condition[]
  /** By columns of `entries`. */
  order: { columns: readonly string[]; descending: boolean }
  /** The rows that are answered, of all there are. */
  rows: (db: Database) => SelectQueryBuilder<ObjectLiteral>
}

/** Reads the rows of a list whose entries in another table, made for searching, meet all conditions. */
export function searching(db: Database, search: Search, budget = BUDGET): ReadStretch {
  const { conditions, order } = search
  const isWalkEnough = conditions.every(({ along }) => along === order.columns[0])
  const { near, far, promise } = budget
  return async (stretch) => {
    if (!conditions.some(({ isOne }) => isOne)) {
      const reading = new Reading(db, search, stretch)
      let walked = await reading.walk(near.entries, near.lookUpsPerRow)
      const isDone = () => isWalkEnough || walked.length === stretch.limit
      if (!isDone() && walked.length * far >= stretch.limit * promise)
        walked = await reading.walk(near.entries * far, near.lookUpsPerRow * far)
      if (isDone()) return walked
    }
    return db.transaction(async (tx) => {
      await tx.query(ADVICE)
      const reading = new Reading(tx, search, stretch)
      return (await reading.collect(budget.candidates)) ?? (await reading.walk(NO_END, NO_END))
    })
  }
}

class Reading {
  private readonly table: string
  private readonly keys: string[]
  private readonly direction: 'ASC' | 'DESC'
  private readonly bounds: Condition[]

  constructor(
    private readonly db: Database,
    private readonly search: Search,
    private readonly stretch: Stretch,
  ) {
    const { tableName, columns } = db.repo(search.entries).metadata
    const nameOf = (property: string) =>
      columns.find(({ propertyName }) => propertyName === property)!.databaseName
    this.table = tableName
    this.keys = search.order.columns.map((property) => `entry.${nameOf(property)}`)
    this.direction = directionOf(search.order, stretch.backward)
    this.bounds = stretch.bounds.map((bound) => boundSql(this.keys, search.order, bound))
  }

  /** The first that meet the conditions among so many entries: first what the index tells is asked, then other tables. */
  async walk(entries: number, lookUpsPerRow: number): Promise<ObjectLiteral[]> {
    const { conditions, order } = this.search
    const { limit } = this.stretch
    const along = conditions.filter((condition) => condition.along === order.columns[0])
    const others = conditions.filter((condition) => !along.includes(condition))
    const steps = [
      { met: others.filter(({ looksUp }) => !looksUp), among: entries },
      { met: others.filter(({ looksUp }) => looksUp), among: Math.min(entries, limit * lookUpsPerRow) },
    ].filter(({ met }) => met.length > 0)
    const limits = [...steps.map(({ among }) => among), limit]
    // Each limit keeps PostgreSQL from mixing a step with the one before it, and so from finding a way of its own.
    const sql = steps.reduce(
      (inner, { met }, index) => this.select(`(${inner})`, met, limits[index + 1]!),
      this.select(this.table, [...this.bounds, ...along], limits[0]!),
    )
    return this.rowsOf(sql).getRawMany()
  }

  /** All that meet the conditions, sorted; null where they are more. */
  async collect(most: number): Promise<ObjectLiteral[] | null> {
    const all = `SELECT entry.* FROM ${this.table} entry${where([...this.bounds, ...this.search.conditions])}`
    const counted = `SELECT *, count(*) OVER () AS candidates FROM (${all} LIMIT ${most + 1}) entry`
    const rows = await this.rowsOf(this.select(`(${counted})`, [], this.stretch.limit))
      .addSelect('entry.candidates', 'candidates')
      .getRawMany<ObjectLiteral & { candidates: string }>()
    return Number(rows[0]?.candidates ?? 0) > most ? null : rows.map(({ candidates: _, ...row }) => row)
  }

  private select(from: string, conditions: readonly Condition[], limit: number): string {
    const sort = this.keys.map((key) => `${key} ${this.direction}`).join(', ')
    return `SELECT entry.* FROM ${from} entry${where(conditions)} ORDER BY ${sort} LIMIT ${limit}`
  }

  private rowsOf(entries: string): SelectQueryBuilder<ObjectLiteral> {
    const { conditions, rows } = this.search
    const query = rows(this.db)
    query.innerJoin(`(${entries})`, 'entry', `entry.id = ${query.alias}.id`)
    for (const { parameters } of [...this.bounds, ...conditions]) query.setParameters(parameters)
    for (const key of this.keys) query.addOrderBy(key, this.direction)
    return conditions.length > 0 ? query.comment(PLANNED_ANEW) : query
  }
}

const where = (conditions: readonly Condition[]): string =>
  conditions.length > 0 ? ` WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}` : ''

/** How many entries meet all conditions. */
export async function countEntries(
  db: Database,
  { entries, conditions }: Pick<Search, 'entries' | 'conditions'>,
): Promise<number> {
  const query = db.repo(entries).createQueryBuilder('entry')
  for (const { sql, parameters } of conditions) query.andWhere(sql, parameters)
  return (conditions.length > 0 ? query.comment(PLANNED_ANEW) : query).getCount()
}
