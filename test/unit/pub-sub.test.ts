import { Client } from 'pg'
import { PubSub, type Message } from '../../src/db/pub-sub'
import { unique, useWorld } from '../support/world'

const world = useWorld()

describe('messages between processes', () => {
  const errors: unknown[] = []
  let pubSub: PubSub

  beforeAll(async () => {
    pubSub = new PubSub(world.portico.databaseUrl, (error) => void errors.push(error))
    await pubSub.start()
  })
  afterAll(() => pubSub.stop())
  beforeEach(() => void (errors.length = 0))

  /** The first message of a topic from now on. */
  const nextOf = (topic: string) =>
    new Promise<Message>((resolve) => {
      const unsubscribe = pubSub.subscribe(topic, (message) => {
        unsubscribe()
        resolve(message)
      })
    })

  /** Waits until everything that was sent before has been delivered. */
  async function settled(): Promise<void> {
    const topic = unique('settled')
    const arrived = nextOf(topic)
    await world.db.notify(topic, {})
    await arrived
  }

  test('a message reaches the listeners of its topic, and no others', async () => {
    const [topic, other] = [unique('topic'), unique('topic')]
    const received: Message[] = []
    const strayed: Message[] = []
    pubSub.subscribe(topic, (message) => received.push(message))
    pubSub.subscribe(other, (message) => strayed.push(message))
    await world.db.notify(topic, { text: "it's; DROP TABLE posts --" })
    await settled()
    expect(received).toEqual([{ text: "it's; DROP TABLE posts --" }])
    expect(strayed).toEqual([])
  })

  test('a message of a transaction arrives at commit, and never after a rollback', async () => {
    const topic = unique('topic')
    const received: Message[] = []
    pubSub.subscribe(topic, (message) => received.push(message))
    await world.db.transaction(async (tx) => {
      await tx.notify(topic, { number: 1 })
      await settled()
      expect(received).toEqual([])
    })
    const failure = world.db.transaction(async (tx) => {
      await tx.notify(topic, { number: 2 })
      throw new Error('On second thoughts.')
    })
    await expect(failure).rejects.toThrow('On second thoughts.')
    await settled()
    expect(received).toEqual([{ number: 1 }])
  })

  test('a stream hands over what arrives before and after it is asked, in order', async () => {
    const topic = unique('topic')
    const stream = pubSub.stream(topic)
    await world.db.notify(topic, { number: 1 })
    await world.db.notify(topic, { number: 2 })
    await settled()
    expect((await stream.next()).value).toEqual({ number: 1 })
    expect((await stream.next()).value).toEqual({ number: 2 })
    const third = stream.next()
    await world.db.notify(topic, { number: 3 })
    expect((await third).value).toEqual({ number: 3 })
  })

  test('a consumer that falls too far behind is ended and holds no messages any more', async () => {
    const topic = unique('topic')
    const stream = pubSub.stream(topic, { limit: 2 })
    for (const number of [1, 2, 3]) await world.db.notify(topic, { number })
    await settled()
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    expect(listenersOf(topic)).toBe(0)
  })

  test('return() ends the stream, answers who waits and frees its listener', async () => {
    const topic = unique('topic')
    const stream = pubSub.stream(topic)
    const waiting = stream.next()
    expect(listenersOf(topic)).toBe(1)
    await stream.return!()
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    expect(listenersOf(topic)).toBe(0)
  })

  test('ending a stream a second time leaves a later listener of the topic alone', async () => {
    const topic = unique('topic')
    const first = pubSub.stream(topic)
    await first.return!()
    const second = pubSub.stream(topic)
    await first.return!()
    await world.db.notify(topic, { number: 1 })
    await settled()
    expect((await second.next()).value).toEqual({ number: 1 })
  })

  test('neither a listener that fails nor a payload of a stranger keeps others from hearing', async () => {
    const topic = unique('topic')
    const received: Message[] = []
    pubSub.subscribe(topic, () => {
      throw new Error('This listener is broken.')
    })
    pubSub.subscribe(topic, (message) => received.push(message))
    await world.db.query(`SELECT pg_notify('portico', 'this is no JSON')`)
    await world.db.notify(topic, { number: 1 })
    await settled()
    expect(received).toEqual([{ number: 1 }])
    expect(errors.map(String)).toEqual([
      expect.stringContaining('SyntaxError'),
      'Error: This listener is broken.',
    ])
  })

  test('a lost connection is made anew, reported once, and those who must read again are told', async () => {
    const topic = unique('topic')
    const received: Message[] = []
    pubSub.subscribe(topic, (message) => received.push(message))
    let told = 0
    const reconnected = new Promise<void>((resolve) => {
      const stop = pubSub.onReconnect(() => {
        told++
        stop()
        resolve()
      })
    })
    const { rows } = await killListeners()
    expect(rows.length).toBeGreaterThanOrEqual(1)
    await reconnected
    await world.db.notify(topic, { number: 1 })
    await settled()
    expect(told).toBe(1)
    expect(received).toEqual([{ number: 1 }])
    expect(errors).toHaveLength(1)
  })

  test('a database that cannot be reached fails the start', async () => {
    await expect(
      new PubSub('postgres://nobody@127.0.0.1:9/nowhere', () => undefined).start(),
    ).rejects.toThrow('ECONNREFUSED')
  })

  const listenersOf = (topic: string): number =>
    (pubSub as unknown as { listeners: Map<string, Set<unknown>> }).listeners.get(topic)?.size ?? 0

  async function killListeners() {
    const client = new Client({ connectionString: world.portico.databaseUrl })
    await client.connect()
    try {
      return await client.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'portico-listen'`,
      )
    } finally {
      await client.end()
    }
  }
})
