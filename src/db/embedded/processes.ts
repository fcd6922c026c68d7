import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Which program runs under a number, so that a reused process id is not taken for its predecessor; null when none does. */
function processIdentity(pid: number): string | null {
  if (process.platform === 'linux') {
    try {
      // The name, in brackets, may hold anything; the fields after it start with the state. Field 22 is the start time.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')
      // A zombie is dead; where Node is process 1 of a container, nobody may ever collect it.
      if (fields[0] === 'Z' || fields[0] === 'X') return null
      return `${fields[19]}@${contentOf('/proc/sys/kernel/random/boot_id')?.trim()}`
    } catch {
      return null
    }
  }
  if (process.platform === 'win32') return isRunning(pid) ? 'running' : null
  return ps(pid, 'lstart=') || null
}

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const ps = (pid: number, column: string): string =>
  spawnSync('ps', ['-ww', '-o', column, '-p', String(pid)], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
  }).stdout?.trim() ?? ''

/**
 * Takes a data folder for this process and answers how to give it back. A lock whose holder is dead is taken over.
 * @throws Error naming the process that holds it.
 */
export async function lockFolder(folder: string): Promise<() => void> {
  const file = join(folder, 'postgres.lock')
  const mine = JSON.stringify({ pid: process.pid, started: processIdentity(process.pid), nonce: random() })
  for (let emptySeen = 0; ;) {
    try {
      writeFileSync(file, mine, { flag: 'wx' })
      return () => {
        if (contentOf(file) === mine) rmSync(file, { force: true })
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EACCES' || code === 'EROFS') {
        throw new Error(
          `Portico may not write to its data folder ${folder}: start it as the user that the folder belongs to, or choose another DATA_DIR.`,
        )
      }
      if (code !== 'EEXIST') throw error
    }
    const seen = contentOf(file)
    if (seen === null) continue
    // Empty means that its holder is about to write it, or died just then.
    if (seen === '' && emptySeen++ < 20) {
      await sleep(50)
      continue
    }
    const holder = parseHolder(seen)
    if (holder?.started && processIdentity(holder.pid) === holder.started) {
      throw new Error(
        `The data folder ${folder} is in use by the running Portico process ${holder.pid}: stop that one, or give this one another DATA_DIR.`,
      )
    }
    // Moved aside and looked at again, because another process may have taken the dead one's place since we looked.
    const aside = `${file}.${random()}`
    try {
      renameSync(file, aside)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue
      throw error
    }
    if (contentOf(aside) === seen) rmSync(aside, { force: true })
    else renameSync(aside, file)
  }
}

function parseHolder(text: string): { pid: number; started: string | null } | null {
  try {
    return JSON.parse(text) as { pid: number; started: string | null }
  } catch {
    return null
  }
}

const random = () => randomBytes(6).toString('hex')

const contentOf = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    // Windows refuses to read what is being written.
    if (['ENOENT', 'EBUSY', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
    throw error
  }
}

interface PostmasterFile {
  pid: number
  port: number
  isReady: boolean
}

/** What a PostgreSQL server writes into its data folder about itself. */
export function readPostmasterFile(data: string): PostmasterFile | null {
  const lines = contentOf(join(data, 'postmaster.pid'))?.split('\n')
  const pid = Number(lines?.[0])
  return lines && pid > 0 ? { pid, port: Number(lines[3]), isReady: lines[7]?.trim() === 'ready' } : null
}

/** The server that runs on this data folder at the moment, whoever started it; null when its pid file is stale or absent. */
export function livePostmaster(data: string): PostmasterFile | null {
  const file = readPostmasterFile(data)
  return file && isPostmaster(file.pid, data) ? file : null
}

function isPostmaster(pid: number, data: string): boolean {
  // PostgreSQL works in its data folder.
  if (process.platform === 'linux') {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === data
    } catch {
      return false
    }
  }
  if (process.platform === 'win32') {
    return (
      spawnSync('tasklist', ['/FI', `PID eq ${pid}`, '/NH'], { encoding: 'utf8' }).stdout?.includes(
        'postgres',
      ) ?? false
    )
  }
  return ps(pid, 'command=').includes(data)
}

const SHUTDOWN = [
  { signal: 'INT', patience: 10_000 }, // fast: ends the connections, writes a checkpoint
  { signal: 'QUIT', patience: 5_000 }, // immediate: the next start recovers from the log
  { signal: 'KILL', patience: 5_000 },
] as const

/** Asks a server to end, more and more firmly, until it has. */
export async function shutDown(pid: number, hasEnded: () => boolean, pgCtl: string): Promise<void> {
  for (const { signal, patience } of SHUTDOWN) {
    if (hasEnded()) return
    send(signal, pid, pgCtl)
    for (const end = Date.now() + patience; Date.now() < end && !hasEnded();) await sleep(10)
  }
  if (!hasEnded()) throw new Error(`The PostgreSQL process ${pid} does not end.`)
}

function send(signal: string, pid: number, pgCtl: string): void {
  // Windows has no signals; PostgreSQL makes its own there, which Node cannot send.
  if (process.platform === 'win32') {
    spawnSync(pgCtl, ['kill', signal, String(pid)], { stdio: 'ignore', windowsHide: true })
    return
  }
  try {
    process.kill(pid, `SIG${signal}`)
    // A paused server would not hear.
    process.kill(pid, 'SIGCONT')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return
    throw new Error(
      `The PostgreSQL process ${pid} uses this data folder and belongs to another system user: stop it.`,
    )
  }
}

/** Ends a server whose Node process is gone, and removes the pid file of one that was killed. Call it with the lock held. */
export async function clearOrphan(data: string, pgCtl: string, log: (line: string) => void): Promise<void> {
  const orphan = livePostmaster(data)?.pid
  if (orphan) {
    log(`Stopping the PostgreSQL process ${orphan} that an earlier Portico left behind.`)
    await shutDown(orphan, () => livePostmaster(data)?.pid !== orphan, pgCtl)
  }
  // PostgreSQL believes a stale file when its number has come to belong to another process of the same user.
  rmSync(join(data, 'postmaster.pid'), { force: true })
}
