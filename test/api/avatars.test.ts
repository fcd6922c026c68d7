import { setTimeout as sleep } from 'node:timers/promises'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { MINUTE, SECOND } from '../../src/core/clock'
import { drawSquares } from '../../src/modules/avatar/avatar-image'
import { AvatarService } from '../../src/modules/avatar/avatar.service'
import { removeAvatarLeftovers } from '../../src/modules/avatar/avatar.task'
import { UserService } from '../../src/modules/user/user.service'
import {
  BLUE,
  colourAt,
  filesIn,
  halves,
  hugePng,
  look,
  manyScans,
  outcomeOf,
  plain,
  RED,
  upload,
} from '../support/avatars'
import { dataExportIdOf, dataExportOf, erased, restricted } from '../support/privacy'
import { sendRaw } from '../support/raw-http'
import { until } from '../support/until'
import { unzip } from '../support/unzip'
import { useWorld, type Person } from '../support/world'

const dataDir = mkdtempSync(join(tmpdir(), 'portico-avatars-'))
const world = useWorld({ DATA_DIR: dataDir })

const files = () => filesIn(join(dataDir, 'avatars'))
const cleanUp = () => world.do(removeAvatarLeftovers, {})

const urlOf = async (by: Pick<Person, 'api'>, { globalId }: Pick<Person, 'globalId'>, size = 'MEDIUM') =>
  (await by.api.data(`{ user(id: "${globalId}") { avatarUrl(size: ${size}) } }`)).user.avatarUrl as
    string | null

/** What is stored of anything: files, and rows that lead to them. */
async function stored() {
  const [rows] = await world.db.query<{ avatars: string; leftovers: string }>(
    'SELECT (SELECT count(*) FROM avatars) AS avatars, (SELECT count(*) FROM avatar_leftovers) AS leftovers',
  )
  return { ...rows, files: await files() }
}

/** Fails where `work` leaves anything behind. */
async function storesNothing(work: () => Promise<unknown>): Promise<void> {
  await cleanUp()
  const before = await stored()
  await work()
  await cleanUp()
  expect(await stored()).toEqual(before)
}

const isClose = (colour: readonly number[], other: readonly number[]): boolean =>
  colour.every((part, index) => Math.abs(part - other[index]!) < 12)

test('an avatar is uploaded, and everybody sees it in three sizes', async () => {
  const person = await world.person()
  expect(await urlOf(person, person)).toBeNull()
  const uploaded = await upload(world, person, await plain(RED).png().toBuffer())
  expect(uploaded.status).toBe(200)
  for (const [size, pixels] of [
    ['SMALL', 64],
    ['MEDIUM', 256],
    ['LARGE', 512],
  ] as const) {
    const url = uploaded.avatarUrls[size]
    expect(url).toMatch(new RegExp(`^http://localhost:4000/avatars/[0-9a-f]{32}-${pixels}\\.webp$`))
    expect(await urlOf({ api: world.anonymous }, person, size)).toBe(url)
    const response = await look(world, url)
    expect(response.status).toBe(200)
    const picture = Buffer.from(await response.arrayBuffer())
    expect(await sharp(picture).metadata()).toMatchObject({ format: 'webp', width: pixels, height: pixels })
    expect(isClose(await colourAt(picture, 0.5, 0.5), RED)).toBe(true)
  }
  const { viewer } = await person.api.data(
    '{ viewer { auditEvents { edges { node { action target details } } } } }',
  )
  expect(viewer.auditEvents.edges[0].node).toEqual({
    action: 'profile.avatar-changed',
    target: person.globalId,
    details: {},
  })
})

const png = (colour = RED) => plain(colour).png().toBuffer()

/** Uploads a picture that must be taken; the address of its largest size. */
async function uploaded(person: Person, body: Buffer): Promise<string> {
  const { status, avatarUrls, errors } = await upload(world, person, body)
  expect([status, errors]).toEqual([200, undefined])
  return avatarUrls.LARGE
}

