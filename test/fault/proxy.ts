import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** What lies between two parts of a network, and what can go wrong with it. */
export class Proxy {
  /** How long each piece of data takes, in milliseconds and each way. */
  latency: (() => number) | null = null
  /** How many pieces of data have gone to the upstream: to a database, one for each time that somebody waits for it. */
  questions = 0
  private readonly pairs = new Set<readonly [Socket, Socket]>()
  private turn = 0
  private heldBack: (() => void)[] | null = null

  private constructor(
    private readonly server: Server,
    readonly port: number,
    private readonly upstreams: readonly number[],
  ) {}

  /** Listens on a port of its own and hands each connection to the next of the given ports that takes it. */
  static async start(...upstreams: number[]): Promise<Proxy> {
    const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const proxy = new Proxy(server, (server.address() as AddressInfo).port, upstreams)
    server.on('connection', (socket) => proxy.take(socket, proxy.turn++, upstreams.length))
    return proxy
  }

  /** Swallows everything: no data arrives and no end of a connection, until what is returned is called. Nothing is lost then, as TCP has it. */
  blackhole(): () => void {
    const held: (() => void)[] = []
    this.heldBack = held
    return () => {
      this.heldBack = null
      for (const deliver of held) deliver()
    }
  }

  /** Ends a share of the connections with RST, those in use included; returns how many. */
  reset(isHit: () => boolean = () => true): number {
    const hit = [...this.pairs].filter(isHit)
    for (const pair of hit) for (const socket of pair) socket.resetAndDestroy()
    return hit.length
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close')
    this.server.close()
    for (const pair of this.pairs) for (const socket of pair) socket.destroy()
    await closed
  }

  private take(client: Socket, turn: number, tries: number): void {
    const upstream = connect({
      port: this.upstreams[turn % this.upstreams.length]!,
      host: '127.0.0.1',
      allowHalfOpen: true,
      noDelay: true,
    })
    client.setNoDelay(true)
    const pair = [client, upstream] as const
    const refused = () => {
      // Whoever does not listen is passed over, as a proxy does that may try the next.
      if (tries > 1 && !client.destroyed) this.take(client, turn + 1, tries - 1)
      else client.resetAndDestroy()
    }
    upstream.once('error', refused)
    upstream.once('connect', () => {
      upstream.off('error', refused)
      if (client.destroyed) return void upstream.destroy()
      this.pairs.add(pair)
      this.carry(client, upstream)
      this.carry(upstream, client)
      client.on('data', () => this.questions++)
    })
    client.on('error', () => undefined)
  }

  private carry(from: Socket, to: Socket): void {
    let before = Promise.resolve()
    // One after the other, however long each takes.
    const pass = (deliver: () => void) => {
      const due = performance.now() + (this.latency?.() ?? 0)
      before = before.then(async () => {
        const wait = due - performance.now()
        if (wait > 0) await sleep(wait)
        if (this.heldBack) this.heldBack.push(deliver)
        else deliver()
      })
    }
    from.on('data', (data) => pass(() => to.writable && to.write(data)))
    from.on('end', () => pass(() => to.end()))
    from.on('error', () => pass(() => to.destroy()))
    from.on('close', () => {
      for (const pair of this.pairs) if (pair.includes(from)) this.pairs.delete(pair)
      if (from.readableEnded) return
      pass(() => to.destroy())
    })
  }
}
