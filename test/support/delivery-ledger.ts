import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { DeliveryChannel } from '../../src/modules/delivery/delivery-channel'
import { sendDueMessages } from './deliveries'
import { startSending } from './killed'
import { TestSmtpServer } from './smtp-server'
import { World } from './world'

/** What came of a life of processes that were killed. */
export interface Ledger {
  /** Whom a message was committed to, as the process said that wrote it. */
  acknowledged: string[]
  /** To whom a message came, and under which ids: a receiver that honours them has it once for each. */
  delivered: Map<string, Set<string>>
  /** How often something came that had come before under the same id. */
  repeated: number
  /** What had been claimed by a process when it was killed. */
  cutOff: number
}

/** A provider of mails and one of texts that now and then refuse, and drop the connection after they have taken something. */
export class MoodyProviders {
  readonly mails = new TestSmtpServer()
  readonly texts: { to: string; key: string }[] = []
  private readonly server: Server

  constructor() {
    this.mails.recipient = () => (Math.random() < 0.05 ? { code: 451, response: '4.3.0 Later' } : null)
    this.mails.message = () => (Math.random() < 0.03 ? 'drop' : null)
    this.server = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        if (Math.random() < 0.05) return response.writeHead(500).end()
        const { to } = JSON.parse(body) as { to: string }
        this.texts.push({ to, key: request.headers['idempotency-key'] as string })
        if (Math.random() < 0.03) request.socket.destroy()
        else response.writeHead(202).end()
      })
    })
  }

  async start(): Promise<Record<string, string>> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve))
    const { port } = this.server.address() as AddressInfo
    return {
      SMTP_URL: await this.mails.start(),
      SMS_URL: `http://127.0.0.1:${port}/`,
      SMS_TOKEN: 'token-of-a-test',
    }
  }

  async stop(): Promise<void> {
    await this.mails.stop()
    this.server.closeAllConnections()
    this.server.close()
  }
}

/**
 * Lets processes post and send so many messages together, each at most `perLife`, until it is killed at a random moment; then sends what
 * is left.
 */
export async function keepLedger(messages: number, perLife: number): Promise<Ledger> {
  const providers = new MoodyProviders()
  const environment = await providers.start()
  const world = new World()
  await world.start(environment)
  const acknowledged: string[] = []
  let cutOff = 0
  try {
    for (let life = 0; acknowledged.length < messages; life++) {
      const child = startSending(world, environment, String(life), String(perLife))
      const said = () => [...child.stdout.matchAll(/^ack (\S+)$/gm)].map(([, name]) => name!)
      try {
        await child.says(/begun/)
        const enough = perLife * 0.9 * (0.3 + 0.7 * Math.random())
        while (said().length < enough && !child.stdout.includes('posted')) {
          if (child.child.exitCode !== null) throw new Error(`It has ended: ${child.stderr}`)
          await sleep(20)
        }
        await sleep(Math.random() * 200)
      } finally {
        await child.end('SIGKILL')
      }
      acknowledged.push(...said())
      cutOff += await makeDue(world)
    }
    for (let left = 1; left > 0;) {
      await makeDue(world)
      await sendDueMessages(world, DeliveryChannel.EMAIL)
      await sendDueMessages(world, DeliveryChannel.SMS)
      const [row] = await world.db.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM deliveries WHERE status = 'pending'`,
      )
      left = row!.count
    }
    const [row] = await world.db.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM deliveries WHERE status <> 'sent'`,
    )
    if (row!.count > 0) throw new Error(`${row!.count} messages were given up.`)
  } finally {
    await world.stop()
    await providers.stop()
  }
  const came = [
    ...providers.mails.taken.map(({ to, messageId }) => ({ to: to.split('@')[0]!, key: messageId })),
    ...providers.texts,
  ]
  const delivered = new Map<string, Set<string>>()
  for (const { to, key } of came) delivered.set(to, (delivered.get(to) ?? new Set()).add(key))
  const ids = [...delivered.values()].reduce((sum, { size }) => sum + size, 0)
  return { acknowledged, delivered, repeated: came.length - ids, cutOff }
}

/** As if a minute were over after the death of a process, and every pause; returns how much it had to itself. */
export async function makeDue(world: World): Promise<number> {
  const [freed] = await world.db.query<{ count: number }>(
    `WITH claimed AS (
       SELECT id FROM deliveries WHERE claimed_until > now()
     ), freed AS (
       UPDATE deliveries SET claimed_until = NULL, next_attempt_at = created_at WHERE status = 'pending' RETURNING id
     )
     SELECT count(*)::int AS count FROM claimed`,
  )
  return freed!.count
}
