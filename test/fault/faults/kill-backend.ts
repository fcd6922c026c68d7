import { setTimeout as sleep } from 'node:timers/promises'
import { between } from '../random'
import { settle, type Fault } from '../fault'
import { signal } from '../postgres'

export const killBackend: Fault = {
  number: 2,
  name: 'kill -9 of one backend',
  how: 'PostgreSQL ends all the others and recovers',
  async play(stage) {
    const portico = await stage.portico()
    const ledger = stage.clients(portico.port)
    await ledger.acknowledges(between(stage.random, 20, 80))
    const backends = await stage.postgres.ask<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE application_name = 'portico' ORDER BY pid`,
    )
    signal(backends[Math.floor(stage.random() * backends.length)]!.pid, 'SIGKILL')
    await sleep(20)
    while (!(await stage.postgres.accepts())) await sleep(5)
    const accepts = performance.now()
    const again = await ledger.answersAgain(accepts)
    await ledger.acknowledges(20)
    return [
      ...(await settle(stage, ledger)),
      { name: 'gap after it accepts', value: again - accepts, unit: 'ms', atMost: 1_000 },
      { name: 'starts of Node', value: portico.starts, atMost: 1 },
      { name: 'asked to come again', value: ledger.count('unavailable') },
      { name: 'answers 500', value: ledger.count('failed'), atMost: 0 },
    ]
  },
}
