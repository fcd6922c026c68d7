import type { ServerResponse } from 'node:http'
import { DAY, HOUR, later, MINUTE } from '../../src/core/clock'
import { idOf, type Id } from '../../src/core/id'
import { Database } from '../../src/db/database'
import { PubSub } from '../../src/db/pub-sub'
import { AuditService } from '../../src/modules/audit/audit.service'
import { WAITS } from '../../src/modules/webhook/retry-timetable'
import { WebhookDeliveryRepository } from '../../src/modules/webhook/webhook-delivery.repository'
import { WebhookSender } from '../../src/modules/webhook/webhook-sender'
import { forgetOldWebhooks, sendMissedWebhooks } from '../../src/modules/webhook/webhook.task'
import { until } from '../support/until'
import {
  endpointAt,
  RECEIVERS_ARE_LOCAL,
  sendDue,
  useReceivers,
  type Endpoint,
  type Receiver,
} from '../support/webhooks'
import { useWorld } from '../support/world'

const world = useWorld(RECEIVERS_ARE_LOCAL)
const receiver = useReceivers(world)

const EVENTS = ['group.created']

/** Has so many events happen. */
const happen = (count = 1): Promise<Id[]> =>
  new AuditService(world.db).recordAll(
    'group.created',
    Array.from({ length: count }, () => ({ details: { name: 'Engine' } })),
  )

const answering = (there: Receiver, status: number, headers: Record<string, string> = {}) => {
  there.answer = (_request, response) => response.writeHead(status, headers).end()
}

interface ShownDelivery {
  id: string
  messageId: string
  status: string
  nextAttemptAt: string | null
  attemptCount: number
  attempts: {
    number: number
    startedAt: string
    durationMs: number
    statusCode: number | null
    failure: string | null
  }[]
}

const DELIVERIES = `query ($id: ID!, $filter: WebhookDeliveryFilter) { node(id: $id) { ... on WebhookEndpoint {
  isEnabled disabledReason firstFailureAt resumesAt version createdBy { id }
  deliveries(filter: $filter) { totalCount edges { node {
    id messageId status nextAttemptAt attemptCount attempts { number startedAt durationMs statusCode failure }
  } } }
} } }`

/** What staff see of an endpoint. */
async function seen({ id }: Pick<Endpoint, 'id'>, filter?: object) {
  const admin = await world.person({ role: 'admin' })
  const { node } = await admin.api.data(DELIVERIES, { id, filter })
  const { deliveries, ...endpoint } = node
  return {
    endpoint,
    totalCount: deliveries.totalCount as number,
    deliveries: deliveries.edges.map(
      ({ node: delivery }: { node: ShownDelivery }) => delivery,
    ) as ShownDelivery[],
  }
}

async function act(field: string, input: object) {
  const admin = await world.person({ role: 'admin' })
  const type = `${field[0]!.toUpperCase()}${field.slice(1)}Input`
  const shown = {
    replayWebhookDelivery: 'webhookDelivery { id status }',
    sendTestWebhook: 'webhookDelivery { id messageId status }',
  }[field]
  const document = `mutation ($input: ${type}!) { ${field}(input: $input) { ${shown ?? 'webhookEndpoint { id isEnabled }'} userErrors { code field message } } }`
  return (await admin.api.data(document, { input }))[field]
}

const enable = ({ id }: Endpoint, isEnabled = true) =>
  act('updateWebhookEndpoint', { webhookEndpointId: id, isEnabled })

