import sharp, { type Metadata } from 'sharp'
import { ApiError } from '../../core/error'
import { AVATAR_SIZES, AvatarSize, PIXELS } from './avatar-size'

/** Largest file that is read, in bytes. */
export const MAX_AVATAR_BYTES = 8 * 1024 * 1024

/** Largest picture that is decoded, in pixels, whatever its file says: what a camera takes, and no bomb. */
const MAX_PIXELS = 40_000_000

/** The same for what is decoded as a whole and not line by line, which takes up to twenty bytes for a pixel. */
const MAX_PIXELS_AT_ONCE = 16_000_000

/**
 * How often a JPEG may go over the whole picture to refine it. Encoders do so ten times. A valid file of 100 KB could for minutes, and
 * nobody can stop the decoder meanwhile (LJT-01-003).
 */
const MAX_SCANS = 100

/** How long one picture may take, in seconds. */
const MAX_SECONDS = 10

/** What a picture may be, by the name that its decoder gives it. */
const FORMATS: readonly string[] = ['jpeg', 'png', 'webp', 'gif', 'heif']

/** The decoders of these; there are others, which are never to see what somebody sends. */
const LOADERS = [
  'VipsForeignLoadJpegBuffer',
  'VipsForeignLoadPngBuffer',
  'VipsForeignLoadWebpBuffer',
  'VipsForeignLoadNsgifBuffer',
  'VipsForeignLoadHeifBuffer',
]

/** What is wrong with a file that is to be somebody's avatar. Append-only: clients switch on these words. */
export const AVATAR_PROBLEMS = {
  TOO_LARGE: `The file is too large; at most ${MAX_AVATAR_BYTES / 1024 / 1024} MiB are read.`,
  UNSUPPORTED_FORMAT: 'This is no picture that can be read. Send a PNG, JPEG, WebP, GIF or AVIF file.',
  TOO_MANY_PIXELS: `The picture is too large; at most ${MAX_PIXELS / 1_000_000} megapixels are decoded, of AVIF and interlaced PNG ${MAX_PIXELS_AT_ONCE / 1_000_000}.`,
  DAMAGED: 'The file is damaged or incomplete, so that the picture cannot be decoded.',
  TOO_SLOW: 'The picture takes too long to decode. Save it in another way, and send it again.',
} as const
export type AvatarProblem = keyof typeof AVATAR_PROBLEMS

export const avatarProblem = (problem: AvatarProblem): ApiError =>
  new ApiError('BAD_USER_INPUT', AVATAR_PROBLEMS[problem], { problem })

export type AvatarSquares = Readonly<Record<AvatarSize, Buffer>>

let isPrepared = false

/** Once in a process: pictures take turns, so what is remembered of one is of no use to the next. */
function prepare(): void {
  if (isPrepared) return
  isPrepared = true
  sharp.cache(false)
  sharp.concurrency(1)
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: LOADERS })
}

/**
 * Makes the squares that are kept of a picture, upright and cut from its middle; of one that moves, of its first frame. They are drawn
 * anew from pixels alone: neither metadata, such as where a photograph was taken, nor anything else that the file holds is in them.
 * What the file is, its bytes say.
 * @throws ApiError BAD_USER_INPUT with the `problem`
 */
export async function drawSquares(bytes: Buffer): Promise<AvatarSquares> {
  prepare()
  const metadata = await metadataOf(bytes)
  assertReadable(metadata)
  if (metadata.format === 'jpeg' && scansOf(bytes) > MAX_SCANS) throw avatarProblem('TOO_SLOW')
  const side = PIXELS[AvatarSize.LARGE]
  try {
    const { data, info } = await open(bytes)
      .autoOrient()
      .resize(side, side, { fit: 'cover' })
      .toColourspace('srgb')
      .raw()
      .timeout({ seconds: MAX_SECONDS })
      .toBuffer({ resolveWithObject: true })
    const { width, height, channels } = info
    const drawn = await Promise.all(
      AVATAR_SIZES.map(async (size) => {
        const square = sharp(data, { raw: { width, height, channels } })
        return [size, await square.resize(PIXELS[size]).webp({ quality: 82 }).toBuffer()] as const
      }),
    )
    return Object.fromEntries(drawn) as Record<AvatarSize, Buffer>
  } catch (error) {
    throw avatarProblem(/timeout/i.test((error as Error).message) ? 'TOO_SLOW' : 'DAMAGED')
  }
}

const open = (bytes: Buffer) =>
  sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'error', sequentialRead: true, pages: 1 })

async function metadataOf(bytes: Buffer): Promise<Metadata> {
  if (bytes.length === 0) throw avatarProblem('UNSUPPORTED_FORMAT')
  try {
    return await open(bytes).metadata()
  } catch (error) {
    const { message } = error as Error
    if (message.includes('pixel limit')) throw avatarProblem('TOO_MANY_PIXELS')
    throw avatarProblem(message.includes('unsupported image format') ? 'UNSUPPORTED_FORMAT' : 'DAMAGED')
  }
}

function assertReadable({ format, compression, isProgressive, width, height }: Metadata): void {
  // HEIF is the container of AVIF, and of formats that are encumbered by patents.
  const isKnown = FORMATS.includes(format) && (format !== 'heif' || compression === 'av1')
  if (!isKnown) throw avatarProblem('UNSUPPORTED_FORMAT')
  const isAtOnce = format === 'heif' || (format === 'png' && isProgressive)
  if (width * height > (isAtOnce ? MAX_PIXELS_AT_ONCE : MAX_PIXELS)) throw avatarProblem('TOO_MANY_PIXELS')
}

const [START_OF_SCAN, END_OF_IMAGE] = [0xda, 0xd9]

/** Those that no length follows: a byte that stands for itself, restarts, and the beginning of an image (ITU-T T.81 §B.1.1.3). */
const standsAlone = (marker: number): boolean => marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8)

/** How many scans a JPEG has. */
function scansOf(jpeg: Buffer): number {
  let count = 0
  let at = jpeg.indexOf(0xff)
  while (at !== -1 && at + 4 <= jpeg.length) {
    const marker = jpeg[at + 1]!
    if (marker === END_OF_IMAGE) break
    if (marker === START_OF_SCAN) count++
    // What fills up is as long as one likes.
    const length = marker === 0xff ? 1 : standsAlone(marker) ? 2 : 2 + jpeg.readUInt16BE(at + 2)
    at = jpeg.indexOf(0xff, at + length)
  }
  return count
}
