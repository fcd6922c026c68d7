import { setTimeout as sleep } from 'node:timers/promises'
import { gapAfter, settle, underLoad, unharmed, type Fault } from '../fault'
import { signal } from '../postgres'

export const killBackend: Fault = {
  number: 2,
  name: 'kill -9 of one backend',
  how: 'PostgreSQL ends all the others and recovers',
  async play(stage) {
    const { portico, ledger } = await underLoad(stage)
    const backends = await stage.postgres.ask<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE application_name = 'portico' ORDER BY pid`,
    )
    signal(backends[Math.floor(stage.random() * backends.length)]!.pid, 'SIGKILL')
    await sleep(20)
    while (!(await stage.postgres.accepts())) await sleep(5)
    const accepts = performance.now()
    const gap = await gapAfter(ledger, accepts)
    return [
      ...(await settle(stage, ledger)),
      ...unharmed(portico, ledger),
      { name: 'gap after it accepts', value: gap, unit: 'ms', atMost: 1_000 },
      { name: 'asked to come again', value: ledger.count('unavailable') },
    ]
  },
}