describe('what an endpoint does not take', () => {
  test('is sent again over a day under the same id, and given up then; the log has every try', async () => {
    const there = await receiver()
    answering(there, 500)
    const endpoint = await endpointAt(world, there.url, { events: EVENTS })
    await happen()
    await sendDue(world)
    for (const [index, wait] of WAITS.entries()) {
      expect(there.received).toHaveLength(index + 1)
      const [{ status, nextAttemptAt }] = (await seen(endpoint)).deliveries as [ShownDelivery]
      expect(status).toBe('PENDING')
      const left = new Date(nextAttemptAt!).getTime() - world.clock.now().getTime()
      expect(left).toBeLessThanOrEqual(1.1 * wait)
      // Not a moment before.
      world.clock.advance(left - 2_000)
      await sendDue(world)
      expect(there.received).toHaveLength(index + 1)
      world.clock.advance(2_000)
      await sendDue(world)
    }
    expect(there.received).toHaveLength(8)
    expect(new Set(there.received.map(({ id }) => id)).size).toBe(1)
    expect(new Set(there.received.map(({ body }) => body)).size).toBe(1)
    const { deliveries, endpoint: shown } = await seen(endpoint, { status: 'FAILED' })
    expect(deliveries).toEqual([
      {
        id: expect.any(String),
        messageId: there.received[0]!.id,
        status: 'FAILED',
        nextAttemptAt: null,
        attemptCount: 8,
        attempts: [8, 7, 6, 5, 4, 3, 2, 1].map((number) => ({
          number,
          startedAt: expect.any(String),
          durationMs: expect.any(Number),
          statusCode: 500,
          failure: null,
        })),
      },
    ])
    const times = deliveries[0]!.attempts.map(({ startedAt }) => Date.parse(startedAt))
    expect(times[0]! - times.at(-1)!).toBeGreaterThan(DAY)
    expect(shown).toMatchObject({ isEnabled: true, firstFailureAt: expect.any(String) })
    world.clock.advance(30 * DAY)
    await sendDue(world)
    expect(there.received).toHaveLength(8)
  })

  test('has arrived when it is taken at last, and the endpoint counts as well again', async () => {
    const there = await receiver()
    answering(there, 500)
    const endpoint = await endpointAt(world, there.url, { events: EVENTS })
    await happen()
    await sendDue(world)
    expect((await seen(endpoint)).endpoint.firstFailureAt).not.toBeNull()
    answering(there, 204)
    world.clock.advance(MINUTE)
    await sendDue(world)
    const { deliveries, endpoint: shown } = await seen(endpoint)
    expect(shown.firstFailureAt).toBeNull()
    expect(deliveries).toMatchObject([
      { status: 'DELIVERED', attemptCount: 2, attempts: [{ statusCode: 204 }, { statusCode: 500 }] },
    ])
  })

  test.each([
    [301, 'a redirect'],
    [400, 'a refusal'],
    [404, 'a place that is not there'],
    [500, 'an error'],
  ])('is what it answers %d to: %s', async (status) => {
    const there = await receiver()
    answering(there, status, { location: 'http://127.0.0.1:1/' })
    const endpoint = await endpointAt(world, there.url, { events: EVENTS })
    await happen()
    await sendDue(world)
    expect((await seen(endpoint)).deliveries).toMatchObject([
      { status: 'PENDING', attempts: [{ statusCode: status, failure: null }] },
    ])
  })

  test.each([200, 201, 202, 204, 299])('is not what it answers %d to', async (status) => {
    const there = await receiver()
    answering(there, status)
    const endpoint = await endpointAt(world, there.url, { events: EVENTS })
    await happen()
    await sendDue(world)
    expect((await seen(endpoint)).deliveries).toMatchObject([{ status: 'DELIVERED' }])
  })

  test('is said why, where there was no answer', async () => {
    const there = await receiver()
    there.answer = (_request, response) => response.destroy()
    const endpoint = await endpointAt(world, there.url, { events: EVENTS })
    await happen()
    await sendDue(world)
    there.stop()
    world.clock.advance(MINUTE)
    await sendDue(world)
    // The operator does not allow it any more.
    await world.db.query(
      `UPDATE webhook_endpoints SET url = replace(url, '127.0.0.1', '127.0.0.2') WHERE id = $1`,
      [idOf('webhook_endpoint', endpoint.id)],
    )
    world.clock.advance(HOUR)
    await sendDue(world)
    expect((await seen(endpoint)).deliveries[0]!.attempts.map(({ failure }) => failure)).toEqual([
      'ADDRESS_REFUSED',
      'UNREACHABLE',
      'NO_ANSWER',
    ])
  })
})

