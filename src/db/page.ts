import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import type { Keyset, Page, PageWindow } from '../core/page'
import type { Database } from './database'

/** An order of a list: columns of one direction, the last of them unique, and where a row stands in it. */
export interface ListOrder<Row> {
  /** Property paths as a query builder writes them, e.g. `post.publishedAt`. */
  columns: readonly string[]
  descending: boolean
  keysetOf: (row: Row) => Keyset
}

/** A query for some columns of an entity, whose rows come back plain: no hydration, nothing that was not asked for. */
export function selectRows<Entity extends ObjectLiteral>(
  db: Database,
  entity: new () => Entity,
  alias: string,
  columns: readonly (keyof Entity & string)[],
): SelectQueryBuilder<Entity> {
  const query = db.repo(entity).createQueryBuilder(alias).select([])
  for (const column of columns) query.addSelect(`${alias}.${column}`, column)
  return query
}

/**
 * Reads one page of a query by keyset: its cost does not depend on how far into the list it lies. One row more than
 * asked for tells whether more follow; whether some precede is asked only when a client wants to know.
 */
export async function readPage<Row>(
  query: SelectQueryBuilder<ObjectLiteral>,
  order: ListOrder<Row>,
  window: PageWindow,
): Promise<Page<Row>> {
  const everything = query.clone()
  if (window.after) beyond(query, order, window.after, 'after')
  if (window.before) beyond(query, order, window.before, 'before')
  sort(query, order, window.backward)
  const found = await query.limit(window.size + 1).getRawMany<Row & object>()
  const more = found.length > window.size
  const rows = found.slice(0, window.size)
  if (window.backward) rows.reverse()

  const exists = async (side: 'after' | 'before', from: Keyset | null, inclusive: boolean) => {
    if (!from) return false
    const probe = beyond(everything.clone(), order, from, side, inclusive).select('1', 'one')
    return (await probe.limit(1).getRawMany()).length > 0
  }
  const first = rows[0]
  const last = rows.at(-1)
  return {
    rows,
    hasNextPage: () =>
      more && !window.backward
        ? true
        : exists('after', last ? order.keysetOf(last) : (window.before ?? window.after), !last && window.before !== null),
    hasPreviousPage: () =>
      more && window.backward
        ? true
        : exists('before', first ? order.keysetOf(first) : (window.after ?? window.before), !first && window.after !== null),
  }
}

function beyond<Row>(
  query: SelectQueryBuilder<ObjectLiteral>,
  order: ListOrder<Row>,
  keyset: Keyset,
  side: 'after' | 'before',
  inclusive = false,
): SelectQueryBuilder<ObjectLiteral> {
  const operator = `${(side === 'after') === order.descending ? '<' : '>'}${inclusive ? '=' : ''}`
  const names = keyset.map((_, index) => `${side}${index}`)
  const parameters = Object.fromEntries(keyset.map((value, index) => [names[index], value]))
  return query.andWhere(`(${order.columns.join(', ')}) ${operator} (${names.map((name) => `:${name}`).join(', ')})`, parameters)
}

function sort<Row>(query: SelectQueryBuilder<ObjectLiteral>, order: ListOrder<Row>, backward: boolean): void {
  const direction = order.descending === backward ? 'ASC' : 'DESC'
  for (const column of order.columns) query.addOrderBy(column, direction)
}
