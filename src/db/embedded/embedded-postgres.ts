import type { ChildProcess } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, realpathSync, renameSync, statSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { type Binaries, type SystemUser, canEnter, findBinaries, launch, systemUser } from './binaries'
import { type Cluster, createCluster, existingData, openCluster, provision } from './cluster'
import { clearOrphan, livePostmaster, lockFolder, readPostmasterFile, shutDown } from './processes'

/** A running PostgreSQL of our own, on this machine only. */
export interface EmbeddedPostgres {
  /** For migrations: the role that owns the database. */
  ownerUrl: string
  /** For the application: a role that owns nothing. */
  appUrl: string
  port: number
  /** Ends the server and gives the data folder free. Harmless when called again. */
  stop(): Promise<void>
}

export interface EmbeddedOptions {
  /** The cluster lives in its subfolder `postgres`. */
  dataDir: string
  /** `portico` unless given. */
  database?: string
  /** `none` is for tests: quick, and lost when the machine loses power. */
  durability: 'full' | 'none'
  /** Takes the server's log line by line; without it, the lines go to `postgres.log` in the data folder. */
  log?: (line: string) => void
  maxConnections?: number
}

/** Reading the log again after a crash can take this long. */
const START_PATIENCE = 120_000

/**
 * Starts PostgreSQL on a folder, making the cluster, its roles and the database on the first occasion, and returns when
 * it accepts connections. Whatever an earlier process left behind in the folder is cleared up.
 * @throws Error in words for the person at the terminal: no package, folder in use, folder of another user.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  mkdirSync(options.dataDir, { recursive: true })
  const dataDir = realpathSync(resolve(options.dataDir))
  const database = options.database ?? 'portico'
  const log = options.log ?? fileLog(join(dataDir, 'postgres.log'))
  const unlock = await lockFolder(dataDir)
  try {
    const data = existingData(dataDir)
    const user = systemUser(data)
    const binaries = findBinaries(user)
    const cluster = data
      ? openCluster(data, user)
      : await createCluster(dataDir, { binaries, user, durable: options.durability === 'full', log })
    await clearOrphan(cluster.data, binaries.pgCtl, log)

    const server = await boot(binaries, user, cluster, settings(options), log)
    server.child.once('exit', unlock)
    try {
      const superuser = await connect(server, cluster.credentials.postgres)
      await provision(superuser, database, cluster.credentials).finally(() => superuser.end())
    } catch (error) {
      await stop(server, binaries)
      throw error
    }
    return { ...reach(cluster, server.port, database), stop: () => stop(server, binaries) }
  } catch (error) {
    unlock()
    throw error
  }
}

/**
 * The server that another process runs on this folder at the moment, to work beside it; null when there is none.
 * `stop` leaves it running.
 */
export function joinEmbeddedPostgres({
  dataDir,
  database = 'portico',
}: {
  dataDir: string
  database?: string
}): EmbeddedPostgres | null {
  const data = existingData(dataDir)
  const live = data === null ? null : livePostmaster(data)
  if (data === null || live === null) return null
  return { ...reach(openCluster(data, systemUser(data)), live.port, database), stop: () => Promise.resolve() }
}

function reach({ credentials }: Cluster, port: number, database: string): Omit<EmbeddedPostgres, 'stop'> {
  const url = (role: 'portico_owner' | 'portico_app') =>
    // Said in the address, because pg would otherwise follow a PGSSLMODE of the environment.
    `postgres://${role}:${credentials[role]}@127.0.0.1:${port}/${encodeURIComponent(database)}?sslmode=disable`
  return { ownerUrl: url('portico_owner'), appUrl: url('portico_app'), port }
}

function settings({ durability, maxConnections = 100 }: EmbeddedOptions): Record<string, string | number> {
  return {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    password_encryption: 'scram-sha-256',
    max_connections: maxConnections,
    // Taken as it is filled. What a search among a million people touches has room in it.
    shared_buffers: '256MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Statements, their parameters and the details of errors hold personal data. Portico reports errors itself; the
    // server's log is for the server's own life: start, stop, crash, refused connection.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_statement: 'none',
    log_error_verbosity: 'terse',
    log_checkpoints: 'off',
    // A database that lives for minutes needs no vacuum, whose worker would only stand in the way of dropping it.
    ...(durability === 'none' && {
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      autovacuum: 'off',
    }),
  }
}

