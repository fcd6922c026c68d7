import { randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { z } from 'zod'
import { brotliCompress, brotliDecompress, constants } from 'node:zlib'
import { generateDataKey, TamperedError } from '../../crypto/cipher'
import type { Keyring } from '../../crypto/keyring'
import { StreamOpener, StreamSealer } from '../../crypto/sealed-stream'
import type { Table } from './catalogue'
import type { Counted } from './row-digest'

/*
 * An archive is a header in clear, then frames: the length of a chunk (4 bytes, big-endian) and the chunk, sealed under a key
 * of this archive alone, which the header holds wrapped by the keyring. The first chunk is the outline, the last the manifest,
 * those between are rows of one table, as COPY writes them. Whatever has no frame after it must have been sealed as the last.
 */

const MAGIC = Buffer.from('PORTICO\u0001', 'latin1')
const LARGEST_HEADER = 4_096
/** Rows come in blocks of this size before they are compressed; a block may end within a row. */
export const BLOCK = 2 ** 20
/** The outline and the manifest have a few hundred bytes for each table. */
const LARGEST_CHUNK = 4 * BLOCK
/** How many blocks are compressed at once, beside everything else. */
const AT_ONCE = 3

/** What the first byte of a chunk says. */
const OUTLINE = 1
const ROWS = 2
const MANIFEST = 3

const headerSchema = z.strictObject({
  /** `keys` holds the wrapped data keys alone, `archive` everything else. */
  kind: z.enum(['archive', 'keys']),
  id: z.string(),
  /** Which database it is of, wherever that was restored to. */
  installation: z.string(),
  /** The key of the keyring that wraps the archive's own. */
  keyId: z.string(),
  /** The archive's own key, wrapped; base64. */
  key: z.string(),
})

/** What whoever finds a file may know about it. */
export type Header = z.infer<typeof headerSchema>
export type ArchiveKind = Header['kind']

/** What is known when an archive begins. */
export interface Outline {
  /** When the snapshot was taken: what was written later is not in it. ISO 8601, on PostgreSQL's clock. */
  takenAt: string
  /** The version of Portico that made it. */
  version: string
  /** The migrations that the schema had, oldest first, and the revision of the job queue's. */
  migrations: string[]
  jobRevision: number
  /** The head of the audit trail, which must still be part of the chain whenever it is examined; null where nothing was sealed. */
  trailHead?: string | null
  tables: Table[]
}

export interface Sequence {
  name: string
  /** As text, for it may exceed what JSON's numbers hold. */
  lastValue: string
  isCalled: boolean
}

/** What is known when an archive ends. */
export interface Conclusion {
  /** One for each table of the outline, in its order. */
  counted: Counted[]
  sequences: Sequence[]
}

/** Everything that an archive says about itself. */
export interface Manifest extends Header, Outline, Conclusion {
  /** Bytes of the file. */
  size: number
}

/** Rows of the table at that place of the outline. */
export interface Block {
  table: number
  rows: Buffer
}

/** The same as it stands in the archive. */
interface CompressedBlock {
  table: number
  compressed: Buffer
}

/** A backup that cannot be made, believed or used. The message says why, and what to do. */
export class BackupRefused extends Error {
  override readonly name = 'BackupRefused'
}

const compress = promisify(brotliCompress)
const decompress = promisify(brotliDecompress)
/** Three times as quick as the fastest deflate, and smaller. */
const QUICKLY = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }

/** The bytes of an archive of these blocks. `conclude` is asked when all of them have been taken. */
export async function* writeArchive(
  { kind, installation, keyring }: { kind: ArchiveKind; installation: string; keyring: Keyring },
  outline: Outline,
  blocks: AsyncIterable<Block>,
  conclude: () => Promise<Conclusion>,
): AsyncGenerator<Buffer, void> {
  const id = randomUUID()
  const key = generateDataKey()
  const header: Header = {
    kind,
    id,
    installation,
    keyId: keyring.activeKeyId,
    key: keyring.wrap(key, place(id)).toString('base64'),
  }
  const head = headOf(header)
  const sealer = new StreamSealer(key, head)
  const frame = (chunk: Buffer, isLast = false) => {
    const sealed = sealer.seal(chunk, isLast)
    return Buffer.concat([uint32(sealed.length), sealed])
  }
  yield head
  yield frame(Buffer.concat([Buffer.of(OUTLINE), toJson(outline)]))
  const compressing: Promise<Buffer>[] = []
  for await (const { table, rows } of blocks) {
    const chunk = compress(rows, QUICKLY).then((bytes) =>
      Buffer.concat([Buffer.of(ROWS), uint32(table), bytes]),
    )
    // Its turn to be waited for comes later; until then a failure is nobody's.
    chunk.catch(() => undefined)
    if (compressing.push(chunk) >= AT_ONCE) yield frame(await compressing.shift()!)
  }
  for (const chunk of compressing) yield frame(await chunk)
  yield frame(Buffer.concat([Buffer.of(MANIFEST), toJson(await conclude())]), true)
}

/** An archive that is being read. What it has given is authentic; whether it is whole is known when `blocks` have ended. */
export interface OpenArchive {
  header: Header
  outline: Outline
  blocks: AsyncGenerator<CompressedBlock, Manifest>
}

/**
 * Opens an archive, and gives its rows in order with the manifest as the last word.
 * @throws BackupRefused now or while reading, when a single bit is not as it was written.
 */