describe('an endpoint that asks to be left alone', () => {
  test.each([429, 503])('with %d is sent nothing until it wants to hear again', async (status) => {
    const there = await receiver()
    const endpoint = await endpointAt(world, there.url, { events: EVENTS })
    answering(there, status, { 'retry-after': '3600' })
    await happen()
    await sendDue(world)
    await happen()
    world.clock.advance(50 * MINUTE)
    await sendDue(world)
    expect(there.received).toHaveLength(1)
    expect((await seen(endpoint)).endpoint.resumesAt).not.toBeNull()
    answering(there, 204)
    world.clock.advance(11 * MINUTE)
    await sendDue(world)
    expect(there.received).toHaveLength(3)
    expect((await seen(endpoint, { status: 'DELIVERED' })).totalCount).toBe(2)
  })
})

describe('an endpoint is disabled', () => {
  const disabledEvents = async ({ id }: Endpoint) =>
    world.db.query<{ subject_id: Id; actor_id: Id | null; details: object }>(
      `SELECT subject_id, actor_id, details FROM audit_events WHERE action = 'webhook-endpoint.disabled' AND target = $1`,
      [id],
    )

  test('at once when it answers 410, and whoever has made it is told', async () => {
    const there = await receiver()
    answering(there, 410)
    const endpoint = await endpointAt(world, there.url, { events: EVENTS })
    await happen()
    await sendDue(world)
    const { endpoint: shown, deliveries } = await seen(endpoint)
    expect(shown).toMatchObject({ isEnabled: false, disabledReason: 'GONE', version: 2 })
    expect(deliveries).toMatchObject([{ status: 'FAILED', attempts: [{ statusCode: 410 }] }])
    expect(await disabledEvents(endpoint)).toEqual([
      { subject_id: endpoint.by.id, actor_id: null, details: { reason: 'gone' } },
    ])
    expect(world.portico.mailbox!.read(endpoint.by.email)[0]!.subject).toBe(
      'Webhooks to 127.0.0.1 have been turned off',
    )
  })

  test('when it has taken nothing for five days, and not before', async () => {
    const there = await receiver()
    answering(there, 500)
    const endpoint = await endpointAt(world, there.url, { events: EVENTS })
    await happen()
    await sendDue(world)
    world.clock.advance(5 * DAY - HOUR)
    await happen()
    await sendDue(world)
    expect((await seen(endpoint)).endpoint).toMatchObject({ isEnabled: true, disabledReason: null })
    world.clock.advance(2 * HOUR)
    await sendDue(world)
    expect((await seen(endpoint)).endpoint).toMatchObject({ isEnabled: false, disabledReason: 'FAILING' })
    expect(await disabledEvents(endpoint)).toHaveLength(1)
    expect(world.portico.mailbox!.read(endpoint.by.email)).toHaveLength(1)
    const calls = there.received.length
    world.clock.advance(DAY)
    await happen()
    await sendDue(world)
    expect(there.received).toHaveLength(calls)
  })

  test('and when it is enabled again, what waited is sent, and five days begin anew', async () => {
    const there = await receiver()
    answering(there, 500)
    const endpoint = await endpointAt(world, there.url, { events: EVENTS })
    await happen()
    await sendDue(world)
    world.clock.advance(6 * DAY)
    await sendDue(world)
    expect((await seen(endpoint)).endpoint.isEnabled).toBe(false)
    await enable(endpoint)
    expect((await seen(endpoint)).endpoint).toMatchObject({
      isEnabled: true,
      disabledReason: null,
      firstFailureAt: null,
    })
    world.clock.advance(HOUR)
    await sendDue(world)
    expect((await seen(endpoint)).endpoint.isEnabled).toBe(true)
    answering(there, 204)
    world.clock.advance(DAY)
    await sendDue(world)
    expect((await seen(endpoint)).deliveries).toMatchObject([{ status: 'DELIVERED' }])
  })

  test('and whoever has made it may be gone by then', async () => {
    const there = await receiver()
    answering(there, 410)
    const endpoint = await endpointAt(world, there.url, { events: EVENTS })
    await world.db.query('UPDATE webhook_endpoints SET created_by_id = NULL WHERE id = $1', [
      idOf('webhook_endpoint', endpoint.id),
    ])
    await happen()
    await sendDue(world)
    expect((await seen(endpoint)).endpoint).toMatchObject({ isEnabled: false, createdBy: null })
  })
})

