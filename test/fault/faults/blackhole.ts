import { setTimeout as sleep } from 'node:timers/promises'
import { between } from '../random'
import { settle, type Fault } from '../fault'
import { Proxy } from '../proxy'

export const blackhole: Fault = {
  number: 7,
  name: 'black hole',
  how: 'nothing arrives between Portico and PostgreSQL for 30 s, and nobody is told',
  async play(stage) {
    const proxy = stage.keep(await Proxy.start(stage.postgres.port))
    const portico = await stage.portico(proxy.port)
    const ledger = stage.clients(portico.port)
    await ledger.acknowledges(between(stage.random, 20, 80))
    const heal = proxy.blackhole()
    await sleep(stage.isQuick ? 12_000 : 30_000)
    const healed = performance.now()
    heal()
    const again = await ledger.answersAgain(healed)
    const slowest = ledger.slowest()
    await ledger.acknowledges(20)
    return [
      ...(await settle(stage, ledger)),
      { name: 'slowest answer', value: slowest, unit: 'ms', atMost: 10_000 },
      { name: 'gap after it heals', value: again - healed, unit: 'ms', atMost: 1_000 },
      { name: 'starts of Node', value: portico.starts, atMost: 1 },
      { name: 'without an answer', value: ledger.count('cut'), atMost: 0 },
      { name: 'answers 500', value: ledger.count('failed'), atMost: 0 },
    ]
  },
}
