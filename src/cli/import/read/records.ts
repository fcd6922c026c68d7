import { CsvError, parse } from 'csv-parse/sync'
import { malformed } from '../refused'
import { decode, MAXIMUM_ENTRY, tooLong, type Entry } from './entry'

const QUOTE = 0x22
const COMMA = 0x2c
const LINE_FEED = 10

/**
 * The records of a CSV file (RFC 4180) under the names of its first one; an empty field is none at all. Records are parted
 * here and parsed one by one, so that one whose quotes are wrong takes no others with it.
 */
export async function* readRecords(bytes: AsyncIterable<Buffer>): AsyncGenerator<Entry> {
  let names: string[] | null = null
  for await (const { line, text } of splitRecords(bytes)) {
    const fields = typeof text === 'string' ? fieldsOf(text) : text
    if (fields === null) continue
    const place = { line }
    if (!Array.isArray(fields)) yield { place, content: fields }
    else if (names) yield { place, content: contentOf(names, fields) }
    else names = fields.map((name) => name.trim())
  }
}

/** Null for an empty line. */
function fieldsOf(record: string): string[] | Entry['content'] | null {
  const text = record.replace(/\r$/, '')
  if (text === '') return null
  // Most have none, and the parser takes its time to set up.
  if (!text.includes('"')) return text.split(',')
  try {
    return parse(text)[0]!
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    return malformed('The quotes of this record do not match.')
  }
}

function contentOf(names: readonly string[], fields: readonly string[]): Entry['content'] {
  if (fields.length !== names.length) {
    return malformed(`The record has ${fields.length} fields, where the first line names ${names.length}.`)
  }
  const given = names.map((name, index) => [name, fields[index]] as const)
  return Object.fromEntries(given.filter(([, field]) => field !== ''))
}

async function* splitRecords(
  bytes: AsyncIterable<Buffer>,
): AsyncGenerator<{ line: number; text: string | Entry['content'] }> {
  let line = 1
  let recordLine = 1
  let isQuoted = false
  let isFieldStart = true
  let parts: Buffer[] = []
  let length = 0
  const finish = (last: Buffer) => {
    const isTooLong = length + last.length > MAXIMUM_ENTRY
    const record = { line: recordLine, text: isTooLong ? tooLong() : decode(Buffer.concat([...parts, last])) }
    parts = []
    length = 0
    recordLine = line
    isQuoted = false
    isFieldStart = true
    return record
  }
  for await (const chunk of bytes) {
    let start = 0
    for (let index = 0; index < chunk.length; index++) {
      const byte = chunk[index]!
      if (byte === LINE_FEED) line++
      if (byte === QUOTE) {
        // A quote within quotes ends them and, where another follows, begins them again: it stands for itself.
        if (isQuoted || isFieldStart) isQuoted = !isQuoted
        isFieldStart = !isQuoted
      } else if (!isQuoted && byte === LINE_FEED) {
        yield finish(chunk.subarray(start, index))
        start = index + 1
      } else isFieldStart = byte === COMMA && !isQuoted
    }
    // Of a record that is too long only its length is kept.
    if (length <= MAXIMUM_ENTRY) parts.push(Buffer.from(chunk.subarray(start)))
    length += chunk.length - start
  }
  if (length > 0) yield finish(Buffer.alloc(0))
}
