import { createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

/** A mail server (RFC 5321) with whose answers to a recipient and to a mail a test does what it needs. */
export class MailServer {
  readonly taken: string[] = []
  /** Its answer to a recipient. */
  recipient = '250 Ok'
  /** What it waits for before it says that it has taken a mail. */
  slowness: Promise<unknown> = Promise.resolve()
  /** How many mails it has been handed, taken or not. */
  handed = 0
  private readonly sockets = new Set<Socket>()
  private readonly server = createServer((socket) => this.converse(socket))

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve))
    return `smtp://127.0.0.1:${(this.server.address() as { port: number }).port}`
  }

  async stop(): Promise<void> {
    this.sockets.forEach((socket) => socket.destroy())
    await new Promise((resolve) => this.server.close(resolve))
  }

  private converse(socket: Socket): void {
    this.sockets.add(socket)
    const say = (line: string) => socket.write(`${line}\r\n`)
    let mail: string[] | null = null
    socket.on('error', () => undefined)
    createInterface(socket).on('line', (line) => {
      if (mail && line !== '.') return void mail.push(line)
      if (mail) {
        const text = mail.join('\n')
        mail = null
        this.handed++
        return void this.slowness.then(() => {
          if (socket.writable) this.taken.push(text)
          say('250 Ok')
        })
      }
      if (line === 'DATA') mail = []
      say(line === 'DATA' ? '354 Go on' : line.startsWith('RCPT') ? this.recipient : '250 Ok')
    })
    say('220 mail.test')
  }
}
