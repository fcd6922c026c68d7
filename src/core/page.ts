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

/** One page of a list: the rows, and whether more lie before and after them. */
export interface Page<Row> {
  rows: Row[]
  /** Asked lazily: an answer that is not already known costs a look-up. */
  hasNextPage: () => boolean | Promise<boolean>
  hasPreviousPage: () => boolean | Promise<boolean>
}

/** A place in an ordered list: the values of the order's columns, the last one unique. */
export type Keyset = readonly (string | number)[]

/** A page request after validation, in the terms that a repository needs. */
export interface PageWindow {
  size: number
  backward: boolean
  after: Keyset | null
  before: Keyset | null
}

export const toCursor = (keyset: Keyset): string => Buffer.from(JSON.stringify(keyset)).toString('base64url')

/** @throws ApiError BAD_USER_INPUT when the text was not made by `toCursor` for an order of `length` columns. */
export function fromCursor(cursor: string, length: number): Keyset {
  try {
    const keyset: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    const isKeyset =
      Array.isArray(keyset) &&
      keyset.length === length &&
      keyset.every((value) => typeof value === 'string' || typeof value === 'number')
    if (isKeyset && cursor.length <= 512) return keyset as Keyset
  } catch {
    // Falls through to the one answer for every malformed cursor.
  }
  throw new ApiError('BAD_USER_INPUT', 'This cursor does not belong to this list. Start again without it.')
}

/**
 * Reads connection arguments. Without `first` or `last` the first 20 are meant.
 * @throws ApiError BAD_USER_INPUT when both directions are asked for at once, or a size lies outside 0–100.
 */
export function pageWindow(request: PageRequest, keysetLength: number): PageWindow {
  const { first, last, after, before } = request
  if (first != null && last != null) {
    throw new ApiError('BAD_USER_INPUT', 'Ask for `first` or for `last`, not for both.')
  }
  const size = first ?? last ?? DEFAULT_PAGE_SIZE
  if (size < 0 || size > MAX_PAGE_SIZE) {
    throw new ApiError('BAD_USER_INPUT', `A page holds 0 to ${MAX_PAGE_SIZE} items, not ${size}.`)
  }
  return {
    size,
    backward: last != null,
    after: after != null ? fromCursor(after, keysetLength) : null,
    before: before != null ? fromCursor(before, keysetLength) : null,
  }
}
