import { MAXIMUM_ENTRY, parseObject, tooLong, type Entry } from './entry'

const LINE_FEED = 10

/** The lines of an NDJSON file, each of which holds one object; empty ones do not count as entries. */
export async function* readLines(bytes: AsyncIterable<Buffer>): AsyncGenerator<Entry> {
  let line = 1
  let rest: Buffer[] = []
  let restLength = 0
  for await (const chunk of bytes) {
    let start = 0
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      const entry = entryOf(line, [...rest, chunk.subarray(start, end)], restLength + end - start)
      if (entry) yield entry
      line++
      start = end + 1
      rest = []
      restLength = 0
    }
    // Of a line that is too long only its length is kept.
    if (restLength <= MAXIMUM_ENTRY) rest.push(Buffer.from(chunk.subarray(start)))
    restLength += chunk.length - start
  }
  const last = entryOf(line, rest, restLength)
  if (last) yield last
}

function entryOf(line: number, parts: readonly Buffer[], length: number): Entry | null {
  const place = { line }
  if (length > MAXIMUM_ENTRY) return { place, content: tooLong() }
  const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  return isBlank(bytes) ? null : { place, content: parseObject(bytes) }
}

const isBlank = (bytes: Buffer): boolean => bytes.every((byte) => byte === 32 || byte === 9 || byte === 13)
