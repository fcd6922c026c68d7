import { setTimeout as sleep } from 'node:timers/promises'
import { gapAfter, settle, underLoad, unharmed, type Fault } from '../fault'

/** Clients notice it before it is back, in milliseconds. */
const AWAY = 300

export const killPostgres: Fault = {
  number: 1,
  name: 'kill -9 of PostgreSQL',
  how: 'the postmaster is killed while clients write, and started again',
  async play(stage) {
    const { portico, ledger } = await underLoad(stage)
    await stage.postgres.kill()
    await sleep(AWAY)
    await stage.postgres.start()
    const accepts = performance.now()
    const gap = await gapAfter(ledger, accepts)
    return [
      ...(await settle(stage, ledger)),
      ...unharmed(portico, ledger),
      { name: 'gap after it accepts', value: gap, unit: 'ms', atMost: 1_000 },
    ]
  },
}
