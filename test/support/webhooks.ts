import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { PubSub } from '../../src/db/pub-sub'
import { WebhookSender, type WebhookSenderOptions } from '../../src/modules/webhook/webhook-sender'
import type { Person, World } from './world'

/** What an operator sets so that a test's receivers may be called. */
export const RECEIVERS_ARE_LOCAL = { WEBHOOK_ALLOWED_HOSTS: '127.0.0.1' }

/** A message as its receiver got it. */
export interface Received {
  id: string
  headers: Record<string, string>
  body: string
}

/** What a message says, after its signature has been verified as a receiver would. @throws WebhookVerificationError */
export const verified = (secret: string, { headers, body }: Received): Message =>
  new Webhook(secret).verify(body, headers) as Message

export interface Message {
  type: string
  timestamp: string
  data: {
    id: string
    outcome: string
    actorId: string | null
    impersonatorId: string | null
    subjectId: string | null
    target: string | null
  }
}

/** Another system on this machine, which takes everything until it is told to answer otherwise. */
export class Receiver {
  readonly received: Received[] = []
  answer: RequestListener = (_request, response) => response.writeHead(204).end()
  private readonly sockets = new Set<Socket>()

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Receiver> {
    const server = createServer()
    const receiver = new Receiver(server)
    server.on('connection', (socket) => receiver.sockets.add(socket))
    server.on('request', (request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        const headers = request.headers as Record<string, string>
        receiver.received.push({ id: headers['webhook-id']!, headers, body })
        receiver.answer(request, response)
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return receiver
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hooks`
  }

  /** The messages of one type, or of all. */
  of(type: string): Received[] {
    return this.received.filter(({ body }) => (JSON.parse(body) as Message).type === type)
  }

  stop(): void {
    for (const socket of this.sockets) socket.destroy()
    this.server.close()
  }
}

/** Receivers that are stopped after each test, when nobody is told anything any more. */
export function useReceivers(world: World): () => Promise<Receiver> {
  const running: Receiver[] = []
  afterEach(async () => {
    for (const receiver of running.splice(0)) receiver.stop()
    await world.db.query('UPDATE webhook_endpoints SET is_enabled = false')
  })
  return async () => {
    const receiver = await Receiver.start()
    running.push(receiver)
    return receiver
  }
}

const CREATE = `mutation ($input: CreateWebhookEndpointInput!) {
  createWebhookEndpoint(input: $input) {
    webhookEndpoint { id url description events isEnabled version } secret userErrors { code field message }
  }
}`

export interface Endpoint {
  id: string
  secret: string
}

/** An endpoint of a new admin's, or of somebody's. */
export async function endpointAt(
  world: World,
  url: string,
  { events = ['*'], by }: { events?: string[]; by?: Person } = {},
): Promise<Endpoint & { by: Person }> {
  const maker = by ?? (await world.person({ role: 'admin' }))
  const { createWebhookEndpoint: made } = await maker.api.data(CREATE, {
    input: { url, description: 'Made for a test.', events },
  })
  if (made.userErrors.length > 0) throw new Error(made.userErrors[0].message)
  return { id: made.webhookEndpoint.id, secret: made.secret, by: maker }
}

/** An endpoint that nothing is sent to, and is told of what hardly happens. */
export const quietEndpoint = (world: World, by?: Person) =>
  endpointAt(world, 'https://example.com/hooks', { events: ['account.erased'], by })

/** Something that an endpoint is to be told; its id. */
export async function deliveryTo(world: World, endpointId: string, by?: Person): Promise<string> {
  const { api } = by ?? (await world.person({ role: 'admin' }))
  const { sendTestWebhook } = await api.data(
    'mutation ($input: SendTestWebhookInput!) { sendTestWebhook(input: $input) { webhookDelivery { id } } }',
    { input: { webhookEndpointId: endpointId } },
  )
  return sendTestWebhook.webhookDelivery.id as string
}

/** Sends what is due by the world's clock, until nothing is. */
export async function sendDue(world: World, options: Partial<WebhookSenderOptions> = {}): Promise<void> {
  const failed = (error: unknown) => {
    throw error
  }
  const pubSub = new PubSub(world.portico.databaseUrl, failed)
  await new WebhookSender(world.db, { pubSub, onError: failed, ...options }).sendDue()
}
