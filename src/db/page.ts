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
import type { Id } from '../core/id'
import type { Database } from './database'
import type { Queryable } from './queryable'

/** An order of a list: columns of one direction, none of them empty, the last one unique. */
export interface ListOrder<Row> {
  columns: readonly (keyof Row & string)[]
  descending: boolean
  /** What PostgreSQL calls the types of columns that no table has. */
  computed?: Readonly<Record<string, string>>
}

type Query = SelectQueryBuilder<ObjectLiteral>
type Direction = Pick<ListOrder<never>, 'descending'>

/** A piece of a list: so many rows from one of its ends, beyond or before the places that bound it. */
export interface Stretch {
  bounds: readonly Bound[]
  backward: boolean
  limit: number
}

export interface Bound {
  side: keyof typeof SIDES
  keyset: Keyset
}

/** Reads a stretch from the end that it begins at, so that the rows of one that runs backward come in reverse. */
export type ReadStretch = (stretch: Stretch) => Promise<ObjectLiteral[]>

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
 * `read` may know a faster way to the same rows.
 * @throws ApiError BAD_USER_INPUT for a cursor of another list or order, or a size outside 0–100.
 */
export async function readPage<Row extends ObjectLiteral>(
  query: Query,
  order: ListOrder<Row>,
  request: PageRequest,
  read: ReadStretch = inOrder(query, order),
): Promise<Page<Row>> {
  const { size, backward } = pageSize(request)
  const list = nameOf(query, order)
  const bound = (side: Bound['side'], cursor: string | null | undefined): Bound[] =>
    cursor == null ? [] : [{ side, keyset: keysetOf(query, order, fromCursor(list, cursor)) }]
  const bounds = [...bound('after', request.after), ...bound('before', request.before)]

  const found = (await read({ bounds, backward, limit: size + 1 })) as Row[]
  const more = found.length > size
  const rows = found.slice(0, size)
  if (backward) rows.reverse()

  // A cursor's own row counts, and is the first that is met.
  const exists = async (side: 'upTo' | 'from', cursor: string | null | undefined) =>
    cursor != null &&
    (await read({ bounds: bound(side, cursor), backward: side === 'upTo', limit: 1 })).length > 0
  return {
    rows,
    cursorOf: cursorIn(list, order),
    hasNextPage: () => (more && !backward ? true : exists('from', request.before)),
    hasPreviousPage: () => (more && backward ? true : exists('upTo', request.after)),
  }
}

/**
 * The first pages of many lists with one statement: those of the rows that agree with one of `keys` in a column. Where each goes on,
 * `readPage` reads with the same query and order.
 */
export async function readFirstPages<Row extends ObjectLiteral>(
  db: Queryable,
  query: Query,
  order: ListOrder<Row>,
  column: keyof Row & string,
  keys: readonly Id[],
  size: number,
): Promise<Map<Id, Page<Row>>> {
  const one = query.clone().andWhere(`${query.alias}.${column} = list.key`)
  for (const { column: path, direction } of orderedBy(query, order, false)) one.addOrderBy(path, direction)
  const [sql, parameters] = one.limit(size + 1).getQueryAndParameters()
  const found = await db.query<Row & Record<typeof LIST_KEY, Id>>(
    `SELECT list.key AS ${LIST_KEY}, page.* FROM unnest($${parameters.length + 1}::uuid[]) AS list (key), LATERAL (${sql}) page`,
    [...(parameters as unknown[]), keys],
  )
  const lists = new Map<Id, Row[]>(keys.map((key) => [key, []]))
  for (const { [LIST_KEY]: key, ...row } of found) lists.get(key)!.push(row as unknown as Row)
  const cursorOf = cursorIn(nameOf(query, order), order)
  return new Map(
    [...lists].map(([key, rows]) => [
      key,
      {
        rows: rows.slice(0, size),
        cursorOf,
        hasNextPage: () => rows.length > size,
        hasPreviousPage: () => false,
      },
    ]),
  )
}

/** Beside the columns of a row, and no name that one could have. */
const LIST_KEY = 'list_key'

/** What a list is called in cursors: a place in one means nothing in another. */
const nameOf = <Row>({ alias }: Query, { descending, columns }: ListOrder<Row>): string =>
  `${alias}${descending ? '-' : '+'}${columns.join()}`

const cursorIn =
  <Row>(list: string, { columns }: ListOrder<Row>) =>
  (row: Row): string =>
    toCursor(
      list,
      columns.map((column) => keyOf(row[column])),
    )

const orderedBy = <Row>({ alias }: Query, order: ListOrder<Row>, backward: boolean) =>
  order.columns.map((column) => ({ column: `${alias}.${column}`, direction: directionOf(order, backward) }))

const inOrder =
  <Row>(query: Query, order: ListOrder<Row>): ReadStretch =>
  (stretch) =>
    stretchOf(query, order, stretch).getRawMany()

