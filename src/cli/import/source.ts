import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { UsageError } from '../command'
import { auth0Id, fromAuth0, type Auth0Hashes } from './formats/auth0'
import { fromKeycloak } from './formats/keycloak'
import { fromPortico } from './formats/portico'
import { fromSupabase } from './formats/supabase'
import { textOf, type Draft } from './formats/values'
import { readElements } from './read/elements'
import { isObject, parseObject, type Entry } from './read/entry'
import { readLines } from './read/lines'
import { readRecords } from './read/records'

export const FORMATS = ['portico', 'ndjson', 'csv', 'auth0', 'keycloak', 'supabase'] as const
export type Format = (typeof FORMATS)[number]

/** Whose words the entries are in. */
type System = 'portico' | 'auth0' | 'keycloak' | 'supabase'
type Container = 'ndjson' | 'csv' | 'array' | 'realm'

/** A file with people, opened. */
export interface Source {
  file: string
  system: System
  /** Its length in bytes. */
  length: number
  /** SHA-256 of everything that decides who is in it. */
  fingerprint: Buffer
  /** How many bytes of it have been read. */
  bytesRead(): number
  entries(): AsyncGenerator<Entry>
  draftOf(content: Record<string, unknown>, now: Date): Draft
}

export interface SourceOptions {
  /** Recognised from the content where it is not given. */
  format?: Format
  /** The file with Auth0's password hashes. */
  passwords?: string
}

/** Enough of a file to recognise it by, in bytes. */
const BEGINNING = 2 ** 16

/**
 * Opens a file and finds out what it is.
 * @throws UsageError when there is no such file, or nothing is known that looks like it.
 */
export async function openSource(file: string, { format, passwords }: SourceOptions): Promise<Source> {
  const beginning = await beginningOf(file)
  const known = recognise(beginning)
  const container = format === 'ndjson' || format === 'csv' ? format : known.container
  const named = format === 'ndjson' || format === 'csv' ? 'portico' : format
  const system = named ?? known.system
  if (container === null || system === null) {
    throw new UsageError(`It cannot be seen what ${file} is. Say it with --format: ${FORMATS.join(', ')}.`)
  }
  if (passwords !== undefined && system !== 'auth0') {
    throw new UsageError("--passwords goes with Auth0's export of users.")
  }
  const fingerprint = createHash('sha256').update(system)
  for (const path of [file, ...(passwords === undefined ? [] : [passwords])]) {
    const content = createHash('sha256')
    for await (const chunk of read(path)) content.update(chunk)
    fingerprint.update(content.digest())
  }
  const hashes = passwords === undefined ? undefined : await readHashes(passwords)
  let bytesRead = 0
  return {
    file,
    system,
    length: (await stat(file)).size,
    fingerprint: fingerprint.digest(),
    bytesRead: () => bytesRead,
    entries: () => READERS[container](read(file, (length) => (bytesRead += length))),
    draftOf: (content, now) => draftOf(system, content, now, hashes),
  }
}

const READERS: Record<Container, (bytes: AsyncIterable<Buffer>) => AsyncGenerator<Entry>> = {
  ndjson: readLines,
  csv: readRecords,
  array: (bytes) => readElements(bytes),
  realm: (bytes) => readElements(bytes, 'users'),
}

function draftOf(system: System, content: Record<string, unknown>, now: Date, hashes?: Auth0Hashes): Draft {
  switch (system) {
    case 'portico':
      return fromPortico(content, now)
    case 'auth0':
      return fromAuth0(content, now, hashes)
    case 'keycloak':
      return fromKeycloak(content, now)
    case 'supabase':
      return fromSupabase(content, now)
  }
}

async function* read(file: string, onRead?: (length: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of createReadStream(file, { highWaterMark: BEGINNING })) {
    onRead?.((chunk as Buffer).length)
    yield chunk as Buffer
  }
}

async function beginningOf(file: string): Promise<string> {
  try {
    const handle = await open(file, 'r')
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(BEGINNING), 0, BEGINNING, 0)
      return buffer
        .toString('utf8', 0, bytesRead)
        .replace(/^\ufeff/, '')
        .trimStart()
    } finally {
      await handle.close()
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new UsageError(
      code === 'ENOENT' ? `There is no file ${file}.` : `${file} cannot be read (${code}).`,
    )
  }
}

function recognise(beginning: string): { container: Container | null; system: System | null } {
  if (beginning.startsWith('[')) return { container: 'array', system: systemOf(keysIn(beginning)) }
  if (!beginning.startsWith('{')) {
    const names = beginning
      .split(/\r?\n/, 1)[0]!
      .split(',')
      .map((name) => name.trim().replaceAll('"', ''))
    const system = systemOf(new Set(names))
    return { container: system && 'csv', system }
  }
  const first = parseObject(Buffer.from(beginning.split('\n', 1)[0]!))
  // A line that is whole is one of many; else the file is one object.
  if (isObject(first) && !(first instanceof Error) && !Array.isArray(first['users']))
    return { container: 'ndjson', system: systemOf(new Set(Object.keys(first))) }
  const isRealm = /"(realm|users)"\s*:/.test(beginning)
  return isRealm ? { container: 'realm', system: 'keycloak' } : { container: null, system: null }
}

const keysIn = (json: string): Set<string> =>
  new Set([...json.matchAll(/"([A-Za-z_]{1,40})"\s*:/g)].map((match) => match[1]!))

/** Fields that one system has and no other. The order matters: what is left is our own. */
const MARKS: [System, string[]][] = [
  ['supabase', ['encrypted_password', 'raw_user_meta_data', 'email_confirmed_at']],
  ['keycloak', ['credentials', 'realmRoles', 'createdTimestamp']],
  ['auth0', ['user_id', 'email_verified', 'password_hash', 'custom_password_hash']],
  ['portico', ['email']],
]

const systemOf = (names: ReadonlySet<string>): System | null =>
  MARKS.find(([, marks]) => marks.some((mark) => names.has(mark)))?.[0] ?? null

/** Held in memory, some 200 bytes for each, because the two exports are in no common order. */
async function readHashes(file: string): Promise<Auth0Hashes> {
  const hashes = new Map<string, string>()
  await beginningOf(file)
  for await (const { place, content } of readLines(read(file))) {
    const id = content instanceof Error ? undefined : auth0Id(content)
    const hash = content instanceof Error ? undefined : textOf(content['passwordHash'])
    if (id === undefined || hash === undefined) {
      const { line } = place as { line: number }
      throw new UsageError(
        `Line ${line} of ${file} has no _id and passwordHash, as Auth0's export of hashes has.`,
      )
    }
    hashes.set(id, hash)
  }
  return hashes
}
