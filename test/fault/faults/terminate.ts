import { Agent, get } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { between } from '../random'
import { settle, type Fault } from '../fault'
import type { Asked } from '../ledger'

export const terminate: Fault = {
  number: 10,
  name: 'SIGTERM under load',
  how: 'Node is told to end while clients write and read, and started again once it has',
  async play(stage) {
    const portico = await stage.portico()
    const ledger = stage.clients(portico.port)
    // A connection that is open before, as a proxy has one.
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    await ask(agent, portico.port)
    await ledger.acknowledges(between(stage.random, 20, 80))
    const told = performance.now()
    const stopped = portico.stop()
    while (!(await isRefused(portico.port))) await sleep(5)
    const refused = performance.now()
    const ready = await ask(agent, portico.port)
    agent.destroy()
    const { code, took } = await stopped
    const ended = performance.now()
    await portico.restart()
    await ledger.answersAgain(ended)
    const figures = await settle(stage, ledger)
    const failed = ledger.asked.filter(({ at, attempt }) => at < ended && hasFailed(attempt))
    return [
      ...figures,
      {
        name: 'asked',
        value: ledger.asked.filter(({ attempt }) => attempt.kind === 'done').length,
      },
      { name: 'failed', value: failed.length, atMost: 0 },
      { name: 'refuses connections after', value: refused - told, unit: 'ms', atMost: 250 },
      { name: 'says ready though it refuses', value: ready === 503 ? 0 : 1, atMost: 0 },
      { name: 'ends within', value: took, unit: 'ms', atMost: 10_000 },
      { name: 'exit code', value: code ?? 128, atMost: 0 },
    ]
  },
}

/** Whoever cannot connect knows that nothing was asked. */
const hasFailed = (attempt: Asked['attempt']): boolean =>
  attempt.kind === 'cut'
    ? !attempt.why.includes('ECONNREFUSED')
    : attempt.kind === 'failed' || attempt.kind === 'unavailable'

const ask = (agent: Agent, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    get({ agent, port, host: '127.0.0.1', path: '/health/ready' }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode!))
    }).on('error', reject)
  })

const isRefused = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('connect', () => resolve(!socket.destroy()))
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'))
  })
