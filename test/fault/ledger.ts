import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FragilePostgres } from './postgres'

/** How long a client waits for an answer, and how long it goes on asking for one thing, in milliseconds. */
const ANSWER_PATIENCE = 15_000
const WRITE_PATIENCE = 60_000

/** How long a client rests before it asks again, in milliseconds. */
const REST = 50

const CREATE = `mutation ($input: CreatePostInput!) { createPost(input: $input) { post { id } userErrors { code } } }`
const READ = `{ posts(first: 5) { edges { node { id title author { username } } } } }`

/** What came of asking once: done, refused for good, asked to come again, or nobody knows. */
export type Attempt =
  | { kind: 'done' }
  | { kind: 'refused'; why: string }
  | { kind: 'unavailable'; why: string }
  | { kind: 'failed'; why: string }
  | { kind: 'cut'; why: string }

/** One time that somebody asked, at which moment, and how long it took, in milliseconds. */
export interface Asked {
  what: 'write' | 'read'
  at: number
  took: number
  attempt: Attempt
}

/** What the database holds of what clients were told. */
export interface Balance {
  acknowledged: number
  /** Acknowledged and not there. */
  lost: number
  /** There more than once. */
  twice: number
  /** There, though its client was told that it would not be. */
  phantom: number
  /** Whose client gave up without having been told anything. */
  unknown: number
}

export interface Load {
  /** Where clients ask. */
  port: number
  /** Each writes as one person, in turns. */
  tokens: readonly string[]
  writers?: number
  readers?: number
  /** How long each rests between two questions, in milliseconds. */
  pace?: number
  /** Whether a write is sent with an Idempotency-Key, and again with the same one until it is answered. */
  retries?: boolean
}

/** Clients that write and read, and remember what they were told. */
export class WriteLedger {
  readonly asked: Asked[] = []
  /** What each title's client was told last. */
  private readonly told = new Map<string, Attempt>()
  private readonly agent = new Agent({ keepAlive: true })
  private readonly working: Promise<unknown>
  private isOver = false
  private turn = 0
  /** Titles of one ledger begin alike. */
  private readonly mark = randomUUID()

  constructor(private readonly load: Load) {
    const { writers = 6, readers = 3 } = load
    this.working = Promise.all([
      ...Array.from({ length: writers }, () => this.loop(() => this.write())),
      ...Array.from({ length: readers }, () => this.loop(() => this.read())),
    ])
  }

  /** When so many more writes are acknowledged. */
  async acknowledges(more: number): Promise<void> {
    const enough = this.acknowledged + more
    const end = Date.now() + WRITE_PATIENCE
    while (this.acknowledged < enough) {
      if (Date.now() > end) throw new Error(`Nothing is acknowledged any more: ${this.lastWords()}`)
      await sleep(5)
    }
  }

  /** When a write is acknowledged after this moment, whenever it was begun; returns when that was. */
  async answersAgain(after: number): Promise<number> {
    const end = Date.now() + WRITE_PATIENCE
    for (;;) {
      const first = this.asked.find(
        ({ what, at, took, attempt }) => what === 'write' && attempt.kind === 'done' && at + took > after,
      )
      if (first) return first.at + first.took
      if (Date.now() > end) throw new Error(`Nothing is acknowledged any more: ${this.lastWords()}`)
      await sleep(5)
    }
  }

  /** When every client has got an answer to what it asked last, or has given up. */
  async end(): Promise<void> {
    this.isOver = true
    await this.working
    this.agent.destroy()
  }

  get acknowledged(): number {
    return [...this.told.values()].filter(({ kind }) => kind === 'done').length
  }

  /** Between the answers to two writes, or reads, that followed each other after a moment: the longest time in milliseconds. */
  longestGap(what: Asked['what'], since = 0): number {
    const moments = this.asked
      .filter(
        (asked) => asked.what === what && asked.attempt.kind === 'done' && asked.at + asked.took > since,
      )
      .map(({ at, took }) => at + took)
      .sort((one, other) => one - other)
    return Math.max(0, ...moments.slice(1).map((moment, index) => moment - moments[index]!))
  }

  /** The longest that anybody waited for an answer of whatever kind, of those who asked after a moment; in milliseconds. */
  slowest(since = 0): number {
    return Math.max(0, ...this.asked.filter(({ at }) => at >= since).map(({ took }) => took))
  }

  /** How long all but one in a hundred waited for what they were given, in milliseconds. */
  p99(what: Asked['what']): number {
    const times = this.asked
      .filter((asked) => asked.what === what && asked.attempt.kind === 'done')
      .map(({ took }) => took)
      .sort((one, other) => one - other)
    return times[Math.floor(times.length * 0.99)] ?? 0
  }

  /** How often it came to this, by what was said. */
  count(kind: Attempt['kind'], what?: Asked['what']): number {
    return this.asked.filter((asked) => asked.attempt.kind === kind && (!what || asked.what === what)).length
  }

