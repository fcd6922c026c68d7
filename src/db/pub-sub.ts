import { Client } from 'pg'

export type Message = Record<string, unknown>
type Listener = (message: Message) => void

const DONE = { done: true, value: undefined } as const

/**
 * Messages between processes over PostgreSQL's LISTEN/NOTIFY, on a connection of its own. `Database.notify` sends, at
 * commit. A lost connection is made anew; what was sent meanwhile is lost, so `onLoss` tells those who rely on hearing
 * everything, and `onReconnect` those who must re-read.
 */
export class PubSub {
  private readonly listeners = new Map<string, Set<Listener>>()
  private readonly lossListeners = new Set<() => void>()
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
    client.on('error', (error) => this.reconnect(client, error))
    client.on('end', () => this.reconnect(client, new Error('The LISTEN connection has ended.')))
    try {
      await client.connect()
      await client.query('LISTEN portico')
    } catch (error) {
      await client.end().catch(() => undefined)
      throw error
    }
    this.client = client
    // It may have been stopped while the connection was being made.
    if (this.closed) await this.stop()
  }

  async stop(): Promise<void> {
    this.closed = true
    const { client } = this
    this.client = null
    await client?.end().catch(() => undefined)
  }

  get listenerCount(): number {
    return [...this.listeners.values()].reduce((count, ofTopic) => count + ofTopic.size, 0)
  }

  /** Calls `listener` with each message of `topic` until the returned function is called. */
  subscribe(topic: string, listener: Listener): () => void {
    const ofTopic = this.listeners.get(topic) ?? new Set()
    this.listeners.set(topic, ofTopic.add(listener))
    return () => {
      // Only the call that removes something may tidy up: by the next one the topic can have listeners anew.
      if (ofTopic.delete(listener) && ofTopic.size === 0) this.listeners.delete(topic)
    }
  }

  /** Runs a statement on the connection of this object, for what lasts as long as that. @throws Error while there is none. */
  async ask(sql: string, parameters: unknown[]): Promise<void> {
    if (!this.client) throw new Error('There is no connection at the moment.')
    await this.client.query(sql, parameters)
  }

  /** Whether messages arrive: those of every transaction that commits from the moment on at which this became true. */
  get isListening(): boolean {
    return this.client !== null
  }

  onLoss(listener: () => void): () => void {
    this.lossListeners.add(listener)
    return () => this.lossListeners.delete(listener)
  }

  onReconnect(listener: () => void): () => void {
    this.reconnectListeners.add(listener)
    return () => this.reconnectListeners.delete(listener)
  }

  /**
   * The messages of a topic as a stream, for subscriptions, after a first one where one is given. A consumer that falls `limit`
   * messages behind is ended.
   */
  stream(
    topic: string,
    { limit = 100, first }: { limit?: number; first?: Message } = {},
  ): AsyncIterableIterator<Message> {
    const waiting: Message[] = first ? [first] : []
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
    // Whatever throws here, in words of others or in a listener, would end the process.
    try {
      const { topic, message } = JSON.parse(payload) as { topic: string; message: Message }
      for (const listener of this.listeners.get(topic) ?? []) this.tell(() => listener(message))
    } catch (error) {
      this.onError(error)
    }
  }

  private tell(call: () => void): void {
    try {
      call()
    } catch (error) {
      this.onError(error)
    }
  }

  private reconnect(lost: Client, error: unknown): void {
    if (this.closed || this.client !== lost) return
    this.client = null
    this.lossListeners.forEach((listener) => this.tell(listener))
    this.onError(error)
    const again = () => {
      if (this.closed) return
      this.start().then(
        () => this.reconnectListeners.forEach((listener) => this.tell(listener)),
        () => setTimeout(again, 250),
      )
    }
    setTimeout(again, 50)
  }
}