describe('many at once', () => {
  /** Answers nobody until it is told to, and counts who waits. */
  const holding = (there: Receiver) => {
    const held: ServerResponse[] = []
    let most = 0
    there.answer = (_request, response) => {
      held.push(response)
      most = Math.max(most, held.length)
    }
    return {
      held,
      most: () => most,
      letGo: (status = 204) => {
        for (const response of held.splice(0)) response.writeHead(status).end()
      },
    }
  }

  test('keep no other endpoint waiting, and are no more than four to one', async () => {
    const [slow, swift] = [await receiver(), await receiver()]
    const { held, most, letGo } = holding(slow)
    await endpointAt(world, slow.url, { events: EVENTS })
    await endpointAt(world, swift.url, { events: EVENTS })
    await happen(40)
    let isOver = false
    const sending = sendDue(world).then(() => (isOver = true))
    await until(() => swift.received.length === 40)
    expect(held).toHaveLength(4)
    const releasing = setInterval(letGo, 5)
    await sending.finally(() => clearInterval(releasing))
    expect(isOver).toBe(true)
    expect(slow.received).toHaveLength(40)
    expect(most()).toBe(4)
  })

  test('are one at a time to an endpoint that fails, until it does not', async () => {
    const there = await receiver()
    answering(there, 500)
    await endpointAt(world, there.url, { events: EVENTS })
    await happen()
    await sendDue(world)
    const { held, most, letGo } = holding(there)
    await happen(6)
    const sending = sendDue(world)
    await until(() => held.length === 1)
    const releasing = setInterval(() => letGo(there.received.length < 4 ? 500 : 204), 5)
    await sending.finally(() => clearInterval(releasing))
    expect(there.received.length).toBeGreaterThanOrEqual(7)
    expect(most()).toBeLessThanOrEqual(4)
  })

  test('are shared by processes, each sent by one', async () => {
    const there = await receiver()
    await endpointAt(world, there.url, { events: EVENTS })
    await happen(60)
    await Promise.all([1, 2, 3].map(() => sendDue(world)))
    expect(there.received).toHaveLength(60)
    expect(new Set(there.received.map(({ id }) => id)).size).toBe(60)
  })
})