interface Server {
  child: ChildProcess
  port: number
  hasEnded: () => boolean
  isStopping: boolean
}

async function boot(
  binaries: Binaries,
  user: SystemUser | null,
  { data }: Cluster,
  configuration: Record<string, string | number>,
  log: (line: string) => void,
): Promise<Server> {
  const deadline = Date.now() + START_PATIENCE
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const flags = Object.entries({ ...configuration, port }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ])
    const child = launch(binaries, user, binaries.postgres, ['-D', data, ...flags])
    const server = watch(child, port, log)
    const lines: string[] = []
    const reader = createInterface({ input: child.stderr! }).on('line', (line) => {
      if (lines.push(line) > 20) lines.shift()
      log(line)
    })
    while (!server.hasEnded() && Date.now() < deadline) {
      const file = readPostmasterFile(data)
      if (file?.isReady && file.pid === child.pid) return server
      await sleep(5)
    }
    if (!server.hasEnded()) {
      await stop(server, binaries)
      throw new Error(`PostgreSQL was not ready after ${START_PATIENCE / 1000} s: ${lines.at(-1)}`)
    }
    await Promise.race([new Promise((done) => reader.once('close', done)), sleep(1_000)])
    const complaint = lines.join('\n')
    // Another program took the port, or children of a server that was killed are still letting go of its memory.
    const isPassing = /could not bind|could not create any TCP\/IP sockets|is still in use/.test(complaint)
    if (!canEnter(user, data)) {
      throw new Error(
        `The system user ${user?.name}, as whom PostgreSQL runs, cannot enter ${data}: open the folders above it, or move DATA_DIR.`,
      )
    }
    if (!isPassing || attempt >= 50) throw new Error(`PostgreSQL did not start on ${data}:\n${complaint}`)
    await sleep(100)
  }
}

function watch(child: ChildProcess, port: number, log: (line: string) => void): Server {
  const server: Server = { child, port, isStopping: false, hasEnded: () => hasEnded }
  let hasEnded = false
  // Where nothing makes the server follow us, a plain end of the process must not leave it behind.
  const interrupt = () => void child.kill('SIGINT')
  process.once('exit', interrupt)
  const ended = (reason: string) => {
    hasEnded = true
    process.off('exit', interrupt)
    if (!server.isStopping) log(`PostgreSQL ended by itself (${reason}).`)
  }
  child.once('error', (error) => ended(error.message))
  child.once('exit', (code, signal) => ended(signal ?? `exit code ${code}`))
  return server
}

async function stop(server: Server, { pgCtl }: Binaries): Promise<void> {
  server.isStopping = true
  if (server.child.pid) await shutDown(server.child.pid, server.hasEnded, pgCtl)
}

/** A port that is free at this moment; `boot` tries again when another program takes it first. */
async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}

async function connect({ port, hasEnded }: Server, password: string): Promise<Client> {
  for (let attempt = 1; ; attempt++) {
    const client = new Client({
      host: '127.0.0.1',
      port,
      user: 'postgres',
      password,
      database: 'postgres',
      ssl: false,
    })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return client
    } catch (error) {
      await client.end().catch(() => undefined)
      if (hasEnded() || attempt >= 10) throw error
      await sleep(100)
    }
  }
}

/** Appends to a file that starts anew when it has grown large; one predecessor is kept. */
function fileLog(file: string): (line: string) => void {
  if (existsSync(file) && statSync(file).size > 5_000_000) renameSync(file, `${file}.1`)
  return (line) => {
    try {
      appendFileSync(file, `${line}\n`, { mode: 0o600 })
    } catch {
      // A full disk must not end Portico by way of a log.
    }
  }
}