const pictureAt = async (url: string): Promise<Buffer> =>
  Buffer.from(await (await look(world, url)).arrayBuffer())

describe('what is taken', () => {
  test.each(['png', 'jpeg', 'webp', 'gif', 'avif'] as const)(
    'is a picture as %s, whatever its header says',
    async (format) => {
      const person = await world.person()
      const picture = await pictureAt(await uploaded(person, await plain(BLUE).toFormat(format).toBuffer()))
      expect(isClose(await colourAt(picture, 0.5, 0.5), BLUE)).toBe(true)
    },
  )

  test('is the first frame of what moves', async () => {
    const person = await world.person()
    const frames = [await png(RED), await png(BLUE)]
    const gif = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer()
    expect((await sharp(gif).metadata()).pages).toBe(2)
    const picture = await pictureAt(await uploaded(person, gif))
    expect((await sharp(picture).metadata()).pages ?? 1).toBe(1)
    expect(isClose(await colourAt(picture, 0.5, 0.5), RED)).toBe(true)
  })

  test('is a picture with a small fault, as cameras and editors leave them', async () => {
    const person = await world.person()
    const jpeg = await plain(RED).jpeg().toBuffer()
    const table = jpeg.indexOf(Buffer.from([0xff, 0xdb]))
    const faulty = Buffer.concat([jpeg.subarray(0, table), Buffer.from([1, 2, 3]), jpeg.subarray(table)])
    await expect(sharp(faulty).stats()).rejects.toThrow('extraneous bytes')
    await uploaded(person, faulty)
  })

  test('is turned upright, as a camera says that it was held', async () => {
    const person = await world.person()
    // Turned by a quarter (EXIF 6), what was left is above.
    const picture = await pictureAt(await uploaded(person, await halves(RED, BLUE, 6)))
    const colours = [await colourAt(picture, 0.5, 0.1), await colourAt(picture, 0.5, 0.9)]
    expect([isClose(colours[0]!, RED), isClose(colours[1]!, BLUE)]).toEqual([true, true])
    expect(await sharp(picture).metadata()).not.toHaveProperty('orientation')
  })

  test('is cut from the middle, and what is transparent stays so', async () => {
    const person = await world.person()
    const wide = await sharp({
      create: { width: 900, height: 300, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .composite([{ input: await plain(RED, 300, 300).png().toBuffer(), left: 300, top: 0 }])
      .png()
      .toBuffer()
    const picture = await pictureAt(await uploaded(person, wide))
    for (const [x, y] of [
      [0.03, 0.03],
      [0.97, 0.97],
    ] as const)
      expect(isClose(await colourAt(picture, x, y), RED)).toBe(true)
    const clear = await sharp({
      create: { width: 90, height: 90, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer()
    expect((await sharp(await pictureAt(await uploaded(person, clear))).stats()).isOpaque).toBe(false)
  })
})

describe('nothing is kept of a file but what is seen', () => {
  test('neither where a photograph was taken nor anything else that is written in it', async () => {
    const person = await world.person()
    const photograph = await plain(RED)
      .jpeg()
      .withExif({
        IFD0: { Artist: 'Canary Artist' },
        IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '48/1 8/1 0/1' },
      })
      .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/">Canary Xmp</x:xmpmeta>')
      .toBuffer()
    expect(photograph.includes('Canary Artist') && photograph.includes('Canary Xmp')).toBe(true)
    expect((await sharp(photograph).metadata()).exif).toBeDefined()
    const picture = await pictureAt(await uploaded(person, photograph))
    const { exif, xmp, iptc, icc } = await sharp(picture).metadata()
    expect([exif, xmp, iptc, icc]).toEqual([undefined, undefined, undefined, undefined])
    for (const word of ['Canary', 'Exif', 'EXIF', 'XMP']) expect(picture.includes(word)).toBe(false)
  })

  const SCRIPT = '<script>alert("canary")</script>'
  const polyglots: [name: string, make: () => Promise<Buffer>][] = [
    [
      'a JPEG that is a page too',
      async () => Buffer.concat([await plain(RED).jpeg().toBuffer(), Buffer.from(SCRIPT)]),
    ],
    [
      'a JPEG that is a ZIP file too',
      async () =>
        Buffer.concat([
          await plain(RED).jpeg().toBuffer(),
          Buffer.from(`PK\x03\x04${SCRIPT}PK\x05\x06`, 'latin1'),
        ]),
    ],
    [
      'a GIF that is a script too',
      async () =>
        Buffer.concat([await plain(RED).gif().toBuffer(), Buffer.from(`*/=1;alert("canary")//PK${SCRIPT}`)]),
    ],
    [
      'a PNG with a page in a comment',
      async () =>
        plain(RED)
          .png()
          .withExif({ IFD0: { ImageDescription: SCRIPT } })
          .toBuffer(),
    ],
    [
      'a WebP that is a page too',
      async () => Buffer.concat([await plain(RED).webp().toBuffer(), Buffer.from(SCRIPT)]),
    ],
  ]
  test.each(polyglots)('not of %s', async (_name, make) => {
    const person = await world.person()
    const polyglot = await make()
    expect(polyglot.includes('canary')).toBe(true)
    const url = await uploaded(person, polyglot)
    for (const size of ['SMALL', 'MEDIUM', 'LARGE']) {
      const picture = await pictureAt((await urlOf(person, person, size))!)
      for (const word of ['canary', 'script', 'PK\x03\x04', 'PK\x05\x06'])
        expect(picture.includes(Buffer.from(word, 'latin1'))).toBe(false)
      expect(picture.subarray(0, 4).toString('latin1')).toBe('RIFF')
      // A WebP file says how long it is, and nothing follows.
      expect(picture.readUInt32LE(4) + 8).toBe(picture.length)
    }
    const { headers } = await look(world, url)
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'image/webp',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'cross-origin-resource-policy': 'cross-origin',
      'cache-control': 'public, max-age=31536000, s-maxage=3600, immutable',
    })
  })
})

describe('what is refused says why, and leaves nothing behind', () => {
  test('a bomb of 900 megapixels, before a pixel of it is decoded', async () => {
    const person = await world.person()
    const [bomb, larger, slightly] = [hugePng(30_000, 30_000), hugePng(40_000, 40_000), hugePng(8_000, 5_001)]
    expect(bomb.length).toBeLessThan(300_000)
    await storesNothing(async () => {
      const before = process.memoryUsage().rss
      const [one, ...more] = [
        await upload(world, person, bomb),
        await upload(world, person, larger),
        await upload(world, person, slightly),
      ]
      // A bit for each pixel of the bomb would be 112 MB, a byte 900 MB.
      expect(process.memoryUsage().rss - before).toBeLessThan(80_000_000)
      for (const answer of [one, ...more])
        expect(outcomeOf(answer)).toEqual([422, 'BAD_USER_INPUT', 'TOO_MANY_PIXELS'])
      expect(one.errors![0]!.message).toBe(
        'The picture is too large; at most 40 megapixels are decoded, of AVIF and interlaced PNG 16.',
      )
    })
    expect(await urlOf(person, person)).toBeNull()
    expect((await upload(world, person, hugePng(8_000, 5_000))).status).toBe(200)
  })

  test('of what is decoded as a whole less is taken', async () => {
    const person = await world.person()
    const large = () => plain(RED, 4_100, 4_000)
    await storesNothing(async () => {
      const files = [
        await large().png({ progressive: true }).toBuffer(),
        await large().avif({ effort: 0 }).toBuffer(),
      ]
      for (const file of files)
        expect(outcomeOf(await upload(world, person, file))).toEqual([
          422,
          'BAD_USER_INPUT',
          'TOO_MANY_PIXELS',
        ])
    })
    for (const file of [await large().png().toBuffer(), await large().jpeg({ progressive: true }).toBuffer()])
      expect((await upload(world, person, file)).status).toBe(200)
  })

  test('a JPEG that goes hundreds of times over its pixels, before a decoder sees it', async () => {
    const person = await world.person()
    const slow = manyScans(6_296, 14)
    expect(slow.length).toBeLessThan(200_000)
    await storesNothing(async () => {
      const before = Date.now()
      expect(outcomeOf(await upload(world, person, slow))).toEqual([422, 'BAD_USER_INPUT', 'TOO_SLOW'])
      // Decoded, it would take many seconds.
      expect(Date.now() - before).toBeLessThan(2_000)
    })
    expect((await upload(world, person, manyScans(160, 1))).status).toBe(200)
  })

  const refusals: [name: string, problem: string, make: () => Promise<Buffer> | Buffer][] = [
    [
      'a drawing (SVG)',
      'UNSUPPORTED_FORMAT',
      () =>
        Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>1</script></svg>'),
    ],
    ['a page', 'UNSUPPORTED_FORMAT', () => Buffer.from('<!doctype html><html><body>hello</body></html>')],
    ['a document (PDF)', 'UNSUPPORTED_FORMAT', () => Buffer.from('%PDF-1.7\n1 0 obj\n<<>>\nendobj\n')],
    ['a TIFF', 'UNSUPPORTED_FORMAT', () => plain(RED).tiff().toBuffer()],
    [
      'a picture in the format of libvips',
      'UNSUPPORTED_FORMAT',
      () => Buffer.from('b6a6f20800000064', 'hex'),
    ],
    ['a list of pixels in words (PPM)', 'UNSUPPORTED_FORMAT', () => Buffer.from('P3 1 1 255 1 2 3')],
    ['nothing', 'UNSUPPORTED_FORMAT', () => Buffer.alloc(0)],
    ['random bytes', 'UNSUPPORTED_FORMAT', () => Buffer.alloc(5_000, 'q')],
    ['half a JPEG', 'DAMAGED', async () => (await noise().jpeg().toBuffer()).subarray(0, 20_000)],
    ['half a PNG', 'DAMAGED', async () => (await noise().png().toBuffer()).subarray(0, 20_000)],
    [
      'half a WebP',
      'DAMAGED',
      async () => (await noise().webp({ lossless: true }).toBuffer()).subarray(0, 20_000),
    ],
    [
      'half an AVIF',
      'DAMAGED',
      async () => (await noise().avif({ quality: 90, effort: 0 }).toBuffer()).subarray(0, 8_000),
    ],
    [
      'a GIF that ends after its header',
      'DAMAGED',
      async () => (await plain(RED).gif().toBuffer()).subarray(0, 12),
    ],
    [
      'an AVIF that is larger than it says',
      'DAMAGED',
      async () => {
        const avif = await plain(RED, 800, 800).avif({ effort: 0 }).toBuffer()
        // The extent of the image (ISO/IEC 23008-12 §6.5.3), by which it would pass for a small one.
        const extent = avif.indexOf('ispe')
        avif.writeUInt32BE(64, extent + 8)
        avif.writeUInt32BE(64, extent + 12)
        return avif
      },
    ],
    ['the header of a PNG', 'DAMAGED', async () => (await png()).subarray(0, 40)],
  ]
  const noise = () =>
    sharp({
      create: {
        width: 400,
        height: 400,
        channels: 3,
        background: 'white',
        noise: { type: 'gaussian', mean: 128, sigma: 40 },
      },
    })

  test.each(refusals)('%s, which its header calls a PNG', async (_name, problem, make) => {
    const person = await world.person()
    const file = await make()
    await storesNothing(async () => {
      const answer = await upload(world, person, file)
      expect(outcomeOf(answer)).toEqual([problem === 'DAMAGED' ? 422 : 415, 'BAD_USER_INPUT', problem])
      expect(answer.errors![0]!.message).toMatch(/\.$/)
    })
  })

  test('whatever else libvips could decode, by libvips itself: nobody has to think of it', async () => {
    await drawSquares(await png())
    const others = [
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
      await plain(RED).tiff().toBuffer(),
    ]
    for (const other of others)
      await expect(sharp(Buffer.from(other)).metadata()).rejects.toThrow('unsupported image format')
  })

  test('50 MB, whether their length is announced or not, of which no more than 8 MiB are read', async () => {
    const person = await world.person()
    const most = 8 * 1024 * 1024
    await storesNothing(async () => {
      const announced = await upload(world, person, Buffer.alloc(50_000_000))
      expect([outcomeOf(announced), announced.errors![0]!.message]).toEqual([
        [413, 'BAD_USER_INPUT', 'TOO_LARGE'],
        'The file is too large; at most 8 MiB are read.',
      ])
      expect(announced.headers.get('connection')).toBe('close')
      const streamed = await upload(world, person, new Blob([Buffer.alloc(50_000_000)]).stream())
      expect(outcomeOf(streamed)).toEqual([413, 'BAD_USER_INPUT', 'TOO_LARGE'])
      expect(outcomeOf(await upload(world, person, Buffer.alloc(most + 1)))[0]).toBe(413)
      expect(outcomeOf(await upload(world, person, Buffer.alloc(most)))[0]).toBe(415)
    })
  })

  test('50 MB that are only announced are answered at once, and the connection is closed', async () => {
    const person = await world.person()
    const request = [
      'PUT /avatar HTTP/1.1',
      'Host: localhost',
      `Authorization: Bearer ${person.token}`,
      'Content-Type: image/png',
      'Content-Length: 50000000',
      '',
      'the beginning',
    ].join('\r\n')
    const { status, headers } = await sendRaw(world.portico.url, request)
    expect([status, headers['connection']]).toEqual([413, 'close'])
    expect(headers['x-request-id']).toMatch(/^req_/)
  })
})

describe('who may', () => {
  test('a stranger may not, before anything is read of what they send', async () => {
    await storesNothing(async () => {
      for (const body of [await png(), Buffer.alloc(9_000_000)])
        expect(outcomeOf(await upload(world, null, body))).toEqual([401, 'UNAUTHENTICATED', undefined])
      const unknown = { token: `ptc_${'x'.repeat(43)}` }
      expect(outcomeOf(await upload(world, unknown, await png()))[0]).toBe(401)
    })
  })

  test('whoever acts as somebody else may not, nor may an access token', async () => {
    const person = await world.person()
    const writer = await world.person({ permissions: ['users:impersonate', 'users:impersonate-write'] })
    const { startImpersonation } = await writer.api.data(
      `mutation { startImpersonation(input: { userId: "${person.globalId}", reason: "Ticket 1" }) { token } }`,
    )
    const { createAccessToken } = await person.api.data(
      'mutation { createAccessToken(input: { name: "Program", scopes: [] }) { token } }',
    )
    await storesNothing(async () => {
      for (const { token } of [startImpersonation, createAccessToken])
        expect(outcomeOf(await upload(world, { token }, await png()))).toEqual([403, 'FORBIDDEN', undefined])
    })
    await world.portico.background.settle()
    const refused = await world.db.query(
      `SELECT details, impersonator_id IS NOT NULL AS "byAnother" FROM audit_events WHERE actor_id = $1 AND action = 'access.refused' ORDER BY id`,
      [person.id],
    )
    expect(refused).toEqual([
      { details: { fields: ['PUT /avatar'] }, byAnother: true },
      { details: { fields: ['PUT /avatar'] }, byAnother: false },
    ])
  })

  test('whoever has been suspended may not, and whoever is while they upload does not either', async () => {
    const person = await world.person()
    const db = await world.asViewer(person)
    await world.suspend(person)
    await storesNothing(async () => {
      expect(outcomeOf(await upload(world, person, await png()))[0]).toBe(401)
      // The upload had been let in before.
      await expect(new AvatarService(db).change(await drawSquares(await png()))).rejects.toMatchObject({
        code: 'UNAUTHENTICATED',
      })
    })
  })

  test('a cookie serves pages of our origin and those that are trusted, and no other', async () => {
    const person = await world.person()
    const cookie = `__Host-portico=${person.token}`
    const from = async (headers: Record<string, string>) =>
      (await upload(world, null, await png(), { cookie, ...headers })).status
    await storesNothing(async () => {
      expect(await from({ origin: 'https://evil.example' })).toBe(403)
      expect(await from({ origin: 'null' })).toBe(403)
      expect(await from({ 'sec-fetch-site': 'cross-site' })).toBe(403)
    })
    expect(await from({ origin: 'http://localhost:4000' })).toBe(200)
    expect(await from({ 'sec-fetch-site': 'same-origin' })).toBe(200)
  })

  test('a page of a trusted origin is told beforehand that it may, and another one is not', async () => {
    const ask = async (origin: string) => {
      const response = await fetch(`${world.portico.url}/avatar`, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'PUT',
          'access-control-request-headers': 'content-type',
        },
      })
      return [
        response.headers.get('access-control-allow-origin'),
        response.headers.get('access-control-allow-methods'),
      ]
    }
    expect(await ask('http://localhost:4000')).toEqual(['http://localhost:4000', 'GET, POST, PUT'])
    expect((await ask('https://evil.example'))[0]).toBeNull()
  })

  test('one person uploads twenty in a row, and waits before the next', async () => {
    const person = await world.person()
    const picture = await plain(RED, 8, 8).png().toBuffer()
    for (let count = 0; count < 20; count++) expect((await upload(world, person, picture)).status).toBe(200)
    await storesNothing(async () => {
      const refused = await upload(world, person, picture)
      expect(outcomeOf(refused)).toEqual([429, 'RATE_LIMITED', undefined])
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    })
    world.clock.advance(MINUTE)
    expect((await upload(world, person, picture)).status).toBe(200)
    expect((await upload(world, await world.person(), picture)).status).toBe(200)
  })
})

describe('when many upload at once', () => {
  test('one person has two under way at most', async () => {
    const person = await world.person()
    // Only the beginning of them comes, so that they stay under way.
    const ends: (() => void)[] = []
    const begin = () => {
      const start = (body: ReadableStreamDefaultController<Uint8Array>) => {
        body.enqueue(new Uint8Array(9))
        ends.push(() => body.close())
      }
      return upload(world, person, new ReadableStream({ start }))
    }
    const under = Promise.all([begin(), begin()])
    try {
      // They are under way before long; asked all the time, the twenty that may be uploaded in a row would be used up first.
      await until(async () => {
        await sleep(SECOND / 2)
        return outcomeOf(await upload(world, person, await png()))[0] === 429
      })
      const refused = await upload(world, person, await png())
      expect([outcomeOf(refused), refused.headers.get('retry-after')]).toEqual([
        [429, 'RATE_LIMITED', undefined],
        '5',
      ])
      expect((await upload(world, await world.person(), await png())).status).toBe(200)
    } finally {
      for (const end of ends) end()
      await under
    }
    expect((await under).map(({ status }) => status)).toEqual([415, 415])
    expect((await upload(world, person, await png())).status).toBe(200)
  })

  test('pictures take turns, and those for whom it would take too long are told to come again', async () => {
    const people = await Promise.all(Array.from({ length: 30 }, () => world.person()))
    const large = await plain(RED, 4_000, 4_000).avif({ effort: 0 }).toBuffer()
    const answers = await Promise.all(people.map((person) => upload(world, person, large)))
    const refused = answers.filter(({ status }) => status !== 200)
    // Sixteen are taken in; one of them is drawn and eight wait, of whom the last ones may do so in vain.
    expect(answers.length - refused.length).toBeGreaterThan(1)
    expect(refused.length).toBeGreaterThanOrEqual(14)
    for (const answer of refused) {
      expect(outcomeOf(answer)).toEqual([503, 'UNAVAILABLE', undefined])
      expect(answer.headers.get('retry-after')).toBe('5')
    }
    for (const [index, { status }] of answers.entries())
      expect((await urlOf(people[index]!, people[index]!)) !== null).toBe(status === 200)
    expect((await upload(world, people[0]!, await png())).status).toBe(200)
  })
})

describe('an avatar that is shown no more', () => {
  test('is gone from its address when another one takes its place, and its files are removed', async () => {
    const person = await world.person()
    const first = await uploaded(person, await png(RED))
    const second = await uploaded(person, await png(BLUE))
    expect(second).not.toBe(first)
    const gone = await look(world, first)
    expect([gone.status, gone.headers.get('cache-control')]).toEqual([404, 'no-store'])
    expect(await gone.json()).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] })
    expect((await look(world, second)).status).toBe(200)
    await cleanUp()
    const kept = await files()
    expect(kept.filter((name) => first.includes(name.slice(0, 32)))).toEqual([])
    expect(kept.filter((name) => second.includes(name.slice(0, 32)))).toHaveLength(3)
  })

  test('two that are uploaded at once leave one', async () => {
    const person = await world.person()
    await cleanUp()
    const before = await files()
    const answers = await Promise.all([
      upload(world, person, await png(RED)),
      upload(world, person, await png(BLUE)),
    ])
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    await cleanUp()
    const added = (await files()).filter((name) => !before.includes(name))
    const shown = await urlOf(person, person, 'LARGE')
    expect(added).toHaveLength(3)
    expect(added.every((name) => shown!.includes(name.slice(0, 32)))).toBe(true)
    expect(answers.map(({ avatarUrls }) => avatarUrls.LARGE)).toContain(shown)
  })

  test('is removed by the person, and by staff who say why', async () => {
    const person = await world.person()
    const url = await uploaded(person, await png())
    const REMOVE = 'mutation { removeAvatar { user { avatarUrl } userErrors { code } } }'
    const answer = { user: { avatarUrl: null }, userErrors: [] }
    expect((await person.api.data(REMOVE)).removeAvatar).toEqual(answer)
    expect((await person.api.data(REMOVE)).removeAvatar).toEqual(answer)
    expect((await look(world, url)).status).toBe(404)

    const again = await uploaded(person, await png())
    const editor = await world.person({ permissions: ['users:edit'] })
    const REMOVE_OF = `mutation ($input: RemoveUserAvatarInput!) { removeUserAvatar(input: $input) { user { avatarUrl } userErrors { code field } } }`
    const input = { userId: person.globalId, reason: 'It shows somebody else.' }
    expect(await (await world.person()).api.errorCode(REMOVE_OF, { input })).toBe('FORBIDDEN')
    expect((await look(world, again)).status).toBe(200)
    expect((await editor.api.data(REMOVE_OF, { input })).removeUserAvatar).toEqual(answer)
    expect((await look(world, again)).status).toBe(404)
    const { viewer } = await person.api.data(
      '{ viewer { auditEvents(filter: { actions: ["profile.avatar-removed"] }) { edges { node { details actor { id } } } } } }',
    )
    expect(viewer.auditEvents.edges.map(({ node }: { node: unknown }) => node)).toEqual([
      { details: { reason: 'It shows somebody else.' }, actor: { id: editor.globalId } },
      { details: { reason: null }, actor: { id: person.globalId } },
    ])
    const admin = await world.person({ role: 'admin' })
    const ofAdmin = { userId: admin.globalId, reason: 'No.' }
    expect((await editor.api.data(REMOVE_OF, { input: ofAdmin })).removeUserAvatar).toMatchObject({
      userErrors: [{ code: 'NOT_PERMITTED' }],
    })
  })

  test('is that of whoever is shown to nobody else, until they are again', async () => {
    const person = await world.person()
    const url = await uploaded(person, await png())
    await restricted(world, person)
    expect((await look(world, url)).status).toBe(404)
    expect(await urlOf(person, person)).toBeNull()
    await new UserService(world.db).liftRestriction(person.id)
    expect((await look(world, url)).status).toBe(200)
    await new UserService(world.db).deactivate(person.id)
    expect((await look(world, url)).status).toBe(404)
    await cleanUp()
    await new UserService(world.db).noteSignIn(person.id)
    expect((await look(world, url)).status).toBe(200)
  })

  test('goes with whoever is erased, row and files', async () => {
    const person = await world.person()
    const url = await uploaded(person, await png())
    await erased(world, person)
    expect((await look(world, url)).status).toBe(404)
    expect(await world.db.query('SELECT FROM avatars WHERE user_id = $1', [person.id])).toEqual([])
    await cleanUp()
    expect((await files()).filter((name) => url.includes(name.slice(0, 32)))).toEqual([])
  })
})

