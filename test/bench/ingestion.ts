import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { Client } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { activityId } from '../../src/modules/activity/told-activity'
import type { Contender } from './contender'

/** How many events are told at once. */
const BATCH = 100

/** How many clients tell at once, in turns. */
export const CLIENTS = [1, 2, 4]

/** What clients that tell what was done showed in one round. Times in milliseconds, of a batch from its sending to its acknowledgement. */
export interface IngestionRound {
  clients: number
  /** Events a second, durable: of bare COPY, each batch with a commit of its own, and of Portico. */
  copy: number
  events: number
  copyP99: number
  p50: number
  p99: number
  /** Resident memory of Portico at the end, in bytes. */
  memory: number
  /** How many batches were asked to come again. */
  refused: number
}

/** Events by COPY into the same table, and by as many clients through the API, each of which waits for its acknowledgement. */
export async function measureIngestion(
  portico: Contender,
  databaseUrl: string,
  clients: number,
  seconds: number,
): Promise<IngestionRound> {
  const bare = await copied(databaseUrl, clients, seconds)
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  let refused = 0
  const told = await busy(clients, seconds, async () => {
    const anonymousId = randomUUID()
    return async () => {
      const answer = await post(portico.url, agent, bodyOf(anonymousId))
      if (answer.includes('RATE_LIMITED')) {
        refused++
        return 0
      }
      if (!answer.includes(`"accepted":${BATCH}`)) throw new Error(`Something was not kept: ${answer}`)
      return BATCH
    }
  })
  agent.destroy()
  const { memory } = await portico.usage()
  return {
    ...{ clients, refused, memory },
    ...{ copy: bare.rate, copyP99: bare.percentile(0.99) },
    ...{ events: told.rate, p50: told.percentile(0.5), p99: told.percentile(0.99) },
  }
}

/** Has so many work for so long; each says how much it has done with each step. */
async function busy(
  count: number,
  seconds: number,
  begin: () => Promise<() => Promise<number>>,
): Promise<{ rate: number; percentile: (share: number) => number }> {
  const workers = await Promise.all(Array.from({ length: count }, begin))
  const times: number[] = []
  let done = 0
  const started = performance.now()
  await Promise.all(
    workers.map(async (step) => {
      for (let at = performance.now(); at - started < seconds * 1_000;) {
        const more = await step()
        done += more
        const now = performance.now()
        times.push(now - at)
        at = now
      }
    }),
  )
  const rate = done / ((performance.now() - started) / 1_000)
  times.sort((one, other) => one - other)
  return {
    rate,
    percentile: (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))]!,
  }
}

const PAGES = Array.from({ length: 50 }, (_, index) => `/articles/${index}/read`)

const QUERY = `mutation TrackActivity($input: TrackActivityInput!) {
  trackActivity(input: $input) { accepted duplicates withheld refused { index field message } userErrors { code field message } }
}`

const bodyOf = (anonymousId: string): string =>
  JSON.stringify({
    query: QUERY,
    variables: {
      input: {
        anonymousId,
        events: Array.from({ length: BATCH }, (_, index) => ({
          clientId: randomUUID(),
          name: 'page.viewed',
          occurredAt: new Date(),
          path: PAGES[index % PAGES.length],
          properties: { title: 'An article of this week', referrer: 'example.com' },
        })),
      },
    },
  })

const USER_AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

function post(url: string, agent: Agent, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'user-agent': USER_AGENT,
    }
    const sent = request(`${url}/graphql`, { method: 'POST', agent, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve(text))
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** The same rows, which nobody has to check, by COPY. */
async function copied(databaseUrl: string, clients: number, seconds: number) {
  const connections: Client[] = []
  try {
    return await busy(clients, seconds, async () => {
      const client = new Client(databaseUrl)
      connections.push(client)
      await client.connect()
      const anonymousId = randomUUID()
      return async () => {
        const stream = client.query(
          copyFrom(
            `COPY activity_events (id, occurred_at, received_at, anonymous_id, kind, name, definition_version, retention, properties, path, device_class, browser, os, network) FROM STDIN`,
          ),
        )
        await new Promise<void>((resolve, reject) => {
          stream.on('finish', resolve)
          stream.on('error', reject)
          stream.end(rowsOf(anonymousId))
        })
        return BATCH
      }
    })
  } finally {
    for (const client of connections) await client.end()
  }
}

const rowsOf = (anonymousId: string): string =>
  Array.from({ length: BATCH }, (_, index) => {
    const now = new Date()
    const moment = now.toISOString()
    const properties = JSON.stringify({ title: 'An article of this week', referrer: 'example.com' })
    return `${activityId(randomUUID(), now)}\t${moment}\t${moment}\t${anonymousId}\tPAGE_VIEW\tpage.viewed\t1\tSTANDARD\t${properties}\t${PAGES[index % PAGES.length]}\tdesktop\tFirefox\tLinux\t127.0.0.0/24\n`
  }).join('')
