import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { settle, type Fault } from '../fault'

const CONNECTIONS = 200

/** How long it is waited for the last of them to be cut off, in milliseconds. */
const PATIENCE = 90_000

export const slowloris: Fault = {
  number: 21,
  name: 'slowloris',
  how: `${CONNECTIONS} connections send a header a byte a second`,
  async play(stage) {
    const portico = await stage.portico()
    const calm = stage.clients(portico.port)
    await sleep(3_000)
    await calm.end()
    const ledger = stage.clients(portico.port)
    const began = performance.now()
    const cuts = await Promise.race([
      Promise.all(Array.from({ length: CONNECTIONS }, () => untilCut(portico.port))),
      sleep(PATIENCE, null, { ref: false }),
    ])
    const took = performance.now() - began
    return [
      ...(await settle(stage, ledger)),
      { name: 'held for', value: took, unit: 'ms', atMost: 60_000 },
      { name: 'cut off', value: cuts?.length ?? 0, atLeast: CONNECTIONS },
      {
        name: 'failed beside them',
        value: ledger.failures,
        atMost: 0,
      },
      { name: 'p99 of reads before', value: calm.p99('read'), unit: 'ms' },
      { name: 'p99 of reads beside them', value: ledger.p99('read'), unit: 'ms' },
    ]
  },
}

async function untilCut(port: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.on('error', () => undefined)
  socket.resume()
  const closed = once(socket, 'close')
  socket.write('GET /health/live HTTP/1.1\r\nHost: localhost\r\nX-Slow: ')
  const drip = setInterval(() => socket.write('x'), 1_000)
  await closed.finally(() => clearInterval(drip))
}
