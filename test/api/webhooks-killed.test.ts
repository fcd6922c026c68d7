import { setTimeout as sleep } from 'node:timers/promises'
import { toGlobalId, type Id } from '../../src/core/id'
import { AuditService } from '../../src/modules/audit/audit.service'
import { startSending } from '../support/killed'
import { endpointAt, RECEIVERS_ARE_LOCAL, sendDue, useReceivers, verified } from '../support/webhooks'
import { useWorld } from '../support/world'

const world = useWorld(RECEIVERS_ARE_LOCAL)
const receiver = useReceivers(world)

const KILLS = 3
const EVENTS_PER_LIFE = 400

/** Has events happen one by one, some of which are taken back; returns those that were acknowledged. */
async function happen(count: number): Promise<Id[]> {
  const acknowledged: Id[] = []
  await Promise.all(
    Array.from({ length: 4 }, async (_, lane) => {
      for (let place = lane; place < count; place += 4) {
        const work = world.db.transaction(async (tx) => {
          const id = await new AuditService(tx).record('group.created', { details: { name: 'Engine' } })
          if (place % 10 === 9) throw new Error('Taken back.')
          return id
        })
        await work.then(
          (id) => acknowledged.push(id),
          () => undefined,
        )
      }
    }),
  )
  return acknowledged
}

test('kill -9 of whoever sends loses nothing that has happened, and sends twice only under the same id', async () => {
  const [plain, slow, moody] = [await receiver(), await receiver(), await receiver()]
  slow.answer = (_request, response) => void setTimeout(() => response.writeHead(204).end(), 15)
  const refused = new Set<object>()
  moody.answer = (_request, response) => {
    const isRefused = Math.random() < 0.1
    if (isRefused) refused.add(moody.received.at(-1)!)
    response.writeHead(isRefused ? 500 : 204).end()
  }
  const endpoints = await Promise.all(
    [plain, slow, moody].map((there) => endpointAt(world, there.url, { events: ['group.created'] })),
  )
  const acknowledged: Id[] = []
  let cutOff = 0
  for (let life = 0; life < KILLS; life++) {
    const child = startSending(world, RECEIVERS_ARE_LOCAL)
    try {
      const happening = happen(EVENTS_PER_LIFE)
      await child.says(/begun/)
      acknowledged.push(...(await happening))
      await sleep(100 + Math.random() * 900)
    } finally {
      await child.end('SIGKILL')
    }
    // Half a minute later what it had to itself is others', and five seconds later what was refused is due.
    const claimed = await world.db.query(
      `WITH freed AS (
         UPDATE webhook_deliveries SET claimed_until = now(), next_attempt_at = now() WHERE claimed_until > now() RETURNING 1
       )
       SELECT * FROM freed`,
    )
    cutOff += claimed.length
  }
  for (let left = 1; left > 0;) {
    await world.db.query(`UPDATE webhook_deliveries SET next_attempt_at = now() WHERE status = 'pending'`)
    await sendDue(world)
    const [row] = await world.db.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM webhook_deliveries WHERE status <> 'delivered'`,
    )
    left = row!.count
  }
  expect(cutOff).toBeGreaterThan(0)
  const expected = acknowledged.map((id) => toGlobalId('event', id)).sort()
  expect(expected).toHaveLength(KILLS * EVENTS_PER_LIFE * 0.9)
  for (const [index, there] of [plain, slow, moody].entries()) {
    const taken = there.received.filter((message) => !refused.has(message))
    expect([...new Set(taken.map(({ id }) => id))].sort()).toEqual(expected)
    const bodies = new Map<string, string>()
    for (const message of there.received) {
      expect(verified(endpoints[index]!.secret, message).data.id).toBe(message.id)
      expect(bodies.get(message.id) ?? message.body).toBe(message.body)
      bodies.set(message.id, message.body)
    }
    // At most what a process has under way to one endpoint is sent again for each that dies.
    expect(taken.length - expected.length).toBeLessThanOrEqual(KILLS * 4)
  }
}, 180_000)
