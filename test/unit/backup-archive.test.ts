import { randomBytes, randomInt } from 'node:crypto'
import { addKey, generateKeyring, parseKeyring } from '../../src/crypto/keyring'
import {
  BackupRefused,
  decompressed,
  openArchive,
  writeArchive,
  type ArchiveKind,
  type Block,
} from '../../src/modules/backup/archive'
import { RowDigest } from '../../src/modules/backup/row-digest'
import { verifyBytes } from '../../src/modules/backup/verify-archive'

const ring = generateKeyring()
const keyring = parseKeyring(ring)

const OUTLINE = {
  takenAt: '2026-03-04T05:06:07.000Z',
  version: '1.2.3',
  migrations: ['First1'],
  jobRevision: 18,
  tables: ['public.posts', 'public.users'].map((name) => ({ name, columns: ['id'], isPartitioned: false })),
}

/** Rows as COPY writes them. */
const rows = (count: number) =>
  Buffer.from(
    Array.from({ length: count }, (_, index) => `${index}\t${randomBytes(9).toString('hex')}\n`).join(''),
  )

async function* from(parts: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* parts
}

/** An archive of these blocks, as the chunks that were written: the head, then one part for each frame. */
async function archive(
  blocks: readonly Block[] = [
    { table: 0, rows: rows(40) },
    { table: 1, rows: rows(30) },
    { table: 1, rows: rows(20) },
  ],
  { kind = 'archive' }: { kind?: ArchiveKind } = {},
): Promise<Buffer[]> {
  const digests = OUTLINE.tables.map(() => new RowDigest())
  const each = async function* () {
    for (const block of blocks) {
      digests[block.table]!.update(block.rows)
      yield block
    }
  }
  const parts: Buffer[] = []
  const conclude = async () => ({ counted: digests.map((digest) => digest.counted), sequences: [] })
  for await (const part of writeArchive({ kind, installation: 'here', keyring }, OUTLINE, each(), conclude)) {
    parts.push(part)
  }
  return parts
}

const verify = (bytes: Buffer, kind: ArchiveKind = 'archive', by = keyring) =>
  verifyBytes(from([bytes]), kind, by)

const isRefused = async (bytes: Buffer): Promise<boolean> =>
  verify(bytes).then(
    () => false,
    (error: unknown) => {
      if (!(error instanceof BackupRefused)) throw error
      return true
    },
  )

test('an archive gives back what was put into it, in order and however its bytes arrive', async () => {
  const blocks = [rows(1_000), Buffer.from('half a '), Buffer.from('row\n'), rows(3)].map((each, index) => ({
    table: index === 0 ? 0 : 1,
    rows: each,
  }))
  const bytes = Buffer.concat(await archive(blocks))
  for (const size of [1, 7, 1_000, bytes.length]) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    )
    const open = await openArchive(from(pieces), 'archive', keyring)
    const found: Block[] = []
    for await (const block of decompressed(open.blocks)) found.push(block)
    expect(found).toEqual(blocks)
    const manifest = await verifyBytes(from(pieces), 'archive', keyring)
    expect(manifest).toMatchObject({ ...OUTLINE, installation: 'here', size: bytes.length })
    expect(manifest.counted.map((each) => each.rows)).toEqual([1_000, 4])
  }
})

test('R97 nothing of what is in it can be read without the keyring, and no two archives have a key', async () => {
  const secret = Buffer.from('a secret that everybody wants to know\n')
  const [one, other] = await Promise.all([1, 2].map(() => archive([{ table: 0, rows: secret }])))
  const bytes = Buffer.concat(one!)
  expect(bytes.includes('secret')).toBe(false)
  expect(bytes.includes('public.users')).toBe(false)
  expect(one!.map((part) => part.toString('hex'))).not.toContain(other![1]!.toString('hex'))
  const stranger = parseKeyring(generateKeyring())
  await expect(verify(bytes, 'archive', stranger)).rejects.toThrow(
    /This keyring does not open the backup.+“k1”/,
  )
})

test('an archive is opened by a keyring whose active key is another by now', async () => {
  await verify(Buffer.concat(await archive()), 'archive', parseKeyring(addKey(ring)))
})

