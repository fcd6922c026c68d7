import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import {
  findBinaries,
  launch,
  systemUser,
  type Binaries,
  type SystemUser,
} from '../../src/db/embedded/binaries'
import { existingData } from '../../src/db/embedded/cluster'
import { startEmbeddedPostgres } from '../../src/db/embedded/embedded-postgres'
import { freePort } from '../support/free-port'

/** What PostgreSQL runs with. A commit is durable, or `kill -9` would prove nothing. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: 100,
  shared_buffers: '64MB',
}

/** How long a start may take, in milliseconds: the log is read again first. */
const PATIENCE = 60_000

/** A PostgreSQL that can be killed, paused and started again, on the same port each time. */
export class FragilePostgres {
  private child: ChildProcess | null = null
  /** What it said last, for whoever wonders why it does not start. */
  private said = ''

  private constructor(
    private readonly binaries: Binaries,
    private readonly user: SystemUser | null,
    readonly data: string,
    readonly port: number,
    private readonly embedded: { appUrl: string; ownerUrl: string },
  ) {}

  /** Makes a cluster in a folder, with its roles and the database, and starts it. */
  static async make(dataDir: string): Promise<FragilePostgres> {
    const embedded = await startEmbeddedPostgres({ dataDir, durability: 'full', log: () => undefined })
    await embedded.stop()
    const data = existingData(dataDir)!
    const user = systemUser(data)
    const postgres = new FragilePostgres(findBinaries(user), user, data, await freePort(), embedded)
    await postgres.start()
    return postgres
  }

  /** The connection string of the role that requests run as, at a port of somebody in between or at its own. */
  appUrl(port = this.port): string {
    return at(this.embedded.appUrl, port)
  }

  /** The same for the role that owns the database. */
  ownerUrl(port = this.port): string {
    return at(this.embedded.ownerUrl, port)
  }

  /** When it accepts connections. @throws Error with its last words where it does not. */
  async start(): Promise<void> {
    // PostgreSQL believes a stale file when its number has come to belong to another process of the same user.
    rmSync(join(this.data, 'postmaster.pid'), { force: true })
    const flags = Object.entries({ ...SETTINGS, port: this.port }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ])
    const end = Date.now() + PATIENCE
    while (Date.now() < end) {
      const child = launch(this.binaries, this.user, this.binaries.postgres, ['-D', this.data, ...flags])
      this.child = child
      child.stderr!.setEncoding('utf8').on('data', (text: string) => {
        this.said = (this.said + text).slice(-2_000)
      })
      while (isAlive(child) && Date.now() < end) {
        if (await this.accepts()) return
        await sleep(5)
      }
      // Children of one that was killed are still letting go of its memory.
      await sleep(20)
    }
    throw new Error(`PostgreSQL does not start: ${this.said}`)
  }

  /** Whether it lets somebody in at this moment. */
  async accepts(): Promise<boolean> {
    const client = new Client({ connectionString: this.ownerUrl(), connectionTimeoutMillis: 1_000 })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return true
    } catch {
      return false
    } finally {
      await client.end().catch(() => undefined)
    }
  }

  /** When it is gone, without having had a chance to do anything about it; its children end by themselves. */
  async kill(): Promise<void> {
    const { child } = this
    if (!child || !isAlive(child)) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  /** Asks as the owner of the database, on a connection of its own. */
  async ask<Row>(sql: string, parameters: unknown[] = [], database?: string): Promise<Row[]> {
    const client = await this.connect(database)
    try {
      return (await client.query(sql, parameters)).rows as Row[]
    } finally {
      await client.end().catch(() => undefined)
    }
  }

  /** A connection as the owner of the database, for what has to be held for a while. */
  async connect(database?: string): Promise<Client> {
    const url = new URL(this.ownerUrl())
    if (database !== undefined) url.pathname = `/${database}`
    const client = new Client({ connectionString: url.toString() })
    client.on('error', () => undefined)
    await client.connect()
    return client
  }

  /** Stops all its processes where they are; returns how to let them go on. */
  pause(): () => void {
    const processes = this.processes()
    for (const pid of processes) signal(pid, 'SIGSTOP')
    return () => {
      for (const pid of processes) signal(pid, 'SIGCONT')
    }
  }

  /** Ends it in good order. */
  async stop(): Promise<void> {
    const { child } = this
    if (!child || !isAlive(child)) return
    const ended = once(child, 'exit')
    for (const pid of this.processes()) signal(pid, 'SIGCONT')
    child.kill('SIGINT')
    await Promise.race([ended, sleep(10_000, undefined, { ref: false })])
    await this.kill()
  }

  /** The server and its children. */
  private processes(): number[] {
    const postmaster = this.child!.pid!
    const children = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((name) => parentOf(name) === postmaster)
    return [postmaster, ...children.map(Number)]
  }
}

const isAlive = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null

function at(url: string, port: number): string {
  const changed = new URL(url)
  changed.port = String(port)
  return changed.toString()
}

/** The name of a program may hold blanks and brackets, so the fields are counted from its end. */
function parentOf(pid: string): number | null {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return null
  }
}

/** One that has ended meanwhile needs no signal. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
