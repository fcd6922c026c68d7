import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import {
  foreignCursor,
  fromCursor,
  pageSize,
  toCursor,
  type Keyset,
  type Page,
  type PageRequest,
} from '../core/page'
import type { Database } from './database'

/** An order of a list: columns of one direction, none of them empty, the last one unique. */
export interface ListOrder<Row> {
  columns: readonly (keyof Row & string)[]
  descending: boolean
}

type Query = SelectQueryBuilder<ObjectLiteral>

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
 * asked for tells whether more follow; what lies beyond a cursor is looked up only when a client wants to know.
 * @throws ApiError BAD_USER_INPUT for a cursor of another list or order, or a size outside 0–100.
 */
export async function readPage<Row extends ObjectLiteral>(
  query: SelectQueryBuilder<ObjectLiteral>,
  order: ListOrder<Row>,
  request: PageRequest,
): Promise<Page<Row>> {
  const { size, backward } = pageSize(request)
  const list = `${query.alias}${order.descending ? '-' : '+'}${order.columns.join()}`
  const after = request.after == null ? null : keysetOf(query, order, fromCursor(list, request.after))
  const before = request.before == null ? null : keysetOf(query, order, fromCursor(list, request.before))
  const everything = query.clone()

  if (after) restrict(query, order, 'after', after)
  if (before) restrict(query, order, 'before', before)
  const direction = order.descending === backward ? 'ASC' : 'DESC'
  for (const column of order.columns) query.addOrderBy(`${query.alias}.${column}`, direction)
  const found = await query.limit(size + 1).getRawMany<Row>()
  const more = found.length > size
  const rows = found.slice(0, size)
  if (backward) rows.reverse()

  const exists = async (side: Side, keyset: Keyset | null) =>
    keyset !== null &&
    (await restrict(everything.clone(), order, side, keyset).select('1').limit(1).getRawMany()).length > 0
  return {
    rows,
    cursorOf: (row) =>
      toCursor(
        list,
        order.columns.map((column) => keyOf(row[column])),
      ),
    hasNextPage: () => (more && !backward ? true : exists('from', before)),
    hasPreviousPage: () => (more && backward ? true : exists('upTo', after)),
  }
}

/** Where rows stand to a place, as PostgreSQL compares them in an ascending and in a descending order. */
const SIDES = { after: ['>', '<'], before: ['<', '>'], upTo: ['<=', '>='], from: ['>=', '<='] } as const
type Side = keyof typeof SIDES

function restrict<Row>(
  query: Query,
  { columns, descending }: ListOrder<Row>,
  side: Side,
  keyset: Keyset,
): Query {
  const names = columns.map((_, index) => `${side}${index}`)
  const paths = columns.map((column) => `${query.alias}.${column}`)
  const parameters = Object.fromEntries(names.map((name, index) => [name, keyset[index]]))
  const operator = SIDES[side][descending ? 1 : 0]
  return query.andWhere(
    `(${paths.join(', ')}) ${operator} (${names.map((name) => `:${name}`).join(', ')})`,
    parameters,
  )
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const END_OF_TIME = Date.UTC(9999, 11, 31)

/** What a cursor carries for a column's value: itself, or the milliseconds of a moment. */
const keyOf = (value: unknown): unknown => (value instanceof Date ? value.getTime() : value)

/** How a column of a type reads its part of a cursor; undefined for what PostgreSQL would not take for a value of that type. */
const READ_KEY: Record<string, (key: unknown) => string | Date | undefined> = {
  uuid: (key) => (typeof key === 'string' && UUID.test(key) ? key : undefined),
  text: (key) => (typeof key === 'string' && !/[\0\p{Cs}]/u.test(key) ? key : undefined),
  timestamptz: (key) =>
    typeof key === 'number' && Number.isInteger(key) && key >= 0 && key < END_OF_TIME
      ? new Date(key)
      : undefined,
}

function keysetOf<Row>(query: Query, { columns }: ListOrder<Row>, carried: Keyset): Keyset {
  const { metadata } = query.expressionMap.mainAlias!
  const keyset = columns.map((column, index) => {
    const type = metadata.findColumnWithPropertyName(column)!.type as string
    const read = READ_KEY[type]
    if (!read)
      throw new Error(`A list cannot be ordered by ${column}: no cursor carries the type ${type} yet.`)
    return read(carried[index])
  })
  if (carried.length !== keyset.length || keyset.includes(undefined)) throw foreignCursor()
  return keyset
}