test('R99 each of 1,000 flipped bits is found', async () => {
  const bytes = Buffer.concat(await archive())
  expect(await isRefused(bytes)).toBe(false)
  // All of the head and of every frame's length, and as many anywhere else.
  const missed: number[] = []
  for (let time = 0; time < 1_000; time++) {
    const bit = time < 300 ? randomInt(8 * 400) : randomInt(8 * bytes.length)
    const changed = Buffer.from(bytes)
    changed[bit >> 3]! ^= 1 << (bit & 7)
    if (!(await isRefused(changed))) missed.push(bit)
  }
  expect(missed).toEqual([])
})

test('R99 what was cut off is found, at the border of every chunk and anywhere within', async () => {
  const parts = await archive()
  const bytes = Buffer.concat(parts)
  for (let count = 0; count < parts.length; count++) {
    expect([count, await isRefused(Buffer.concat(parts.slice(0, count)))]).toEqual([count, true])
  }
  for (let length = 0; length < bytes.length; length += 13) {
    expect([length, await isRefused(bytes.subarray(0, length))]).toEqual([length, true])
  }
})

test('R99 chunks that were repeated, exchanged, left out, added or taken from another archive are found', async () => {
  const [head, outline, one, other, third, manifest] = (await archive()) as [
    Buffer,
    Buffer,
    Buffer,
    Buffer,
    Buffer,
    Buffer,
  ]
  const foreign = await archive()
  const arrangements = {
    repeated: [head, outline, one, one, other, third, manifest],
    exchanged: [head, outline, other, one, third, manifest],
    'left out': [head, outline, one, third, manifest],
    'after the end': [head, outline, one, other, third, manifest, manifest],
    'bytes after the end': [head, outline, one, other, third, manifest, Buffer.of(0)],
    'of another archive': [head, outline, foreign[2]!, other, third, manifest],
    'under the head of another': [foreign[0]!, outline, one, other, third, manifest],
    'an end too early': [head, outline, manifest],
  }
  for (const [how, parts] of Object.entries(arrangements)) {
    expect([how, await isRefused(Buffer.concat(parts))]).toEqual([how, true])
  }
  expect(await isRefused(Buffer.concat([head, outline, one, other, third, manifest]))).toBe(false)
})

test('a file of keys is no archive, an archive no file of keys, and a picture neither', async () => {
  const keys = Buffer.concat(await archive(undefined, { kind: 'keys' }))
  await expect(verify(keys)).rejects.toThrow(/This is the file of keys/)
  await expect(verify(Buffer.concat(await archive()), 'keys')).rejects.toThrow(/This is no file of keys/)
  await expect(verify(randomBytes(5_000))).rejects.toThrow(/no backup of Portico/)
  await expect(verify(Buffer.alloc(0))).rejects.toThrow(/no backup of Portico/)
})

describe('the digest of a table', () => {
  const digestOf = (...parts: Buffer[]) => {
    const digest = new RowDigest()
    parts.forEach((part) => digest.update(part))
    return digest.counted
  }
  const lines = Array.from({ length: 50 }, (_, index) => Buffer.from(`row ${index}\n`))

  test('is the same in whatever order the rows come, and wherever they are cut', () => {
    const whole = Buffer.concat(lines)
    const expected = digestOf(whole)
    expect(expected).toMatchObject({ rows: 50, bytes: whole.length })
    expect(digestOf(...lines.toReversed())).toEqual(expected)
    for (const cut of [1, 2, 5, 6, 100]) {
      expect(digestOf(whole.subarray(0, cut), whole.subarray(cut, cut + 3), whole.subarray(cut + 3))).toEqual(
        expected,
      )
    }
  })

  test('is another where one row is, or comes twice', () => {
    const { digest } = digestOf(...lines)
    expect(digestOf(...lines.slice(1)).digest).not.toBe(digest)
    expect(digestOf(...lines, lines[0]!).digest).not.toBe(digest)
    expect(digestOf(...lines.slice(1), Buffer.from('row O\n')).digest).not.toBe(digest)
    expect(digestOf(...lines, lines[0]!, lines[0]!).digest).not.toBe(digest)
    expect(digestOf().digest).toBe('0'.repeat(64))
  })
})
