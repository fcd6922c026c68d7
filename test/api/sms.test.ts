import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HOUR, MINUTE } from '../../src/core/clock'
import { DeliveryChannel } from '../../src/modules/delivery/delivery-channel'
import { SmsService } from '../../src/modules/sms/sms.service'
import { deliveriesTo, sendDueMessages } from '../support/deliveries'
import { ADD_PHONE, CONFIRM_PHONE, newNumber } from '../support/phones'
import { until } from '../support/until'
import { World, type Person } from '../support/world'

/** What a provider of text messages got. */
interface Received {
  headers: IncomingMessage['headers']
  body: { to: string; from: string; text: string }
}

const received: Received[] = []
let answer: RequestListener
let server: Server
const world = new World()

beforeAll(async () => {
  server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      received.push({ headers: request.headers, body: JSON.parse(text) as Received['body'] })
      answer(request, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  await world.start({
    SMS_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/messages`,
    SMS_TOKEN: 'token-of-a-test',
    SMS_FROM: 'Portico',
  })
})
afterAll(async () => {
  await world.stop()
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  received.length = 0
  answer = (_request, response) => response.writeHead(202).end('{}')
})

const NUMBER = '+436601234567'

/** Sends a code to a person, and waits for what comes of the first try. */
async function text(person: Person, number = NUMBER) {
  await world.db.transaction((tx) =>
    new SmsService(tx).send({ number, locale: 'en', timeZone: 'UTC', userId: person.id }, 'phoneCode', {
      code: 'BCDF-GHJK',
      minutes: 30,
    }),
  )
  const last = async () => (await deliveriesTo(world, person))[0]!
  await until(async () => (await last()).attemptCount > 0)
  return last()
}

const sendDue = () => sendDueMessages(world, DeliveryChannel.SMS)

test('a text is a POST with a bearer token, and a key by which the provider knows it again', async () => {
  const person = await world.person()
  const delivery = await text(person)
  expect(delivery).toMatchObject({ channel: 'SMS', status: 'SENT', template: 'phoneCode' })
  expect(received).toHaveLength(1)
  expect(received[0]).toMatchObject({
    headers: {
      authorization: 'Bearer token-of-a-test',
      'content-type': 'application/json',
      'idempotency-key': delivery.id,
    },
    body: {
      to: NUMBER,
      from: 'Portico',
      text: expect.stringMatching(/^BCDF-GHJK is your code, for 30 minutes/),
    },
  })
})

test('a provider that has too much to do is left alone for as long as it says', async () => {
  const person = await world.person()
  answer = (_request, response) => response.writeHead(429, { 'retry-after': '600' }).end()
  const before = world.clock.now().getTime()
  const waiting = await text(person)
  expect(waiting).toMatchObject({ status: 'PENDING', response: '429' })
  expect(Date.parse(waiting.nextAttemptAt!)).toBeGreaterThanOrEqual(before + 10 * MINUTE)
  answer = (_request, response) => response.writeHead(200).end()
  await sendDue()
  expect(received).toHaveLength(1)
  world.clock.advance(11 * MINUTE)
  await sendDue()
  expect(received).toHaveLength(2)
  expect(received[1]!.headers['idempotency-key']).toBe(received[0]!.headers['idempotency-key'])
})

test.each([500, 502, 401, 302])('an answer of %d is tried again', async (status) => {
  const person = await world.person()
  answer = (_request, response) => response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end()
  expect(await text(person)).toMatchObject({ status: 'PENDING', response: String(status) })
})

test('a provider that drops the connection gets it again under the same key', async () => {
  const person = await world.person()
  answer = (request) => request.socket.destroy()
  expect(await text(person)).toMatchObject({
    status: 'PENDING',
    response: expect.stringMatching(/^[A-Z_]+$/),
  })
  answer = (_request, response) => response.writeHead(200).end()
  world.clock.advance(MINUTE)
  await sendDue()
  const [delivery] = await deliveriesTo(world, person)
  expect(delivery).toMatchObject({ status: 'SENT', attemptCount: 2 })
  expect(received.filter(({ headers }) => headers['idempotency-key'] === delivery!.id)).toHaveLength(2)
})

test('a number that the provider refuses is not written to again', async () => {
  const person = await world.person()
  answer = (_request, response) => response.writeHead(422).end(`{"error":"${NUMBER} is no number"}`)
  const refused = '+436600000000'
  expect(await text(person, refused)).toMatchObject({ status: 'FAILED', response: '422' })
  answer = (_request, response) => response.writeHead(200).end()
  await world.db.transaction((tx) =>
    new SmsService(tx).send(
      { number: refused, locale: 'en', timeZone: 'UTC', userId: person.id },
      'phoneCode',
      {
        code: 'BCDF-GHJK',
        minutes: 30,
      },
    ),
  )
  await until(async () => (await deliveriesTo(world, person))[0]!.status === 'SUPPRESSED')
  expect(received).toHaveLength(1)
})

test('a code with which somebody proves a number goes through the provider; a number that it refuses is named as such', async () => {
  const person = await world.person()
  const [taken, refused] = [newNumber(), newNumber()]
  const begin = async (number: string) => (await person.api.data(ADD_PHONE, { input: { number } })).addPhone
  const answered = await begin(taken)
  await until(() => Promise.resolve(received.length === 1))
  expect(received[0]!.body.to).toBe(taken)
  const code = received[0]!.body.text.split(' ')[0]
  const input = { challengeId: answered.challenge.id, code }
  expect((await person.api.data(CONFIRM_PHONE, { input })).confirmPhone.userErrors).toEqual([])

  answer = (_request, response) => response.writeHead(422).end()
  expect((await begin(refused)).userErrors).toEqual([])
  await until(async () => (await deliveriesTo(world, person)).some(({ status }) => status === 'FAILED'))
  expect((await begin(refused)).userErrors).toMatchObject([{ code: 'INVALID', field: ['number'] }])
  expect(received).toHaveLength(2)
})

test('a code that would come too late is not sent', async () => {
  const person = await world.person()
  answer = (_request, response) => response.writeHead(503).end()
  await text(person)
  world.clock.advance(HOUR)
  await sendDue()
  expect(received).toHaveLength(1)
  expect((await deliveriesTo(world, person))[0]!.status).toBe('EXPIRED')
})
