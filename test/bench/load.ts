import autocannon from 'autocannon'
import type { Contender } from './contender'
import type { Scenario } from './scenarios'

export const CONNECTIONS = 20

/** What one round of load on one server showed. Times in milliseconds. */
export interface Round {
  requestsPerSecond: number
  p50: number
  p99: number
  /** Time of the processor that the server took for an answer. */
  processor: number
  /** Resident memory of the server at the end of the round, in bytes. */
  memory: number
}

/** Of those who ask. */
export interface Tokens {
  reader: string
  admin: string
  writers: readonly string[]
}

const tokensOf = (tokens: Tokens, { as }: Scenario): readonly string[] => [tokens[as]].flat()

/** Who asks first on the next connection. */
let turn = 0

const bearing = (token: string) => ({ authorization: `Bearer ${token}` })

/** A scenario as an HTTP request to one of the two, by the first who ask. */
export function requestTo(contender: Contender, scenario: Scenario, tokens: Tokens) {
  const { method, path, body } =
    contender.name === 'Portico'
      ? { method: 'POST' as const, path: '/graphql', body: scenario.operation }
      : scenario.floor
  return {
    url: contender.url + path,
    method,
    headers: {
      ...bearing(tokensOf(tokens, scenario)[0]!),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }
}

/**
 * Keeps 20 connections busy for so many seconds.
 * @throws Error when a single answer is not what it should be: a rate of failures would say nothing.
 */
export async function load(
  contender: Contender,
  scenario: Scenario,
  tokens: Tokens,
  seconds: number,
): Promise<Round> {
  const times: number[] = []
  const before = await contender.usage()
  const request = requestTo(contender, scenario, tokens)
  const run = autocannon({
    ...request,
    setupClient: (client: autocannon.Client) => {
      // Each connection begins with somebody else, or all would ask as the same person at once.
      const askers = tokensOf(tokens, scenario)
      const first = (turn += Math.ceil(askers.length / CONNECTIONS)) % askers.length
      const inTurn = [...askers.slice(first), ...askers.slice(0, first)]
      client.setRequests(
        inTurn.map((token) => ({ ...request, headers: { ...request.headers, ...bearing(token) } })),
      )
    },
    connections: CONNECTIONS,
    duration: seconds,
    sampleInt: 100,
    verifyBody: (body: string | Buffer) => String(body).startsWith('{"data":'),
  } as autocannon.Options) as unknown as autocannon.Instance & Promise<autocannon.Result>
  // autocannon's own percentiles are whole milliseconds.
  void run.on('response', (_client, _status, _bytes, milliseconds) => void times.push(milliseconds))
  const { errors, non2xx, mismatches, duration } = await run
  if (errors + non2xx + mismatches > 0 || times.length === 0) {
    throw new Error(
      `${contender.name}, ${scenario.name}: ${times.length} answers, ${errors} errors, ${non2xx} refused, ${mismatches} failed.`,
    )
  }
  const after = await contender.usage()
  times.sort((a, b) => a - b)
  const percentile = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))]!
  return {
    requestsPerSecond: times.length / duration,
    p50: percentile(0.5),
    p99: percentile(0.99),
    processor: (after.processor - before.processor) / times.length,
    memory: after.memory,
  }
}
