import { settle, type Fault } from '../fault'
import { Proxy } from '../proxy'

export const rollingRestart: Fault = {
  number: 11,
  name: 'rolling restart',
  how: 'two replicas behind a proxy end and start, one after the other',
  async play(stage) {
    const replicas = [await stage.portico(), await stage.portico()]
    const proxy = stage.keep(await Proxy.start(...replicas.map(({ port }) => port)))
    const ledger = stage.clients(proxy.port)
    await ledger.acknowledges(20)
    for (const replica of replicas) {
      await replica.stop()
      await replica.restart()
      await ledger.acknowledges(20)
    }
    return [
      ...(await settle(stage, ledger)),
      { name: 'asked', value: ledger.asked.length },
      {
        name: 'failed',
        value: ledger.failures,
        atMost: 0,
      },
      { name: 'longest gap', value: ledger.longestGap('write'), unit: 'ms' },
    ]
  },
}
