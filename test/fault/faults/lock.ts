import { setTimeout as sleep } from 'node:timers/promises'
import { gapAfter, settle, underLoad, type Fault } from '../fault'

/** What PostgreSQL gives a statement of a request, in milliseconds. */
const STATEMENT_TIMEOUT = 5_000

export const lock: Fault = {
  number: 5,
  name: 'lock of a minute',
  how: 'somebody holds the table of posts for 60 s',
  async play(stage) {
    const { ledger } = await underLoad(stage)
    const holder = await stage.postgres.connect()
    await holder.query('BEGIN')
    await holder.query('LOCK TABLE posts IN ACCESS EXCLUSIVE MODE')
    const held = performance.now()
    await sleep(stage.isQuick ? 8_000 : 60_000)
    // Nobody waits for an answer any more to what PostgreSQL has worked on for longer than it may.
    const leaked = await stage.postgres.ask(
      `SELECT pid FROM pg_stat_activity WHERE application_name = 'portico' AND state <> 'idle'
       AND query_start < clock_timestamp() - interval '6 seconds'`,
    )
    const released = performance.now()
    await holder.query('ROLLBACK')
    await holder.end()
    const waited = ledger.asked.filter(
      ({ at, took, attempt }) => at > held && at + took < released && attempt.kind !== 'done',
    )
    const gap = await gapAfter(ledger, released)
    return [
      ...(await settle(stage, ledger)),
      { name: 'asked to come again', value: ledger.count('unavailable'), atLeast: 1 },
      {
        name: 'slowest of these',
        value: Math.max(0, ...waited.map(({ took }) => took)),
        unit: 'ms',
        atMost: STATEMENT_TIMEOUT + 100,
      },
      { name: 'without an answer', value: ledger.count('cut'), atMost: 0 },
      { name: 'answers 500', value: ledger.count('failed'), atMost: 0 },
      { name: 'leaked backends', value: leaked.length, atMost: 0 },
      { name: 'gap after it is released', value: gap, unit: 'ms', atMost: 1_000 },
    ]
  },
}
