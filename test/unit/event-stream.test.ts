import { DAY } from '../../src/core/clock'
import { follow, publish, type StreamEvent } from '../../src/db/event-stream'
import { PubSub } from '../../src/db/pub-sub'
import { connected } from '../../src/db/connection'
import { forgetOldEvents } from '../../src/jobs/old-events.task'
import type { Queryable } from '../../src/db/queryable'
import { until } from '../support/until'
import { unique, useWorld } from '../support/world'

const world = useWorld()

describe('a topic', () => {
  let pubSub: PubSub
  beforeAll(async () => {
    pubSub = new PubSub(world.portico.databaseUrl, () => undefined)
    await pubSub.start()
  })
  afterAll(() => pubSub.stop())

  const tell = (topic: string, ...ids: number[]) =>
    world.db.transaction(async (tx) => {
      for (const id of ids) await publish(tx, [topic], { id })
    })
  const followed = (topic: string, after?: string, patience?: number) =>
    follow({ db: world.db, pubSub }, topic, { after, patience })

  /** The next so many events. */
  async function take(stream: AsyncIterableIterator<StreamEvent>, count: number): Promise<StreamEvent[]> {
    const taken: StreamEvent[] = []
    while (taken.length < count) taken.push((await stream.next()).value)
    return taken
  }
  const idsOf = (events: StreamEvent[]) => events.map(({ event }) => event['id'])

  test('tells what happens from now on, in the order of the commits, and nothing of other topics', async () => {
    const topic = unique('topic')
    await tell(topic, 1)
    const stream = await followed(topic)
    await tell(unique('other'), 9)
    await tell(topic, 2, 3)
    await expect(
      world.db.transaction(async (tx) => {
        await publish(tx, [topic], { id: 4 })
        throw new Error('No.')
      }),
    ).rejects.toThrow('No.')
    await tell(topic, 5)
    expect(idsOf(await take(stream, 3))).toEqual([2, 3, 5])
    await stream.return!()
  })

  test('is told of at commit, so that two who tell of the same in different orders do not meet', async () => {
    const topics = [unique('one'), unique('two')]
    let begun = 0
    const both = (order: string[], id: number) =>
      world.db.transaction(async (tx) => {
        await publish(tx, [order[0]!], { id })
        begun++
        await until(() => begun === 2)
        await publish(tx, [order[1]!], { id })
      })
    const streams = await Promise.all(topics.map((topic) => followed(topic)))
    await Promise.all([both(topics, 1), both([...topics].reverse(), 2)])
    // One that is given up to resolve a deadlock is run again.
    expect(begun).toBe(2)
    for (const stream of streams) {
      expect(idsOf(await take(stream, 2)).sort()).toEqual([1, 2])
      await stream.return!()
    }
  })

  test('of a part of a transaction that fails tells nothing, and of one that does not with the whole', async () => {
    const topic = unique('topic')
    const stream = await followed(topic)
    await world.db.transaction(
      async (tx) => {
        await publish(tx, [topic], { id: 1 })
        await tx.transaction((part) => publish(part, [topic], { id: 2 }))
        const failing = tx.transaction(async (part) => {
          await publish(part, [topic], { id: 3 })
          throw new Error('No.')
        })
        await expect(failing).rejects.toThrow('No.')
      },
      { savepoints: true },
    )
    await tell(topic, 4)
    expect(idsOf(await take(stream, 3))).toEqual([1, 2, 4])
    await stream.return!()
  })

  test('goes on after a cursor, whatever was told while nobody followed', async () => {
    const topic = unique('topic')
    const stream = await followed(topic)
    await tell(topic, 1)
    const [first] = await take(stream, 1)
    await stream.return!()
    await tell(topic, ...Array.from({ length: 250 }, (_, index) => index + 2))
    const again = await followed(topic, first!.cursor)
    await tell(topic, 252)
    expect(idsOf(await take(again, 251))).toEqual(Array.from({ length: 251 }, (_, index) => index + 2))
    await again.return!()
  })

  test('loses nothing when the connection is cut on which it is heard', async () => {
    const topic = unique('topic')
    const stream = await followed(topic)
    const told = 60
    const taking = take(stream, told)
    for (let id = 0; id < told; id++) {
      if (id % 20 === 10) {
        await connected(world.portico.databaseUrl, (client) =>
          client.query(
            `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'portico-listen'`,
          ),
        )
      }
      await tell(topic, id)
    }
    expect(idsOf(await taking)).toEqual(Array.from({ length: told }, (_, id) => id))
    await stream.return!()
  })

  test('numbers what many tell at once without gaps, also to several topics in any order', async () => {
    const topics = [unique('topic'), unique('topic'), unique('topic')]
    const streams = await Promise.all(topics.map((topic) => followed(topic)))
    const count = 40
    await Promise.all(
      Array.from({ length: count }, (_, id) =>
        world.db.transaction((tx) => publish(tx, id % 2 ? topics : topics.toReversed(), { id })),
      ),
    )
    const heard = await Promise.all(streams.map((stream) => take(stream, count)))
    for (const events of heard)
      expect(
        idsOf(events)
          .map(Number)
          .toSorted((one, other) => one - other),
      ).toEqual(Array.from({ length: count }, (_, id) => id))
    await Promise.all(streams.map((stream) => stream.return!()))
  })

  test('ends for whoever does not take what is told, with an error that says how to go on', async () => {
    const topic = unique('topic')
    const before = pubSub.listenerCount
    const stream = await followed(topic, undefined, 50)
    await tell(topic, 1)
    await until(async () => {
      await tell(topic, 2)
      return pubSub.listenerCount === before
    })
    await expect(stream.next()).rejects.toThrow('Subscribe again, after the cursor')
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  test('ends for whoever is so far behind that what they have missed is not kept any more, be it in the middle', async () => {
    const topic = unique('topic')
    const stream = await followed(topic)
    await tell(topic, 1)
    const [first] = await take(stream, 1)
    await stream.return!()
    await tell(topic, 2, 3, 4)
    const deaf = new PubSub(world.portico.databaseUrl, () => undefined)
    const later = await follow({ db: world.db, pubSub: deaf }, topic, { after: first!.cursor })
    // Whoever forgets what is old takes it batch by batch, in no order.
    await world.db.query('DELETE FROM stream_events WHERE topic = $1 AND number = 3', [topic])
    expect(idsOf(await take(later, 1))).toEqual([2])
    await expect(later.next()).rejects.toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } })
    expect(await later.next()).toEqual({ done: true, value: undefined })
    expect(deaf.listenerCount).toBe(0)
  })

  test('is left by whoever cannot read what they have missed, with the error', async () => {
    const topic = unique('topic')
    const stream = await followed(topic)
    await tell(topic, 1)
    const [first] = await take(stream, 1)
    await stream.return!()
    await tell(topic, 2)
    let isBroken = false
    const query: Queryable['query'] = (sql, parameters) =>
      isBroken ? Promise.reject(new Error('No database.')) : world.db.query(sql, parameters)
    const deaf = new PubSub(world.portico.databaseUrl, () => undefined)
    const unlucky = await follow({ db: { query }, pubSub: deaf }, topic, { after: first!.cursor })
    isBroken = true
    await expect(unlucky.next()).rejects.toThrow('No database.')
    expect(deaf.listenerCount).toBe(0)
  })

  test('takes no cursor of another topic, none that was made up, and none from before what is kept', async () => {
    const topic = unique('topic')
    const stream = await followed(topic)
    await tell(topic, 1, 2)
    const [first, second] = await take(stream, 2)
    await stream.return!()
    const foreign = 'does not belong to this list'
    await expect(followed(unique('topic'), first!.cursor)).rejects.toThrow(foreign)
    await expect(followed(topic, 'nonsense')).rejects.toThrow(foreign)
    const ahead = Buffer.from(JSON.stringify([`stream:${topic}`, 99])).toString('base64url')
    await expect(followed(topic, ahead)).rejects.toThrow(foreign)
    world.clock.advance(DAY + 1)
    await world.do(forgetOldEvents, {})
    await expect(followed(topic, first!.cursor)).rejects.toThrow('too old')
    // Nothing has happened since this one.
    await (
      await followed(topic, second!.cursor)
    ).return!()
  })
})