export async function openArchive(
  source: AsyncIterable<Buffer>,
  kind: ArchiveKind,
  keyring: Keyring,
): Promise<OpenArchive> {
  const reader = new Reader(source)
  const { header, head } = await readHead(reader)
  assertKind(header, kind)
  const opener = new StreamOpener(keyOf(header, keyring), head)
  const next = async () => {
    const { sealed, isLast } = await readFrame(reader)
    try {
      return { chunk: opener.open(sealed, isLast), isLast }
    } catch (error) {
      if (error instanceof TamperedError) throw damaged()
      throw error
    }
  }
  const first = await next()
  if (first.chunk[0] !== OUTLINE) throw damaged()
  const outline = fromJson<Outline>(first.chunk)

  async function* blocks(): AsyncGenerator<CompressedBlock, Manifest> {
    for (;;) {
      const { chunk, isLast } = await next()
      if (isLast) {
        if (chunk[0] !== MANIFEST) throw damaged()
        return { ...header, ...outline, ...fromJson<Conclusion>(chunk), size: reader.taken }
      }
      if (chunk[0] !== ROWS) throw damaged()
      yield { table: chunk.readUInt32BE(1), compressed: chunk.subarray(5) }
    }
  }
  return { header, outline, blocks: blocks() }
}

/** The rows of blocks, in their order. */
export async function* decompressed(blocks: AsyncIterable<CompressedBlock>): AsyncGenerator<Block, void> {
  const opening: Promise<Block>[] = []
  for await (const { table, compressed } of blocks) {
    const block = decompress(compressed).then((rows) => ({ table, rows }))
    block.catch(() => undefined)
    if (opening.push(block) >= AT_ONCE) yield await opening.shift()!
  }
  for (const block of opening) yield await block
}

/**
 * The header of a file, which is in clear and may have been changed.
 * @throws BackupRefused where there is none.
 */
export const headerOf = async (source: AsyncIterable<Buffer>): Promise<Header> =>
  (await readHead(new Reader(source))).header

const place = (id: string) => `backup/${id}`

function keyOf({ id, keyId, key }: Header, keyring: Keyring): Buffer {
  try {
    return keyring.unwrap(Buffer.from(key, 'base64'), place(id))
  } catch (error) {
    if (!(error instanceof TamperedError)) throw error
    throw new BackupRefused(
      `This keyring does not open the backup, which was made under its key “${keyId}”, or its first bytes were changed. ` +
        'Nothing was written. Set PORTICO_KEYRING to the keyring of that time.',
    )
  }
}

function assertKind(header: Header, kind: ArchiveKind): void {
  if (header.kind === kind) return
  throw new BackupRefused(
    kind === 'archive'
      ? 'This is the file of keys. Name the archive, and this one with --keys.'
      : 'This is no file of keys. The one that belongs to the backups of a folder is in it, under the name portico.keys.',
  )
}

const damaged = () =>
  new BackupRefused(
    'The backup is damaged: it was cut off, or changed after it was made. Nothing was written. Take another copy, or the one before.',
  )

function headOf(header: Header): Buffer {
  const json = toJson(header)
  return Buffer.concat([MAGIC, uint32(json.length), json])
}

async function readHead(reader: Reader): Promise<{ header: Header; head: Buffer }> {
  const magic = await reader.take(MAGIC.length)
  if (!magic?.equals(MAGIC)) {
    throw new BackupRefused(
      'This is no backup of Portico, or of a newer version, or its first bytes were changed.',
    )
  }
  const length = (await reader.take(4))?.readUInt32BE() ?? 0
  const json = length <= LARGEST_HEADER ? await reader.take(length) : null
  const { data: header } = json ? headerSchema.safeParse(fromJson<unknown>(json, 0)) : {}
  if (!json || !header) throw damaged()
  return { header, head: Buffer.concat([magic, uint32(length), json]) }
}

async function readFrame(reader: Reader): Promise<{ sealed: Buffer; isLast: boolean }> {
  const length = (await reader.take(4))?.readUInt32BE()
  const sealed = length !== undefined && length <= LARGEST_CHUNK ? await reader.take(length) : null
  if (!sealed) throw damaged()
  return { sealed, isLast: await reader.isAtEnd() }
}

const uint32 = (number: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(number)
  return bytes
}

const toJson = (value: object): Buffer => Buffer.from(JSON.stringify(value), 'utf8')

function fromJson<Value>(bytes: Buffer, start = 1): Value {
  try {
    return JSON.parse(bytes.toString('utf8', start)) as Value
  } catch {
    throw damaged()
  }
}

/** Takes as many bytes as are asked for, however they come. */
class Reader {
  /** Bytes that were taken so far. */
  taken = 0
  private readonly source: AsyncIterator<Buffer>
  private held: Buffer[] = []
  private length = 0

  constructor(source: AsyncIterable<Buffer>) {
    this.source = source[Symbol.asyncIterator]()
  }

  /** Null where fewer are left. */
  async take(count: number): Promise<Buffer | null> {
    while (this.length < count) if (!(await this.more())) return null
    const all = this.held.length === 1 ? this.held[0]! : Buffer.concat(this.held)
    this.held = [all.subarray(count)]
    this.length -= count
    this.taken += count
    return all.subarray(0, count)
  }

  async isAtEnd(): Promise<boolean> {
    while (this.length === 0) if (!(await this.more())) return true
    return false
  }

  private async more(): Promise<boolean> {
    const next = await this.source.next()
    if (next.done) return false
    this.held.push(next.value)
    this.length += next.value.length
    return true
  }
}
