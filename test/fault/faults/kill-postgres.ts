import { between } from '../random'
import { settle, type Fault } from '../fault'

/** Clients notice it before it is back, in milliseconds. */
const AWAY = 300

export const killPostgres: Fault = {
  number: 1,
  name: 'kill -9 of PostgreSQL',
  how: 'the postmaster is killed while clients write, and started again',
  async play(stage) {
    const portico = await stage.portico()
    const ledger = stage.clients(portico.port)
    await ledger.acknowledges(between(stage.random, 20, 80))
    await stage.postgres.kill()
    await new Promise((resolve) => setTimeout(resolve, AWAY))
    await stage.postgres.start()
    const accepts = performance.now()
    const again = await ledger.answersAgain(accepts)
    await ledger.acknowledges(20)
    return [
      ...(await settle(stage, ledger)),
      { name: 'gap after it accepts', value: again - accepts, unit: 'ms', atMost: 1_000 },
      { name: 'starts of Node', value: portico.starts, atMost: 1 },
      { name: 'answers 500', value: ledger.count('failed'), atMost: 0 },
    ]
  },
}
