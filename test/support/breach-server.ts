import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Answer = (response: ServerResponse, range: string) => void

const digestOf = (password: string) => createHash('sha1').update(password).digest('hex').toUpperCase()

/** A service that knows stolen passwords by the range protocol of Have I Been Pwned, and does what a test needs. */
export class BreachServer {
  /** What it was asked, path and headers. */
  readonly asked: { path: string; headers: IncomingMessage['headers'] }[] = []
  /** How it answers; as it should where nothing else is said. */
  answer: Answer = BreachServer.properly
  private readonly stolen: string[] = []
  private readonly server = createServer((request, response) => {
    const path = request.url!
    this.asked.push({ path, headers: request.headers })
    const prefix = path.split('/').at(-1)
    const lines = this.stolen
      .filter((digest) => digest.startsWith(prefix!))
      .map((digest) => `${digest.slice(5)}:37`)
    this.answer(response, [...lines, `${'0'.repeat(35)}:0`].join('\r\n'))
  })

  static properly(this: void, response: ServerResponse, range: string): void {
    response.end(range)
  }

  /** Starts it; returns where the ranges are. */
  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1')
    await once(this.server, 'listening')
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/range`
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections()
    this.server.close()
    await once(this.server, 'close')
  }

  steal(password: string): void {
    this.stolen.push(digestOf(password))
  }
}
