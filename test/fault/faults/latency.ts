import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { between } from '../random'
import { settle, type Fault } from '../fault'
import { Proxy } from '../proxy'

/** Of a question and its answer together, in milliseconds. */
const LATENCY = 200
const JITTER = 50

const CREATE = `mutation ($input: CreatePostInput!) { createPost(input: $input) { post { id } } }`

export const latency: Fault = {
  number: 6,
  name: 'distant database',
  how: `each question to PostgreSQL takes ${LATENCY} ± ${JITTER} ms longer, for 10 s`,
  async play(stage) {
    const proxy = stage.keep(await Proxy.start(stage.postgres.port))
    const portico = await stage.portico(proxy.port)
    // What goes on in the background is asked now and then as well: the fewest are what a request asks itself.
    const questionsOf = async (body: object): Promise<number> => {
      const counts: number[] = []
      for (let time = 1; time <= 8; time++) {
        const before = proxy.questions
        await post(portico.port, stage.token, body)
        counts.push(proxy.questions - before)
      }
      return Math.min(...counts)
    }
    const feed = (first: number) => ({
      query: `{ posts(first: ${first}) { edges { node { id title author { username } } } } }`,
    })
    const [few, many] = [await questionsOf(feed(5)), await questionsOf(feed(50))]
    const write = await questionsOf({ query: CREATE, variables: { input: { title: 'Far', body: 'Away.' } } })
    proxy.latency = () => between(stage.random, LATENCY - JITTER, LATENCY + JITTER) / 2
    const ledger = stage.clients(portico.port)
    await sleep(stage.isQuick ? 5_000 : 10_000)
    const figures = await settle(stage, ledger)
    return [
      ...figures,
      {
        name: 'errors',
        value: ledger.failures,
        atMost: 0,
      },
      { name: 'questions for 5 posts', value: few },
      { name: 'for a write', value: write },
      { name: 'more of them for 50', value: many - few, atMost: 0 },
      { name: 'p99 of reads', value: ledger.p99('read'), unit: 'ms' },
      { name: 'p99 of writes', value: ledger.p99('write'), unit: 'ms' },
    ]
  },
}

async function post(port: number, token: string, body: object): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
      'idempotency-key': randomUUID(),
    },
    body: JSON.stringify(body),
  })
  await response.arrayBuffer()
}
