import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { scripts } from '../../package.json'
import { ROOT } from '../cli/portico-process'
import { freePort } from '../support/free-port'

/** What `npm start` runs once everything is built, flags of Node included. */
const START = scripts.start.split('&& node ').at(-1)!.split(' ')

/** How long a start may take, in milliseconds. */
const PATIENCE = 60_000

/** Portico as a process, and whoever starts it again when it ends unasked. */
export class SupervisedPortico {
  /** How often it was started. */
  starts = 0
  private child!: ChildProcess
  private isWanted = true
  /** What it has said about itself, for whoever wonders why it does not start. */
  private said = ''

  private constructor(
    readonly port: number,
    private readonly environment: Record<string, string>,
  ) {}

  /** When it answers that it is ready. */
  static async start(environment: Record<string, string>): Promise<SupervisedPortico> {
    const portico = new SupervisedPortico(await freePort(), environment)
    portico.spawn()
    try {
      await portico.ready()
    } catch (error) {
      await portico.stop()
      throw error
    }
    return portico
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get pid(): number {
    return this.child.pid!
  }

  /** Whether it says at this moment that it should be sent requests. */
  async isReady(): Promise<boolean> {
    const answer = await fetch(`${this.url}/health/ready`, { signal: AbortSignal.timeout(2_000) }).catch(
      () => null,
    )
    await answer?.arrayBuffer()
    return answer?.ok ?? false
  }

  async ready(): Promise<void> {
    const end = Date.now() + PATIENCE
    while (!(await this.isReady())) {
      if (Date.now() > end) throw new Error(`Portico does not start: ${this.said}`)
      await sleep(20)
    }
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name)
  }

  /** When it is gone, without having had a chance to do anything about it. */
  async kill(): Promise<void> {
    const ended = once(this.child, 'exit')
    this.child.kill('SIGKILL')
    await ended
  }

  /** Tells it to end, and does not start it again; returns its exit code, null where it had to be killed, and how long it took. */
  async stop(): Promise<{ code: number | null; took: number }> {
    this.isWanted = false
    const began = performance.now()
    if (this.child.exitCode !== null || this.child.signalCode !== null)
      return { code: this.child.exitCode, took: 0 }
    const ended = once(this.child, 'exit')
    this.child.kill('SIGTERM')
    this.child.kill('SIGCONT')
    const limit = setTimeout(() => this.child.kill('SIGKILL'), 30_000)
    await ended
    clearTimeout(limit)
    return { code: this.child.exitCode, took: performance.now() - began }
  }

  /** Starts it again after a stop, on the same port. */
  async restart(): Promise<void> {
    this.isWanted = true
    this.spawn()
    await this.ready()
  }

  private spawn(): void {
    this.starts++
    const child = spawn(process.execPath, START, {
      cwd: ROOT,
      env: { PATH: process.env.PATH, PORT: String(this.port), ...this.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.child = child
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (this.said = (this.said + text).slice(-4_000)))
    // As systemd or a container's runtime would.
    child.once('exit', () => {
      if (this.isWanted) setTimeout(() => this.isWanted && this.spawn(), 100)
    })
  }
}
