import { malformed } from '../refused'
import { MAXIMUM_ENTRY, parseObject, tooLong, type Entry } from './entry'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPENING = new Set([0x5b, 0x7b])
const CLOSING = new Set([0x5d, 0x7d])
const BRACKET = 0x5b
const BLANK = new Set([0x20, 0x09, 0x0a, 0x0d])

/**
 * The elements of one array of a JSON file, without the file ever being in memory: of the array under `key` in the file's
 * object or, without a key, of the array that the file is. What is around the elements is followed, not checked.
 */
export async function* readElements(bytes: AsyncIterable<Buffer>, key?: string): AsyncGenerator<Entry> {
  const arrayDepth = key === undefined ? 1 : 2
  /** How many arrays and objects are open. */
  let depth = 0
  let isInString = false
  let isEscaped = false
  /** The text at depth 1 that may turn out to be a key, as long as it could be the one. */
  let name: number[] | null = null
  let lastName: string | null = null
  let isKeyNext = false
  /** Whether the array is open whose elements are asked for. */
  let isInArray = false
  let element = 0
  /** The element's bytes from former chunks; null between elements. */
  let parts: Buffer[] | null = null
  let length = 0

  const finish = (last: Buffer): Entry => {
    const place = { element }
    const isTooLong = length + last.length > MAXIMUM_ENTRY
    const entry = { place, content: isTooLong ? tooLong() : parseObject(Buffer.concat([...parts!, last])) }
    parts = null
    length = 0
    return entry
  }

  for await (const chunk of bytes) {
    let start = 0
    for (let index = 0; index < chunk.length; index++) {
      const byte = chunk[index]!
      if (isInString) {
        if (isEscaped) isEscaped = false
        else if (byte === BACKSLASH) isEscaped = true
        else if (byte === QUOTE) {
          isInString = false
          if (name) lastName = Buffer.from(name).toString('utf8')
          name = null
          continue
        }
        if (name && name.length < 64) name.push(byte)
        continue
      }
      if (BLANK.has(byte)) continue
      if (isInArray && depth === arrayDepth && (byte === COMMA || CLOSING.has(byte))) {
        if (parts) yield finish(chunk.subarray(start, index))
      } else if (isInArray && depth === arrayDepth && !parts) {
        parts = []
        start = index
        element++
      }
      if (byte === QUOTE) {
        isInString = true
        if (depth === 1 && !isInArray) name = []
      } else if (OPENING.has(byte)) {
        if (
          depth === arrayDepth - 1 &&
          byte === BRACKET &&
          (key === undefined || (isKeyNext && lastName === key))
        )
          isInArray = true
        depth++
      } else if (CLOSING.has(byte)) {
        if (depth === arrayDepth) isInArray = false
        depth--
      }
      isKeyNext = byte === COLON && depth === 1
    }
    if (parts) {
      // Of an element that is too long only its length is kept.
      if (length <= MAXIMUM_ENTRY) parts.push(Buffer.from(chunk.subarray(start)))
      length += chunk.length - start
    }
  }
  if (depth !== 0 || isInString) {
    if (!parts) element++
    yield { place: { element }, content: malformed('The file ends in the middle of this entry.') }
  }
}
