import { settle, underLoad, type Fault } from '../fault'

export const killNode: Fault = {
  number: 3,
  name: 'kill -9 of Node',
  how: 'killed while clients write; a supervisor starts it again',
  async play(stage) {
    const { portico, ledger } = await underLoad(stage)
    const struck = performance.now()
    await portico.kill()
    let ready = Infinity
    void portico.ready().then(
      () => (ready = performance.now()),
      () => undefined,
    )
    const again = await ledger.answersAgain(struck + 20)
    await ledger.acknowledges(20)
    return [
      ...(await settle(stage, ledger)),
      { name: 'ready after', value: ready - struck, unit: 'ms' },
      { name: 'first success after', value: again - struck, unit: 'ms', atMost: 2_000 },
    ]
  },
}