describe('a process that sends', () => {
  const start = () => {
    const failed = (error: unknown) => world.portico.log.error({ err: error }, 'Failed')
    const pubSub = new PubSub(world.portico.databaseUrl, failed)
    // It would not look by itself before the test has given up.
    const sender = new WebhookSender(world.db, { pubSub, onError: failed, poll: 5 * MINUTE })
    return { pubSub, sender }
  }

  test('hears at once of what happens', async () => {
    const there = await receiver()
    await endpointAt(world, there.url, { events: EVENTS })
    const { pubSub, sender } = start()
    await pubSub.start()
    sender.start()
    try {
      for (let count = 1; count <= 5; count++) {
        await happen()
        await until(() => there.received.length === count)
      }
    } finally {
      await sender.stop()
      await pubSub.stop()
    }
  })

  test('leaves to others what it has not ended when it has to stop', async () => {
    const there = await receiver()
    const endpoint = await endpointAt(world, there.url, { events: EVENTS })
    there.answer = () => undefined
    await happen()
    const { pubSub, sender } = start()
    await pubSub.start()
    sender.start()
    await until(() => there.received.length === 1)
    await sender.stop()
    await pubSub.stop()
    answering(there, 204)
    await sendDue(world)
    expect(there.received).toHaveLength(2)
    expect(new Set(there.received.map(({ id }) => id)).size).toBe(1)
    // What was cut off is no try of the endpoint's.
    expect((await seen(endpoint)).deliveries).toMatchObject([{ status: 'DELIVERED', attemptCount: 1 }])
  })

  test('and dies has its messages sent by others; what it says later does not count', async () => {
    const there = await receiver()
    const endpoint = await endpointAt(world, there.url, { events: EVENTS })
    await happen()
    const deliveries = new WebhookDeliveryRepository(world.db)
    const claim = () =>
      world.db.transaction((tx) => new WebhookDeliveryRepository(tx).claim({ free: 10, perEndpoint: 4 }))
    const [claimed] = await claim()
    expect(await claim()).toEqual([])
    await sendDue(world)
    expect(there.received).toEqual([])

    // Half a minute later.
    const [delivery] = await world.db.query<{ until: Date }>(
      `UPDATE webhook_deliveries SET claimed_until = now() - interval '1 millisecond' WHERE id = $1 RETURNING claimed_until AS until`,
      [claimed!.id],
    )
    expect(delivery).toBeDefined()
    await sendDue(world)
    expect(there.received).toHaveLength(1)
    const attempt = { startedAt: new Date(), durationMs: 1, statusCode: 500, failure: null }
    const outcome = { status: 'pending', nextAttemptAt: later(world.clock.now(), HOUR) } as const
    expect(await deliveries.settle(claimed!, attempt, outcome as never)).toBe(false)
    expect((await seen(endpoint)).deliveries).toMatchObject([{ status: 'DELIVERED', attemptCount: 1 }])
  })

  test('goes on with the others where one endpoint’s secret does not open', async () => {
    const [broken, whole] = [await receiver(), await receiver()]
    const endpoint = await endpointAt(world, broken.url, { events: EVENTS })
    await endpointAt(world, whole.url, { events: EVENTS })
    await world.db.query(
      `UPDATE webhook_endpoints SET signing_secret = signing_secret || '\\x00' WHERE id = $1`,
      [idOf('webhook_endpoint', endpoint.id)],
    )
    await happen()
    const errors: unknown[] = []
    await sendDue(world, { onError: (error) => void errors.push(error) })
    expect([broken.received.length, whole.received.length]).toEqual([0, 1])
    expect(errors).toEqual([expect.objectContaining({ name: 'TamperedError' })])
  })

  test('tells of what it cannot explain, and does not try it at once again', async () => {
    const there = await receiver()
    await endpointAt(world, there.url, { events: EVENTS })
    await happen()
    const errors: unknown[] = []
    const failing = Database.of({
      ...world.db.tools,
      webhooks: { ...world.db.tools.webhooks, post: () => Promise.reject(new Error('No idea.')) },
    })
    const pubSub = new PubSub(world.portico.databaseUrl, () => undefined)
    await new WebhookSender(failing, { pubSub, onError: (error) => void errors.push(error) }).sendDue()
    expect(errors).toEqual([new Error('No idea.')])
    await world.db.query(
      `UPDATE webhook_deliveries SET claimed_until = now() - interval '1 millisecond' WHERE claimed_until > now()`,
    )
    await sendDue(world)
    expect(there.received).toHaveLength(1)
  })
})

