import autocannon from 'autocannon'
import { settle, type Fault } from '../fault'
import type { SupervisedPortico } from '../node'

/** Reads of whoever is not signed in: the same for all. */
const BODY = JSON.stringify({
  query: '{ posts(first: 20) { edges { node { id title author { username } } } } }',
})

/** As many as keep it busy, and as many as three times that rate needs. */
const BUSY = 20
const CROWD = 600

export const overload: Fault = {
  number: 19,
  name: 'overload',
  how: `three times as many reads as it can answer come each second, on ${CROWD} connections, for 10 s`,
  async play(stage) {
    const seconds = stage.isQuick ? 4 : 10
    const portico = await stage.portico()
    const calm = stage.clients(portico.port)
    await calm.acknowledges(50)
    await calm.end()
    await ask(portico, { connections: BUSY, duration: 2 })
    const peak = await ask(portico, { connections: BUSY, duration: seconds / 2 })
    const crowd = await ask(portico, {
      connections: CROWD,
      overallRate: Math.round(3 * peak.rate),
      duration: seconds,
    })
    const over = performance.now()
    const ledger = stage.clients(portico.port)
    const again = await ledger.answersAgain(over)
    await ledger.acknowledges(20)
    return [
      ...(await settle(stage, ledger)),
      { name: 'peak (answers a second)', value: peak.rate },
      {
        name: 'share of the peak under overload',
        value: (100 * crowd.rate) / peak.rate,
        unit: '%',
        atLeast: 80,
      },
      { name: 'shed with 503 or 429', value: crowd.shed },
      { name: 'failed in another way', value: crowd.failed, atMost: 0 },
      { name: 'p99 of what is answered', value: crowd.p99, unit: 'ms' },
      { name: 'gap after it', value: again - over, unit: 'ms', atMost: 1_000 },
      { name: 'starts of Node', value: portico.starts, atMost: 1 },
    ]
  },
}

async function ask(
  { url }: SupervisedPortico,
  load: Pick<autocannon.Options, 'connections' | 'overallRate' | 'duration'>,
) {
  const times: number[] = []
  let shed = 0
  let failed = 0
  const run = autocannon({
    url: `${url}/graphql`,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: BODY,
    timeout: 15,
    ...load,
  }) as unknown as autocannon.Instance & Promise<autocannon.Result>
  void run.on('response', (_client, status, _bytes, milliseconds) => {
    if (status === 200) times.push(milliseconds)
    else if (status === 503 || status === 429) shed++
    else failed++
  })
  const { errors, duration } = await run
  times.sort((one, other) => one - other)
  return {
    rate: times.length / duration,
    shed,
    failed: failed + errors,
    p99: times[Math.floor(times.length * 0.99)] ?? 0,
  }
}
