import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export const ROOT = join(__dirname, '../..')

/** What `npm start` runs after the build. */
export const START = [process.execPath, 'dist/src/main.js']

interface Outcome {
  code: number | null
  stdout: string
  stderr: string
}

/** Portico as a process of its own, with nothing of this one's environment but the way to programs. */
export class PorticoProcess {
  readonly child: ChildProcess
  stdout = ''
  stderr = ''
  private readonly ended: Promise<unknown>

  constructor(environment: Record<string, string>, [program, ...words]: readonly string[] = START) {
    this.child = spawn(program!, words, {
      cwd: ROOT,
      env: { PATH: process.env.PATH, ...environment },
      stdio: 'pipe',
    })
    this.ended = once(this.child, 'close')
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.stdout += text))
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.stderr += text))
  }

  /** When the server says that it is ready; fails when it ends instead. */
  async ready(): Promise<void> {
    await this.says(/^Portico is ready at .*$/m)
  }

  /** When it has said this; fails when it ends instead. */
  async says(words: RegExp): Promise<void> {
    while (!words.test(this.stdout)) {
      const event = await Promise.race([once(this.child.stdout!, 'data'), this.ended.then(() => null)])
      if (event === null) throw new Error(`Portico ended: ${this.stdout}\n${this.stderr}`)
    }
  }

  /** When it has ended, after the given signal or by itself. */
  async end(signal?: NodeJS.Signals): Promise<Outcome> {
    if (signal) this.child.kill(signal)
    await this.ended
    return { code: this.child.exitCode, stdout: this.stdout, stderr: this.stderr }
  }
}