describe('what an endpoint has missed', () => {
  test('can be sent again one by one, whatever has come of it, under the same id', async () => {
    const there = await receiver()
    const endpoint = await endpointAt(world, there.url, { events: EVENTS })
    await happen()
    await sendDue(world)
    const [{ id }] = (await seen(endpoint)).deliveries as [ShownDelivery]
    expect(await act('replayWebhookDelivery', { webhookDeliveryId: id })).toEqual({
      webhookDelivery: { id, status: 'PENDING' },
      userErrors: [],
    })
    await sendDue(world)
    expect(there.received).toHaveLength(2)
    expect(new Set(there.received.map((message) => message.id)).size).toBe(1)
    expect((await seen(endpoint)).deliveries).toMatchObject([{ id, status: 'DELIVERED', attemptCount: 2 }])
  })

  test('and was given up has a day of tries again', async () => {
    const there = await receiver()
    const endpoint = await endpointAt(world, there.url, { events: EVENTS })
    await happen()
    await world.db.query(`UPDATE webhook_deliveries SET retry_count = 7, attempt_count = 7`)
    answering(there, 500)
    await sendDue(world)
    const [{ id, status }] = (await seen(endpoint)).deliveries as [ShownDelivery]
    expect(status).toBe('FAILED')
    await act('replayWebhookDelivery', { webhookDeliveryId: id })
    await sendDue(world)
    const { deliveries } = await seen(endpoint)
    expect(deliveries).toMatchObject([{ status: 'PENDING', attemptCount: 9 }])
    expect(Date.parse(deliveries[0]!.nextAttemptAt!) - world.clock.now().getTime()).toBeLessThan(MINUTE)
  })

  test('since a moment is sent: what it did not take, and what it was not told; nothing else', async () => {
    const there = await receiver()
    const endpoint = await endpointAt(world, there.url, { events: EVENTS })
    // Others have told of other events before.
    world.clock.advance(10)
    const since = world.clock.now().toISOString()
    await happen(2)
    await sendDue(world)
    const taken = there.received.map(({ id }) => id)
    await enable(endpoint, false)
    const missed = await happen(3)
    await enable(endpoint)
    const [failed] = await happen()
    await world.db.query(`UPDATE webhook_deliveries SET retry_count = 7 WHERE event_id = $1`, [failed])
    answering(there, 500)
    await sendDue(world)
    answering(there, 204)
    await world.post()
    there.received.length = 0

    const answer = await act('replayWebhookDeliveries', { webhookEndpointId: endpoint.id, since })
    expect(answer.userErrors).toEqual([])
    const endpointId = idOf('webhook_endpoint', endpoint.id)!
    const [job] = await world.db.query<{ payload: { endpointId: Id; since: string; until: string } }>(
      `SELECT payload FROM graphile_worker._private_jobs ORDER BY id DESC LIMIT 1`,
    )
    expect(job!.payload).toEqual({ endpointId, since, until: expect.any(String) })
    await world.do(sendMissedWebhooks, job!.payload)
    await sendDue(world)
    expect(there.received.map(({ id }) => idOf('event', id)).sort()).toEqual([...missed, failed!].sort())
    expect(there.received.some(({ id }) => taken.includes(id))).toBe(false)
    // Done once more, as after a process has died, it does nothing more.
    await world.do(sendMissedWebhooks, job!.payload)
    await sendDue(world)
    expect(there.received).toHaveLength(4)
  })

  test('is looked for in a long trail, piece by piece', async () => {
    const there = await receiver()
    const endpoint = await endpointAt(world, there.url, { events: EVENTS })
    await enable(endpoint, false)
    for (let count = 0; count < 5; count++) await happen(1_000)
    await enable(endpoint)
    const now = world.clock.now()
    await world.do(sendMissedWebhooks, {
      endpointId: idOf('webhook_endpoint', endpoint.id)!,
      since: later(now, -MINUTE).toISOString(),
      until: later(now, MINUTE).toISOString(),
    })
    expect((await seen(endpoint, { status: 'PENDING' })).totalCount).toBeGreaterThanOrEqual(5_000)
  })

  test('can be had for thirty days, and not from an endpoint that is disabled', async () => {
    const there = await receiver()
    const endpoint = await endpointAt(world, there.url, { events: EVENTS })
    const since = (milliseconds: number) => ({
      webhookEndpointId: endpoint.id,
      since: later(world.clock.now(), milliseconds).toISOString(),
    })
    const invalid = [{ code: 'INVALID', field: ['since'], message: 'Give a moment of the last 30 days.' }]
    expect((await act('replayWebhookDeliveries', since(-31 * DAY))).userErrors).toEqual(invalid)
    expect((await act('replayWebhookDeliveries', since(HOUR))).userErrors).toEqual(invalid)
    await happen()
    await sendDue(world)
    const [{ id }] = (await seen(endpoint)).deliveries as [ShownDelivery]
    await enable(endpoint, false)
    const disabled = [{ code: 'INVALID', field: [], message: 'This endpoint is disabled. Enable it first.' }]
    expect((await act('replayWebhookDeliveries', since(-DAY))).userErrors).toEqual(disabled)
    expect((await act('replayWebhookDelivery', { webhookDeliveryId: id })).userErrors).toEqual(disabled)
    expect((await act('sendTestWebhook', { webhookEndpointId: endpoint.id })).userErrors).toEqual(disabled)
  })

  test('is forgotten after thirty days', async () => {
    const there = await receiver()
    const endpoint = await endpointAt(world, there.url, { events: EVENTS })
    await happen()
    await sendDue(world)
    world.clock.advance(30 * DAY - HOUR)
    await happen()
    await sendDue(world)
    await world.do(forgetOldWebhooks, {})
    expect((await seen(endpoint)).totalCount).toBe(2)
    world.clock.advance(2 * HOUR)
    await world.do(forgetOldWebhooks, {})
    expect((await seen(endpoint)).totalCount).toBe(1)
    const attempts = await world.db.query(
      'SELECT FROM webhook_attempts WHERE NOT EXISTS (SELECT FROM webhook_deliveries WHERE id = delivery_id)',
    )
    expect(attempts).toEqual([])
  })
})

