import { setTimeout as sleep } from 'node:timers/promises'
import { gapAfter, settle, underLoad, unharmed, type Fault } from '../fault'
import { Proxy } from '../proxy'

export const blackhole: Fault = {
  number: 7,
  name: 'black hole',
  how: 'nothing arrives between Portico and PostgreSQL for 30 s, and nobody is told',
  async play(stage) {
    const proxy = stage.keep(await Proxy.start(stage.postgres.port))
    const { portico, ledger } = await underLoad(stage, proxy.port)
    const heal = proxy.blackhole()
    await sleep(stage.isQuick ? 12_000 : 30_000)
    const healed = performance.now()
    heal()
    const gap = await gapAfter(ledger, healed)
    const slowest = ledger.slowest()
    return [
      ...(await settle(stage, ledger)),
      ...unharmed(portico, ledger),
      { name: 'slowest answer', value: slowest, unit: 'ms', atMost: 10_000 },
      { name: 'gap after it heals', value: gap, unit: 'ms', atMost: 1_000 },
      { name: 'without an answer', value: ledger.count('cut'), atMost: 0 },
    ]
  },
}