test('a picture that has been kept is not sent again', async () => {
  const url = await uploaded(await world.person(), await png())
  const { headers } = await look(world, url)
  const again = await look(world, url, { 'if-none-match': headers.get('etag')! })
  expect([again.status, await again.text()]).toEqual([304, ''])
})

test.each([
  '',
  'x',
  '../keyring.json',
  '%2e%2e%2fkeyring.json',
  `${'a'.repeat(32)}-64.webp`,
  `${'a'.repeat(32)}-65.webp`,
  `${'A'.repeat(32)}-64.webp`,
])('there is nothing at /avatars/%s', async (name) => {
  const response = await fetch(`${world.portico.url}/avatars/${name}`)
  expect(response.status).toBe(404)
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] })
})

describe('an upload that does not end well', () => {
  test('because the store fails midway is answered, and what was written is removed', async () => {
    const person = await world.person()
    const { avatars } = world.db.tools
    const put = avatars.put.bind(avatars)
    let count = 0
    await storesNothing(async () => {
      avatars.put = (...given) =>
        ++count < 3 ? put(...given) : Promise.reject(new Error('The disk is full.'))
      try {
        const answer = await upload(world, person, await png())
        expect(outcomeOf(answer)).toEqual([503, 'UNAVAILABLE', undefined])
        expect(JSON.stringify(answer.errors)).not.toContain('disk')
      } finally {
        avatars.put = put
      }
      expect(count).toBe(3)
    })
  })

  test('because the process dies is found when its time is over', async () => {
    const person = await world.person()
    const db = await world.asViewer(person)
    const { avatars } = world.db.tools
    const put = avatars.put.bind(avatars)
    await cleanUp()
    const before = await files()
    avatars.put = async (...given) => {
      await put(...given)
      // As if nothing came after it.
      await new Promise(() => undefined)
    }
    void new AvatarService(db).change(await drawSquares(await png()))
    while ((await files()).length === before.length) await new Promise((resolve) => setTimeout(resolve, 10))
    avatars.put = put
    await cleanUp()
    expect((await files()).length).toBe(before.length + 1)
    world.clock.advance(15 * MINUTE)
    await cleanUp()
    expect(await files()).toEqual(before)
  })
})

test('the copy of one’s data has the picture', async () => {
  const person = await world.person()
  const url = await uploaded(person, await png(BLUE))
  const id = await dataExportOf(world, person)
  const parts = await world.db.query<{ size: number }>(
    'SELECT size_bytes AS size FROM data_exports WHERE id = $1',
    [dataExportIdOf(id)],
  )
  expect(parts[0]!.size).toBeGreaterThan((await pictureAt(url)).length)
  const { createDataExportLink } = await person.api.data(
    `mutation { createDataExportLink(input: { dataExportId: "${id}" }) { url } }`,
  )
  const zip = Buffer.from(
    await (
      await fetch(`${world.portico.url}${new URL(createDataExportLink.url as string).pathname}`)
    ).arrayBuffer(),
  )
  expect(zip.includes(await pictureAt(url))).toBe(true)
  const { 'index.html': page, 'avatar.webp': picture } = await unzip(zip)
  expect(page).toContain('Your picture is in <a href="avatar.webp">avatar.webp</a>.')
  expect(picture).toMatch(/^RIFF/)
})
