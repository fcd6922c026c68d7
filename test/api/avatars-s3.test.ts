import { S3Store } from '../../src/modules/avatar/s3-store'
import { removeAvatarLeftovers } from '../../src/modules/avatar/avatar.task'
import { BLUE, colourAt, look, outcomeOf, plain, upload } from '../support/avatars'
import { S3_KEYS, S3_REGION, S3Server } from '../support/s3-server'
import { World } from '../support/world'

const s3 = new S3Server()
const world = new World()

beforeAll(async () => {
  await s3.start()
  await world.start({
    AVATARS_S3_URL: `${s3.url}/`,
    AVATARS_S3_REGION: S3_REGION,
    AVATARS_S3_KEY_ID: S3_KEYS.accessKeyId,
    AVATARS_S3_SECRET: S3_KEYS.secretAccessKey,
  })
})
afterAll(async () => {
  await world.stop()
  await s3.stop()
})
afterEach(() => {
  expect(s3.refused.splice(0)).toEqual([])
})

const png = () => plain(BLUE).png().toBuffer()
const cleanUp = () => world.do(removeAvatarLeftovers, {})

test('a bucket keeps the files, under a prefix, until they are nobody’s', async () => {
  const person = await world.person()
  const { status, avatarUrls } = await upload(world, person, await png())
  expect(status).toBe(200)
  const name = new URL(avatarUrls.LARGE).pathname.split('/').at(-1)!
  expect([...s3.objects.keys()].sort()).toEqual(
    ['256', '512', '64'].map((pixels) => `/people/avatars/${name.replace('512', pixels)}`),
  )
  expect([...s3.objects.values()].map(({ contentType }) => contentType)).toEqual(Array(3).fill('image/webp'))
  const response = await look(world, avatarUrls.LARGE)
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/webp'])
  const [red, , blue] = await colourAt(Buffer.from(await response.arrayBuffer()), 0.5, 0.5)
  expect([red! < 60, blue! > 180]).toEqual([true, true])

  expect((await upload(world, person, await png())).status).toBe(200)
  await cleanUp()
  expect(s3.objects.size).toBe(3)
  expect([...s3.objects.keys()].filter((key) => key.endsWith(name))).toEqual([])
  await person.api.data('mutation { removeAvatar { userErrors { code } } }')
  await cleanUp()
  expect(s3.objects.size).toBe(0)
})

test('a file that is missing there is missing, and nothing else', async () => {
  const { avatarUrls } = await upload(world, await world.person(), await png())
  s3.objects.clear()
  expect((await look(world, avatarUrls.LARGE)).status).toBe(404)
  await expect(world.db.tools.avatars.remove('no-such-file')).resolves.toBeUndefined()
})

test('a store that is busy for a moment is asked again, and one that stays so is an error that can be tried again', async () => {
  const person = await world.person()
  s3.failing.push(503, 500)
  const { status, avatarUrls } = await upload(world, person, await png())
  expect(status).toBe(200)
  s3.objects.clear()
  s3.failing.push(...Array<number>(20).fill(503))
  const answer = await upload(world, person, await png())
  expect(outcomeOf(answer)).toEqual([503, 'UNAVAILABLE', undefined])
  expect(JSON.stringify(answer.errors)).not.toMatch(/Error>|127\.0\.0\.1/)
  // What could not be removed is tried again by the queue.
  await expect(cleanUp()).rejects.toThrow('The store of avatars answered DELETE with 503.')
  s3.failing.length = 0
  await cleanUp()
  expect(s3.objects.size).toBe(0)
  expect((await look(world, avatarUrls.LARGE)).status).toBe(404)
  expect(world.logLines.join('\n')).not.toContain(S3_KEYS.secretAccessKey)
})

test('another secret is found out by the store, and nothing is kept', async () => {
  const before = s3.objects.size
  const store = new S3Store({ url: s3.url, region: S3_REGION, ...S3_KEYS, secretAccessKey: 'another' })
  await expect(store.put('x', Buffer.from('x'), 'image/webp')).rejects.toThrow('answered PUT with 403')
  expect([s3.refused.splice(0), s3.objects.size]).toEqual([['SignatureDoesNotMatch'], before])
})
