import { malformed, type Refused } from '../refused'

/** One entry of a file: what it holds, or why that cannot be read. */
export interface Entry {
  /** Where it stands: the number of its first line, or of the element in its array. Both count from 1. */
  place: { line: number } | { element: number }
  content: Record<string, unknown> | Refused
}

/** The longest entry, in bytes. A longer one is refused and never held in memory. */
export const MAXIMUM_ENTRY = 2 ** 20

export const tooLong = (): Refused => malformed(`The entry is longer than ${MAXIMUM_ENTRY / 2 ** 20} MiB.`)

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The text of bytes, without the mark that some programs begin a file with. */
export function decode(bytes: Uint8Array): string | Refused {
  try {
    return utf8.decode(bytes)
  } catch {
    return malformed('The entry is not UTF-8.')
  }
}

/** What bytes of JSON hold, which must be an object. */
export function parseObject(bytes: Uint8Array): Record<string, unknown> | Refused {
  const text = decode(bytes)
  if (typeof text !== 'string') return text
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : malformed('The entry is no JSON object.')
  } catch {
    // The parser's own message quotes what it read, which may be a hash.
    return malformed('The entry is not valid JSON.')
  }
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
