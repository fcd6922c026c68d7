import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CpuProfile } from './profile'

const ROOT = join(__dirname, '..', '..')
const PATIENCE = 30_000

/** What a process has taken so far. */
export interface Usage {
  /** Resident memory, in bytes. */
  memory: number
  /** Time of the processor, in milliseconds. */
  processor: number
}

/** A server under measurement, in a process of its own. */
export class Contender {
  private constructor(
    readonly name: 'floor' | 'Portico',
    readonly url: string,
    private readonly child: ChildProcess,
  ) {}

  /** Starts a server that listens on `PORT` and answers `GET /health/ready`. */
  static async start(
    name: Contender['name'],
    script: readonly string[],
    environment: Record<string, string>,
  ): Promise<Contender> {
    const port = await freePort()
    const child = spawn(process.execPath, ['-r', join(__dirname, 'probe.js'), ...script], {
      cwd: ROOT,
      // Portico writes a log line for every request, as it does in production; here nobody reads them.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { PATH: process.env.PATH, PORT: String(port), ...environment },
    })
    const contender = new Contender(name, `http://127.0.0.1:${port}`, child)
    await contender.ready()
    return contender
  }

  usage(): Promise<Usage> {
    return this.ask<Usage>('usage')
  }

  /** The CPU profile of the process while `work` runs. */
  async profile(work: () => Promise<unknown>): Promise<CpuProfile> {
    await this.ask('startProfile')
    await work()
    return this.ask<CpuProfile>('stopProfile')
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    const ended = once(this.child, 'exit')
    this.child.kill('SIGTERM')
    await ended
  }

  private async ask<Answer>(question: string): Promise<Answer> {
    const answered = once(this.child, 'message')
    this.child.send(question)
    const [{ answer }] = (await answered) as [{ answer: Answer }]
    return answer
  }

  private async ready(): Promise<void> {
    const deadline = Date.now() + PATIENCE
    while (this.child.exitCode === null && Date.now() < deadline) {
      const answer = await fetch(`${this.url}/health/ready`).catch(() => null)
      if (answer?.ok) return
      await sleep(50)
    }
    await this.stop()
    throw new Error(`The ${this.name} did not start.`)
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