describe('a test', () => {
  test('is sent to the one endpoint, whatever it is told otherwise', async () => {
    const [tested, other] = [await receiver(), await receiver()]
    const endpoint = await endpointAt(world, tested.url, { events: EVENTS })
    await endpointAt(world, other.url, { events: EVENTS })
    const { webhookDelivery } = await act('sendTestWebhook', { webhookEndpointId: endpoint.id })
    expect(webhookDelivery.status).toBe('PENDING')
    await sendDue(world)
    expect(tested.received.map(({ id }) => id)).toEqual([webhookDelivery.messageId])
    expect(JSON.parse(tested.received[0]!.body)).toMatchObject({
      type: 'webhook-endpoint.tested',
      data: { target: endpoint.id },
    })
    expect(other.received).toEqual([])
  })

  test('is sent once to an endpoint that is told of tests anyway', async () => {
    const there = await receiver()
    const endpoint = await endpointAt(world, there.url, { events: ['webhook-endpoint.tested'] })
    await act('sendTestWebhook', { webhookEndpointId: endpoint.id })
    await sendDue(world)
    expect(there.received).toHaveLength(1)
  })
})

test('how many wait, wait for later and were given up is counted for those who watch', async () => {
  const there = await receiver()
  await endpointAt(world, there.url, { events: EVENTS })
  const states = async () => {
    const text = await (await fetch(`${world.portico.url}/metrics`)).text()
    return Object.fromEntries(
      [...text.matchAll(/^portico_webhook_deliveries\{state="(\w+)"\} (\d+)$/gm)].map(([, state, count]) => [
        state,
        Number(count),
      ]),
    )
  }
  await happen(2)
  expect(await states()).toEqual({ waiting: 2, later: 0, failed: 0 })
  answering(there, 500)
  await sendDue(world)
  expect(await states()).toEqual({ waiting: 0, later: 2, failed: 0 })
})
