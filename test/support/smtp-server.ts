import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

/** A mail as a server has taken it. */
export interface TakenMail {
  messageId: string
  to: string
  headers: Record<string, string>
  text: string
}

/** What a server does at one step: nothing, refuse with a code and a text, or drop the connection. */
type Behaviour = { code: number; response: string } | 'drop' | null

/** A real SMTP server, whose answers to a recipient and to a message a test chooses. */
export class TestSmtpServer {
  readonly taken: TakenMail[] = []
  /** How often somebody has named a recipient. */
  tries = 0
  recipient: (address: string) => Behaviour = () => null
  message: (mail: TakenMail) => Behaviour = () => null
  private readonly server: SMTPServer

  constructor() {
    this.server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      logger: false,
      onRcptTo: ({ address }, session, callback) => {
        this.tries++
        this.react(this.recipient(address), session.id, callback)
      },
      onData: (stream, session, callback) => {
        let raw = ''
        stream.on('data', (chunk: Buffer) => (raw += chunk.toString()))
        stream.on('end', () => {
          const mail = parsed(raw, session.envelope.rcptTo[0]!.address)
          const behaviour = this.message(mail)
          // Whoever drops the connection at this point has the mail, and nobody knows.
          if (behaviour === null || behaviour === 'drop') this.taken.push(mail)
          this.react(behaviour, session.id, callback)
        })
      },
    })
    this.server.on('error', () => undefined)
  }

  async start(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve))
    return `smtp://127.0.0.1:${(this.server.server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    this.drop()
    await new Promise<void>((resolve) => this.server.close(resolve))
  }

  private react(behaviour: Behaviour, sessionId: string, callback: (error?: Error | null) => void): void {
    if (behaviour === 'drop') return this.drop(sessionId)
    if (behaviour === null) return callback()
    callback(Object.assign(new Error(behaviour.response), { responseCode: behaviour.code }))
  }

  /** Ends the connection of a session, or all of them. */
  private drop(sessionId?: string): void {
    const connections = this.server.connections as unknown as Set<{
      id: string
      _socket: { destroy(): void }
    }>
    for (const connection of connections)
      if (sessionId === undefined || connection.id === sessionId) connection._socket.destroy()
  }
}

function parsed(raw: string, to: string): TakenMail {
  const [head = ''] = raw.split('\r\n\r\n')
  const headers = Object.fromEntries(
    head
      .replace(/\r\n[ \t]+/g, ' ')
      .split('\r\n')
      .map((line) => {
        const colon = line.indexOf(':')
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
      }),
  )
  return { messageId: headers['message-id'] ?? '', to, headers, text: raw }
}