  /** How often a client was given nothing of what it asked for, though nothing was wrong with that. */
  get failures(): number {
    return this.count('cut') + this.count('failed') + this.count('unavailable')
  }

  /** Compares what clients were told with what is there. */
  async balance(postgres: FragilePostgres): Promise<Balance> {
    const rows = await postgres.ask<{ title: string; count: number }>(
      `SELECT title, count(*)::int AS count FROM posts WHERE title LIKE $1 GROUP BY title`,
      [`${this.mark}%`],
    )
    return balanceOf(this.told, new Map(rows.map(({ title, count }) => [title, count])))
  }

  private async loop(step: () => Promise<void>): Promise<void> {
    while (!this.isOver) {
      const began = performance.now()
      await step()
      const rest = (this.load.pace ?? REST) - (performance.now() - began)
      if (rest > 0) await sleep(rest)
    }
  }

  private async write(): Promise<void> {
    const token = this.load.tokens[this.turn++ % this.load.tokens.length]!
    const title = `${this.mark} ${this.turn}`
    // What has no body is refused, and must not come to be there.
    const body = this.turn % 20 === 0 ? '' : 'What the tide leaves behind.'
    const key = randomUUID()
    const { retries = true } = this.load
    const giveUpAt = performance.now() + WRITE_PATIENCE
    for (;;) {
      const attempt = await this.ask('write', CREATE, token, { input: { title, body, publish: true } }, key)
      this.told.set(title, attempt)
      const isOver = attempt.kind === 'done' || attempt.kind === 'refused'
      if (isOver || !retries || performance.now() > giveUpAt) return
      await sleep(REST)
    }
  }

  private async read(): Promise<void> {
    const token = this.load.tokens[this.turn++ % this.load.tokens.length]!
    await this.ask('read', READ, token)
  }

  private async ask(
    what: Asked['what'],
    query: string,
    token: string,
    variables?: object,
    key?: string,
  ): Promise<Attempt> {
    const at = performance.now()
    const attempt = await send(this.agent, this.load.port, { query, variables }, token, key).then(
      ({ status, body }) => understand(status, body),
      (error: Error): Attempt => ({ kind: 'cut', why: error.message }),
    )
    this.asked.push({ what, at, took: performance.now() - at, attempt })
    return attempt
  }

  private lastWords(): string {
    return JSON.stringify(this.asked.slice(-5).map(({ attempt }) => attempt))
  }
}

/** What clients were told, held against what is there, by title. */
export function balanceOf(told: ReadonlyMap<string, Attempt>, there: ReadonlyMap<string, number>): Balance {
  const titles = (...kinds: Attempt['kind'][]) =>
    [...told].filter(([, { kind }]) => kinds.includes(kind)).map(([title]) => title)
  const acknowledged = titles('done')
  return {
    acknowledged: acknowledged.length,
    lost: acknowledged.filter((title) => !there.has(title)).length,
    twice: [...there.values()].filter((count) => count > 1).length,
    phantom: titles('refused').filter((title) => there.has(title)).length,
    unknown: titles('unavailable', 'failed', 'cut').length,
  }
}

interface Answer {
  status: number
  body: string
}

function send(agent: Agent, port: number, body: object, token: string, key?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(body)
    const sent = request(
      {
        ...{ agent, port, host: '127.0.0.1', method: 'POST', path: '/graphql' },
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(text),
          authorization: `Bearer ${token}`,
          ...(key !== undefined && { 'idempotency-key': key }),
        },
        signal: AbortSignal.timeout(ANSWER_PATIENCE),
      },
      (response) => {
        let answer = ''
        response.setEncoding('utf8')
        response.on('data', (more: string) => (answer += more))
        response.on('end', () => resolve({ status: response.statusCode!, body: answer }))
        response.on('error', reject)
        response.on('aborted', () => reject(new Error('The answer was cut off.')))
      },
    )
    sent.on('error', reject)
    sent.end(text)
  })
}

interface GraphqlAnswer {
  data?: Record<string, { post?: unknown; edges?: unknown; userErrors?: { code: string }[] } | null> | null
  errors?: { message: string; extensions?: { code?: string } }[]
}

/** What an answer means to whoever asked. */
function understand(status: number, body: string): Attempt {
  let answer: GraphqlAnswer
  try {
    answer = JSON.parse(body) as GraphqlAnswer
  } catch {
    return { kind: 'failed', why: `${status} ${body.slice(0, 80)}` }
  }
  const payload = Object.values(answer.data ?? {})[0]
  if (payload?.post || payload?.edges) return { kind: 'done' }
  const [userError] = payload?.userErrors ?? []
  if (userError) return { kind: 'refused', why: userError.code }
  const code = answer.errors?.[0]?.extensions?.code ?? `${status}`
  if (code === 'UNAVAILABLE' || code === 'RATE_LIMITED') return { kind: 'unavailable', why: code }
  if (code === 'INTERNAL' || status >= 500) return { kind: 'failed', why: `${status} ${code}` }
  return { kind: 'refused', why: code }
}