/** A query for the rows of a stretch. */
export function stretchOf<Row>(
  query: Query,
  order: ListOrder<Row>,
  { bounds, backward, limit }: Stretch,
): Query {
  const stretch = query.clone()
  const ordered = orderedBy(query, order, backward)
  const paths = ordered.map(({ column }) => column)
  for (const { sql, parameters } of bounds.map((bound) => boundSql(paths, order, bound)))
    stretch.andWhere(sql, parameters)
  for (const { column, direction } of ordered) stretch.addOrderBy(column, direction)
  return stretch.limit(limit)
}

/** Between which values of the first column a stretch lies, as far as it is bounded. */
export function rangeOf(
  { descending }: Direction,
  { bounds }: Pick<Stretch, 'bounds'>,
): { lowest?: unknown; highest?: unknown } {
  const range = bounds.map(({ side, keyset }) =>
    SIDES[side][descending ? 1 : 0].startsWith('>') ? { lowest: keyset[0] } : { highest: keyset[0] },
  )
  return Object.assign({}, ...range) as { lowest?: unknown; highest?: unknown }
}

/** Reads stretches of rows that are at hand. */
export function inMemory<Row extends ObjectLiteral>(
  rows: readonly Row[],
  { columns, descending }: ListOrder<Row>,
): ReadStretch {
  const placed = rows
    .map((row) => ({ row, keyset: columns.map((column) => row[column] as unknown) }))
    .sort((one, other) => compared(one.keyset, other.keyset) * (descending ? -1 : 1))
  const lies = (keyset: Keyset, { side, keyset: place }: Bound): boolean =>
    MEANS[SIDES[side][descending ? 1 : 0]](compared(keyset, place))
  return ({ bounds, backward, limit }) => {
    const found = placed.filter(({ keyset }) => bounds.every((bound) => lies(keyset, bound)))
    return Promise.resolve((backward ? found.toReversed() : found).slice(0, limit).map(({ row }) => row))
  }
}

/** Below, above or at 0: how two rows stand to each other, as PostgreSQL compares rows of numbers, moments and ids. */
function compared(one: Keyset, other: Keyset): number {
  for (const [index, value] of one.entries()) {
    const [mine, theirs] = [keyOf(value) as number, keyOf(other[index]) as number]
    if (mine !== theirs) return mine < theirs ? -1 : 1
  }
  return 0
}

const MEANS = {
  '>': (order: number) => order > 0,
  '<': (order: number) => order < 0,
  '>=': (order: number) => order >= 0,
  '<=': (order: number) => order <= 0,
}

/** In which direction rows are read. */
export const directionOf = ({ descending }: Direction, backward: boolean): 'ASC' | 'DESC' =>
  descending === backward ? 'ASC' : 'DESC'

/** Where rows stand to a place, as PostgreSQL compares them in an ascending and in a descending order. */
const SIDES = { after: ['>', '<'], before: ['<', '>'], upTo: ['<=', '>='], from: ['>=', '<='] } as const

/** A bound as a condition on an order's columns, by the names under which a query knows them. */
export function boundSql(
  columns: readonly string[],
  { descending }: Direction,
  { side, keyset }: Bound,
): { sql: string; parameters: ObjectLiteral } {
  const names = columns.map((_, index) => `${side}${index}`)
  return {
    sql: `(${columns.join(', ')}) ${SIDES[side][descending ? 1 : 0]} (${names.map((name) => `:${name}`).join(', ')})`,
    parameters: Object.fromEntries(names.map((name, index) => [name, keyset[index]])),
  }
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const END_OF_TIME = Date.UTC(9999, 11, 31)

/** What a cursor carries for a column's value: itself, or the milliseconds of a moment. */
const keyOf = (value: unknown): unknown => (value instanceof Date ? value.getTime() : value)

/** How a column of a type reads its part of a cursor; undefined for what PostgreSQL would not take for a value of that type. */
const READ_KEY: Record<string, (key: unknown) => string | number | Date | undefined> = {
  uuid: (key) => (typeof key === 'string' && UUID.test(key) ? key : undefined),
  integer: (key) =>
    Number.isSafeInteger(key) && Math.abs(key as number) < 2 ** 31 ? (key as number) : undefined,
  text: (key) => (typeof key === 'string' && !/[\0\p{Cs}]/u.test(key) ? key : undefined),
  real: (key) => (typeof key === 'number' ? key : undefined),
  timestamptz: (key) =>
    typeof key === 'number' && Number.isInteger(key) && key >= 0 && key < END_OF_TIME
      ? new Date(key)
      : undefined,
}

function keysetOf<Row>(query: Query, { columns, computed }: ListOrder<Row>, carried: Keyset): Keyset {
  const { metadata } = query.expressionMap.mainAlias!
  const keyset = columns.map((column, index) => {
    const type = computed?.[column] ?? (metadata.findColumnWithPropertyName(column)!.type as string)
    const read = READ_KEY[type]
    if (!read)
      throw new Error(`A list cannot be ordered by ${column}: no cursor carries the type ${type} yet.`)
    return read(carried[index])
  })
  if (carried.length !== keyset.length || keyset.includes(undefined)) throw foreignCursor()
  return keyset
}
