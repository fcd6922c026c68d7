import { setTimeout as sleep } from 'node:timers/promises'
import { between } from '../random'
import { settle, unharmed, type Fault, type Figure } from '../fault'

export const pause: Fault = {
  number: 20,
  name: 'SIGSTOP',
  how: 'PostgreSQL with all its processes, then Node, stand still for 10 s',
  async play(stage) {
    const duration = stage.isQuick ? 3_000 : 10_000
    const portico = await stage.portico()
    const ledger = stage.clients(portico.port)
    const stand = async (halt: () => () => void): Promise<number> => {
      await ledger.acknowledges(between(stage.random, 20, 80))
      const goOn = halt()
      await sleep(duration)
      const resumed = performance.now()
      goOn()
      return (await ledger.answersAgain(resumed)) - resumed
    }
    const postgres = await stand(() => stage.postgres.pause())
    const node = await stand(() => {
      portico.signal('SIGSTOP')
      return () => portico.signal('SIGCONT')
    })
    await ledger.acknowledges(20)
    const gap = (name: string, value: number): Figure => ({ name, value, unit: 'ms', atMost: 1_000 })
    return [
      ...(await settle(stage, ledger)),
      ...unharmed(portico, ledger),
      gap('PostgreSQL: gap after it goes on', postgres),
      gap('Node: gap after it goes on', node),
      { name: 'asked to come again', value: ledger.count('unavailable') },
    ]
  },
}
