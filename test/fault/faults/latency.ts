import { setTimeout as sleep } from 'node:timers/promises'
import { between } from '../random'
import { settle, type Fault } from '../fault'
import { Proxy } from '../proxy'

/** Of a question and its answer together, in milliseconds. */
const LATENCY = 200
const JITTER = 50

export const latency: Fault = {
  number: 6,
  name: 'distant database',
  how: `each question to PostgreSQL takes ${LATENCY} ± ${JITTER} ms longer, for 10 s`,
  async play(stage) {
    const proxy = stage.keep(await Proxy.start(stage.postgres.port))
    const portico = await stage.portico(proxy.port)
    const feed = async (first: number): Promise<number> => {
      const before = proxy.questions
      const response = await fetch(`${portico.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          query: `{ posts(first: ${first}) { edges { node { id title author { username } } } } }`,
        }),
      })
      await response.arrayBuffer()
      return proxy.questions - before
    }
    // The first of a kind prepares its statements.
    for (const first of [5, 50]) await feed(first)
    const [few, many] = [await feed(5), await feed(50)]
    proxy.latency = () => between(stage.random, LATENCY - JITTER, LATENCY + JITTER) / 2
    const ledger = stage.clients(portico.port)
    await sleep(stage.isQuick ? 5_000 : 10_000)
    const figures = await settle(stage, ledger)
    return [
      ...figures,
      {
        name: 'errors',
        value: ledger.count('cut') + ledger.count('failed') + ledger.count('unavailable'),
        atMost: 0,
      },
      { name: 'questions for 5 posts', value: few },
      { name: 'more of them for 50', value: many - few, atMost: 0 },
      { name: 'p99 of reads', value: ledger.p99('read'), unit: 'ms' },
      { name: 'p99 of writes', value: ledger.p99('write'), unit: 'ms' },
    ]
  },
}
