import { setTimeout as sleep } from 'node:timers/promises'
import { settle, type Fault } from '../fault'

/** Few, so that a few people who wait for a lock hold them all. */
const CONNECTIONS = 5

export const poolExhaustion: Fault = {
  number: 4,
  name: 'no connection is free',
  how: `all ${CONNECTIONS} connections of the pool wait for a lock, for 10 s`,
  async play(stage) {
    const portico = await stage.portico(undefined, { DATABASE_POOL_SIZE: String(CONNECTIONS) })
    const ledger = stage.clients(portico.port, { readers: 3 * CONNECTIONS })
    await ledger.acknowledges(20)
    const holder = await stage.postgres.connect()
    await holder.query('BEGIN')
    await holder.query('LOCK TABLE posts IN ACCESS EXCLUSIVE MODE')
    await sleep(500)
    const exhausted = performance.now()
    let health = 0
    while (performance.now() < exhausted + (stage.isQuick ? 4_000 : 10_000)) {
      const began = performance.now()
      await (await fetch(`${portico.url}/health/live`)).arrayBuffer()
      health = Math.max(health, performance.now() - began)
      await sleep(50)
    }
    const released = performance.now()
    await holder.query('ROLLBACK')
    await holder.end()
    const again = await ledger.answersAgain(released)
    // Whoever had a connection waited for the lock; all others for a connection.
    const refusals = ledger.asked
      .filter(
        ({ at, took, attempt }) => at > exhausted && at + took < released && attempt.kind === 'unavailable',
      )
      .map(({ took }) => took)
      .sort((one, other) => one - other)
    await ledger.acknowledges(20)
    return [
      ...(await settle(stage, ledger)),
      { name: 'refused', value: refusals.length, atLeast: 1 },
      {
        name: 'time to refusal (median)',
        value: refusals[Math.floor(refusals.length / 2)] ?? 0,
        unit: 'ms',
        atMost: 2_100,
      },
      { name: 'without an answer', value: ledger.count('cut'), atMost: 0 },
      { name: 'answers 500', value: ledger.count('failed'), atMost: 0 },
      { name: 'slowest /health/live', value: health, unit: 'ms', atMost: 50 },
      { name: 'gap after it is released', value: again - released, unit: 'ms', atMost: 1_000 },
    ]
  },
}
