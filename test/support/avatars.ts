import { readdir } from 'node:fs/promises'
import sharp from 'sharp'
import { crc32, deflateSync } from 'node:zlib'
import { AvatarService } from '../../src/modules/avatar/avatar.service'
import { drawSquares } from '../../src/modules/avatar/avatar-image'
import type { Person, World } from './world'

export type Colour = readonly [red: number, green: number, blue: number]

export const RED: Colour = [220, 30, 30]
export const BLUE: Colour = [30, 30, 220]

/** A picture of one colour. */
export const plain = ([r, g, b]: Colour, width = 300, height = 200) =>
  sharp({ create: { width, height, channels: 3, background: { r, g, b } } })

/** A picture whose left half has one colour and its right half another, as a JPEG with this orientation (EXIF). */
export async function halves(left: Colour, right: Colour, orientation = 1): Promise<Buffer> {
  const [r, g, b] = right
  const half = await sharp({ create: { width: 200, height: 400, channels: 3, background: { r, g, b } } })
    .png()
    .toBuffer()
  return plain(left, 400, 400)
    .composite([{ input: half, left: 200, top: 0 }])
    .jpeg({ quality: 100 })
    .withMetadata({ orientation })
    .toBuffer()
}

const chunk = (type: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

/** A black and white PNG of any size, which needs a bit for each pixel and packs to almost nothing. */
export function hugePng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 1
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc((Math.ceil(width / 8) + 1) * height), { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** Marker segments of a JPEG. */
const segment = (marker: number, body: Buffer): Buffer => {
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(body.length + 2, 2)
  return Buffer.concat([head, body])
}

/**
 * A valid progressive JPEG, all grey, that goes over its pixels again for each bit of each coefficient, most of the times by a run of
 * blocks that have nothing to say: hundreds of scans of a few bytes each. `side` is a multiple of 8.
 */
export function manyScans(side: number, bitsOfEach: number): Buffer {
  const blocks = (side / 8) ** 2
  const frame = Buffer.from([8, 0, 0, 0, 0, 1, 1, 0x11, 0])
  frame.writeUInt16BE(side, 1)
  frame.writeUInt16BE(side, 3)
  // Fifteen codes of four bits, each for runs of twice the length of the one before.
  const runCodes = Buffer.alloc(17 + 15)
  runCodes.set([0x10, 0, 0, 0, 15])
  for (let code = 0; code < 15; code++) runCodes[17 + code] = code << 4
  const onlyZero = Buffer.alloc(18)
  onlyZero[1] = 1
  let run = ''
  for (let left = blocks; left > 0;) {
    const code = Math.min(14, Math.floor(Math.log2(left)))
    const length = Math.min(left, 2 ** (code + 1) - 1)
    run += code.toString(2).padStart(4, '0')
    if (code > 0) run += (length - 2 ** code).toString(2).padStart(code, '0')
    left -= length
  }
  const padded = run.padEnd(Math.ceil(run.length / 8) * 8, '1')
  const runBytes = Buffer.from((padded.match(/.{8}/g) ?? []).map((bits) => Number.parseInt(bits, 2)))
    .toString('hex')
    .replaceAll(/ff(?=(..)*$)/g, 'ff00')
  const parts = [
    Buffer.from([0xff, 0xd8]),
    segment(0xdb, Buffer.concat([Buffer.from([0]), Buffer.alloc(64, 1)])),
    segment(0xc2, frame),
    segment(0xc4, onlyZero),
    segment(0xc4, runCodes),
    segment(0xda, Buffer.from([1, 1, 0, 0, 0, 0])),
    Buffer.alloc(Math.ceil(blocks / 8)),
  ]
  for (let coefficient = 1; coefficient < 64; coefficient++)
    for (let bit = 0; bit < bitsOfEach; bit++) {
      const [high, low] = [bit === 0 ? 0 : 14 - bit, 13 - bit]
      parts.push(segment(0xda, Buffer.from([1, 1, 0, coefficient, coefficient, (high << 4) | low])))
      parts.push(Buffer.from(runBytes, 'hex'))
    }
  return Buffer.concat([...parts, Buffer.from([0xff, 0xd9])])
}

export interface Uploaded {
  status: number
  headers: Headers
  avatarUrls: Record<'SMALL' | 'MEDIUM' | 'LARGE', string>
  errors?: { message: string; extensions: { code: string; problem?: string; retryAfter?: number } }[]
}

/** Puts a picture where a client would. */
export async function upload(
  world: World,
  person: Pick<Person, 'token'> | null,
  body: Buffer | ReadableStream,
  headers: Record<string, string> = {},
): Promise<Uploaded> {
  const response = await fetch(`${world.portico.url}/avatar`, {
    method: 'PUT',
    headers: {
      'content-type': 'image/png',
      ...(person && { authorization: `Bearer ${person.token}` }),
      ...headers,
    },
    body: body as unknown as RequestInit['body'],
    ...(body instanceof ReadableStream && { duplex: 'half' }),
  })
  const answer = (await response.json()) as Omit<Uploaded, 'status' | 'headers'>
  return { ...answer, status: response.status, headers: response.headers }
}

/** What went wrong with an upload, for programs. */
export const outcomeOf = ({ status, errors }: Uploaded): unknown[] => [
  status,
  errors?.[0]?.extensions.code,
  errors?.[0]?.extensions.problem,
]

/** Fetches a picture by its address, from the test's own server. */
export const look = (world: World, url: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${world.portico.url}${new URL(url).pathname}`, { headers })

/** The colour of a pixel of a picture, by its place from 0 to 1. */
export async function colourAt(picture: Buffer, across: number, down: number): Promise<number[]> {
  const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const [x, y] = [Math.floor(across * (info.width - 1)), Math.floor(down * (info.height - 1))]
  return [...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3)]
}

/** Gives somebody an avatar without the API. */
export async function avatarOf(world: World, person: Person, colour = RED): Promise<string> {
  const squares = await drawSquares(await plain(colour).png().toBuffer())
  return (await new AvatarService(await world.asViewer(person)).change(squares)).fileKey
}

/** The files of a folder; none where there is no such folder. */
export const filesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder).catch(() => [])).sort()
