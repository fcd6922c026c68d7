import { ApiError } from './error'

/** The arguments of a Relay connection (GraphQL Cursor Connections Specification, §4). */
export interface PageRequest {
  first?: number | null
  after?: string | null
  last?: number | null
  before?: string | null
}

export const DEFAULT_PAGE_SIZE = 20
export const MAX_PAGE_SIZE = 100

/** One page of a list: the rows, where each stands, and whether more lie before and after them. */
export interface Page<Row> {
  rows: Row[]
  cursorOf: (row: Row) => string
  /** Asked lazily: an answer that is not already known costs a look-up. */
  hasNextPage: () => boolean | Promise<boolean>
  hasPreviousPage: () => boolean | Promise<boolean>
}

/** A place in an ordered list: the values of the order's columns, the last one unique. */
export type Keyset = readonly unknown[]

/** Longest cursor that is read, in characters. */
export const MAX_CURSOR_LENGTH = 512

/** A place as clients carry it. `list` names the list and its order, for a place in one means nothing in another. */
export const toCursor = (list: string, keyset: Keyset): string =>
  Buffer.from(JSON.stringify([list, ...keyset])).toString('base64url')

/** Reads a cursor. What it holds came from a client: check each value before it is used. @throws ApiError BAD_USER_INPUT */
export function fromCursor(list: string, cursor: string): Keyset {
  try {
    const content: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (cursor.length <= MAX_CURSOR_LENGTH && Array.isArray(content) && content[0] === list)
      return content.slice(1)
  } catch {
    // Falls through to the one answer for every cursor that is not one of this list.
  }
  throw foreignCursor()
}

export const foreignCursor = (): ApiError =>
  new ApiError('BAD_USER_INPUT', 'This cursor does not belong to this list. Start again without it.')

/**
 * How many rows are asked for, and from which end. Without `first` or `last` the first 20 are meant.
 * @throws ApiError BAD_USER_INPUT when both ends are asked for at once, or a size lies outside 0–100.
 */
export function pageSize({ first, last }: PageRequest): { size: number; backward: boolean } {
  if (first != null && last != null) {
    throw new ApiError('BAD_USER_INPUT', 'Ask for `first` or for `last`, not for both.')
  }
  const size = first ?? last ?? DEFAULT_PAGE_SIZE
  if (size < 0 || size > MAX_PAGE_SIZE) {
    throw new ApiError('BAD_USER_INPUT', `A page holds 0 to ${MAX_PAGE_SIZE} items, not ${size}.`)
  }
  return { size, backward: last != null }
}
