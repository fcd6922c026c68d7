import { setTimeout as sleep } from 'node:timers/promises'
import { gapAfter, settle, underLoad, unharmed, type Fault } from '../fault'
import { Proxy } from '../proxy'

export const reset: Fault = {
  number: 8,
  name: 'storm of resets',
  how: 'each tenth of a second a third of the connections to PostgreSQL end with RST, for 5 s',
  async play(stage) {
    const proxy = stage.keep(await Proxy.start(stage.postgres.port))
    const { portico, ledger } = await underLoad(stage, proxy.port)
    let resets = 0
    for (let round = 0; round < (stage.isQuick ? 20 : 50); round++) {
      resets += proxy.reset(() => stage.random() < 1 / 3)
      await sleep(100)
    }
    const calm = performance.now()
    const gap = await gapAfter(ledger, calm)
    return [
      ...(await settle(stage, ledger)),
      ...unharmed(portico, ledger),
      { name: 'resets', value: resets, atLeast: 1 },
      { name: 'reads refused', value: ledger.count('unavailable', 'read'), atMost: 0 },
      { name: 'writes asked to come again', value: ledger.count('unavailable', 'write') },
      { name: 'without an answer', value: ledger.count('cut'), atMost: 0 },
      { name: 'gap after the storm', value: gap, unit: 'ms', atMost: 1_000 },
    ]
  },
}
