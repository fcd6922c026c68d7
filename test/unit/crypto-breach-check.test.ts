import { SECOND } from '../../src/core/clock'
import { BreachCheck } from '../../src/crypto/breach-check'
import { BreachServer } from '../support/breach-server'

const server = new BreachServer()
let url: string
beforeAll(async () => (url = await server.start()))
afterAll(() => server.stop())
beforeEach(() => {
  server.answer = BreachServer.properly
  server.asked.length = 0
})

const failures: unknown[] = []
const check = (patience = 20 * SECOND) => new BreachCheck(url, (error) => failures.push(error), patience)

test('a stolen password is known, another is not', async () => {
  server.steal('kettle sang winter lamps')
  expect(await check().isBreached('kettle sang winter lamps')).toBe(true)
  expect(await check().isBreached('kettle sang winter lamp')).toBe(false)
})

test('however a keyboard composes its accents', async () => {
  server.steal('élan vital à midi')
  expect(await check().isBreached('élan vital à midi'.normalize('NFD'))).toBe(true)
})

test('the service is told five digits of the hash and nothing else, and asked for padding', async () => {
  await check().isBreached('kettle sang winter lamps')
  expect(server.asked).toHaveLength(1)
  const [{ path, headers }] = server.asked as [(typeof server.asked)[0]]
  expect(path).toMatch(/^\/range\/[0-9A-F]{5}$/)
  expect(headers['add-padding']).toBe('true')
  for (const name of ['cookie', 'authorization', 'referer', 'x-request-id'])
    expect(headers).not.toHaveProperty(name)
})

test('padding, which was seen 0 times, is no breach', async () => {
  server.answer = (response, range) => response.end(range.replace(/:37/g, ':0'))
  server.steal('padding padding')
  expect(await check().isBreached('padding padding')).toBe(false)
})

test.each<[string, BreachServer['answer']]>([
  ['an error', (response) => response.writeHead(503).end('Too busy')],
  ['something else than hashes', (response) => response.end('<html>Welcome to the hotel</html>')],
  ['a redirection', (response) => response.writeHead(302, { location: `${url}/elsewhere` }).end()],
  ['more than it should', (response) => response.end(`${'A'.repeat(35)}:1\r\n`.repeat(50_000))],
  ['half of it', (response) => void response.write('A', () => response.destroy())],
])('a service that answers %s knows nothing, and its operator is told', async (_what, answer) => {
  server.steal('kettle sang winter lamps')
  server.answer = answer
  failures.length = 0
  expect(await check().isBreached('kettle sang winter lamps')).toBe(false)
  expect(failures).toHaveLength(1)
  expect(String(failures[0])).not.toContain('kettle')
})

test('a service that does not answer is given up, at the first byte or in the middle', async () => {
  for (const answer of [
    () => undefined,
    (response) => void response.write('A'),
  ] as BreachServer['answer'][]) {
    server.answer = answer
    failures.length = 0
    expect(await check(50).isBreached('kettle sang winter lamps')).toBe(false)
    expect(failures).toMatchObject([{ name: 'TimeoutError' }])
  }
})

test('where none is set, nobody is asked', async () => {
  expect(await new BreachCheck(null).isBreached('kettle sang winter lamps')).toBe(false)
  expect(server.asked).toEqual([])
})
