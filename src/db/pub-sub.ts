import { Client } from 'pg'

export type Message = Record<string, unknown>
type Listener = (message: Message) => void

const DONE = { done: true, value: undefined } as const

/**
 * Messages between processes over PostgreSQL's LISTEN/NOTIFY, on a connection of its own. `Database.notify` sends, at
 * commit. A lost connection is made anew; what was sent meanwhile is lost, so `onReconnect` tells those who must re-read.
 */
export class PubSub {
  private readonly listeners = new Map<string, Set<Listener>>()
  private readonly reconnectListeners = new Set<() => void>()
  private client: Client | null = null
  private closed = false

  constructor(
    private readonly url: string,
    private readonly onError: (error: unknown) => void,
  ) {}

  async start(): Promise<void> {
    const client = new Client({
      connectionString: this.url,
      keepAlive: true,
      application_name: 'portico-listen',
    })
    client.on('notification', ({ payload }) => this.deliver(payload ?? ''))
    client.on('error', (error) => this.reconnect(error))
    client.on('end', () => this.reconnect(new Error('The LISTEN connection has ended.')))
    await client.connect()
    await client.query('LISTEN portico')
    this.client = client
  }

  async stop(): Promise<void> {
    this.closed = true
    await this.client?.end().catch(() => undefined)
  }

  /** Calls `listener` with each message of `topic` until the returned function is called. */
  subscribe(topic: string, listener: Listener): () => void {
    const ofTopic = this.listeners.get(topic) ?? new Set()
    this.listeners.set(topic, ofTopic.add(listener))
    return () => {
      ofTopic.delete(listener)
      if (ofTopic.size === 0) this.listeners.delete(topic)
    }
  }

  onReconnect(listener: () => void): () => void {
    this.reconnectListeners.add(listener)
    return () => this.reconnectListeners.delete(listener)
  }

  /** The messages of a topic as a stream, for subscriptions. A consumer that falls `limit` messages behind is ended. */
  stream(topic: string, limit = 100): AsyncIterableIterator<Message> {
    const waiting: Message[] = []
    let consumer: ((result: IteratorResult<Message>) => void) | null = null
    let ended = false
    const hand = (result: IteratorResult<Message>) => {
      consumer?.(result)
      consumer = null
    }
    const unsubscribe = this.subscribe(topic, (message) => {
      if (consumer) hand({ done: false, value: message })
      else if (waiting.push(message) > limit) end()
    })
    const end = () => {
      ended = true
      unsubscribe()
      hand(DONE)
    }
    return {
      next: () =>
        new Promise((resolve) => {
          const message = waiting.shift()
          if (message && !ended) resolve({ done: false, value: message })
          else if (ended) resolve(DONE)
          else consumer = resolve
        }),
      return: () => {
        end()
        return Promise.resolve(DONE)
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }

  private deliver(payload: string): void {
    const { topic, message } = JSON.parse(payload) as { topic: string; message: Message }
    for (const listener of this.listeners.get(topic) ?? []) listener(message)
  }

  private reconnect(error: unknown): void {
    if (this.closed || this.client === null) return
    this.client = null
    this.onError(error)
    const again = () => {
      if (this.closed) return
      this.start().then(
        () => this.reconnectListeners.forEach((listener) => listener()),
        () => setTimeout(again, 250),
      )
    }
    setTimeout(again, 50)
  }
}
