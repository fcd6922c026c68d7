import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/db/embedded/embedded-postgres'

/** One cluster for all cases, each of which leaves it running as `server`. */
let server: EmbeddedPostgres
let root: string
let dataDir: string
let lines: string[]

async function start(): Promise<EmbeddedPostgres> {
  lines = []
  server = await startEmbeddedPostgres({ dataDir, durability: 'none', log: (line) => lines.push(line) })
  return server
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client(url)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

const postmasterPid = () =>
  Number(readFileSync(join(dataDir, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0])

/** Whether a process runs; a zombie does not. */
function isAlive(pid: number): boolean {
  if (process.platform === 'linux') {
    return existsSync(`/proc/${pid}`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  }
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition() && tries < 500; tries++) await sleep(10)
  expect(condition()).toBe(true)
}

/** A Portico of its own, to be killed. */
async function startInAnotherProcess(preparation = ''): Promise<ChildProcess> {
  const script = `${preparation}; require('./src/db/embedded/embedded-postgres').startEmbeddedPostgres({
    dataDir: process.argv[1], durability: 'none', log: () => undefined }).then(() => console.log('ready'))`
  const child = spawn(process.execPath, ['-r', '@swc-node/register', '-e', script, dataDir], {
    cwd: join(__dirname, '../..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}

const WITHOUT_SETPRIV = `const processes = require('node:child_process'), { spawnSync } = processes
  processes.spawnSync = (command, ...rest) => command === 'setpriv' ? { status: 1 } : spawnSync(command, ...rest)`

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'portico embedded '))
  // Root runs the server as somebody else, who must be able to pass.
  mkdirSync((dataDir = join(root, 'a folder')), { mode: 0o755 })
  chmodSync(root, 0o755)
  // What a first start leaves that was killed half-way.
  mkdirSync(join(dataDir, 'postgres.new-abcdef'))
  writeFileSync(join(dataDir, 'postgres.lock'), JSON.stringify({ pid: 2 ** 22 + 1, started: 'long ago' }))
  await start()
}, 30_000)

afterAll(async () => {
  await server?.stop()
  rmSync(root, { recursive: true, force: true })
})

describe('embedded PostgreSQL', () => {
  it('makes a UTF-8 database that does not depend on the locales of the system', async () => {
    const [row] = await query(
      server.appUrl,
      `SELECT current_setting('server_version_num')::int / 10000 AS version, current_setting('TimeZone') AS zone,
              pg_encoding_to_char(encoding) AS encoding, datlocprovider AS provider, datlocale AS locale,
              upper('é') AS upper FROM pg_database WHERE datname = current_database()`,
    )
    expect(row).toEqual({
      version: 18,
      zone: 'UTC',
      encoding: 'UTF8',
      provider: 'b',
      locale: 'C.UTF-8',
      upper: 'É',
    })
    expect(readdirSync(dataDir).sort()).toEqual(['postgres', 'postgres.lock'])
  })

  it('gives the owner what migrations need', async () => {
    const statements = [
      'CREATE EXTENSION citext; CREATE EXTENSION pg_trgm',
      "CREATE TABLE note (text citext UNIQUE); INSERT INTO note VALUES ('kept')",
      'CREATE DATABASE copy STRATEGY file_copy',
      'DROP DATABASE copy',
    ]
    for (const statement of statements) await query(server.ownerUrl, statement)
  })

  it.each([
    'CREATE TABLE public.mine ()',
    'CREATE TEMP TABLE mine ()',
    'SELECT * FROM note',
    'CREATE ROLE mine',
    'SET ROLE portico_owner',
  ])('refuses the application: %s', async (sql) => {
    await expect(query(server.appUrl, sql)).rejects.toMatchObject({ code: '42501' })
  })

  it('asks for the password, which only we can read', async () => {
    const wrong = new URL(server.appUrl)
    wrong.password = 'guess'
    await expect(query(wrong.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' })
    if (process.platform !== 'win32') {
      expect(statSync(join(dataDir, 'postgres/credentials.json')).mode & 0o777).toBe(0o600)
      expect(statSync(join(dataDir, 'postgres/data')).mode & 0o777).toBe(0o700)
    }
  })

  it('keeps the values of failing statements out of its log', async () => {
    await expect(query(server.ownerUrl, "INSERT INTO note VALUES ('kept')")).rejects.toMatchObject({
      code: '23505',
    })
    await expect(query(server.ownerUrl, "SELECT 'kept'::uuid")).rejects.toMatchObject({ code: '22P02' })
    expect(lines.join()).toContain('ready to accept connections')
    expect(lines.join()).not.toContain('kept')
  })

  it('refuses a folder that a running Portico uses, and one that it did not make', async () => {
    await expect(startEmbeddedPostgres({ dataDir, durability: 'none' })).rejects.toThrow(
      `is in use by the running Portico process ${process.pid}: stop that one, or give this one another DATA_DIR.`,
    )
    mkdirSync(join(root, 'foreign/postgres'), { recursive: true })
    await expect(
      startEmbeddedPostgres({ dataDir: join(root, 'foreign'), durability: 'none' }),
    ).rejects.toThrow('is not a database that Portico made')
    expect(existsSync(join(root, 'foreign/postgres.lock'))).toBe(false)
  })

  it('stops once however often it is told to, and finds everything again', async () => {
    const before = { ...server, pid: postmasterPid() }
    await Promise.all([server.stop(), server.stop()])
    await server.stop()
    expect(isAlive(before.pid)).toBe(false)
    expect(existsSync(join(dataDir, 'postgres.lock'))).toBe(false)
    await expect(once(connect(before.port, '127.0.0.1'), 'connect')).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    })
    await start()
    expect(new URL(server.ownerUrl).password).toBe(new URL(before.ownerUrl).password)
    expect(await query(server.ownerUrl, 'SELECT text FROM note')).toEqual([{ text: 'kept' }])
  })

  it('recovers from a server that was killed', async () => {
    process.kill(postmasterPid(), 'SIGKILL')
    await until(() => lines.includes('PostgreSQL ended by itself (SIGKILL).'))
    await start()
    expect(await query(server.ownerUrl, 'SELECT text FROM note')).toEqual([{ text: 'kept' }])
  })

  const onLinux = process.platform === 'linux' ? it : it.skip

  onLinux('ends with a Portico that was killed (Linux alone ties the two together)', async () => {
    await server.stop()
    const other = await startInAnotherProcess()
    const pid = postmasterPid()
    await expect(start()).rejects.toThrow(`process ${other.pid}`)
    await kill(other)
    await until(() => !isAlive(pid))
    await start()
  })

  onLinux('clears up after a killed Portico where the system cannot tie the two together', async () => {
    await server.stop()
    const other = await startInAnotherProcess(WITHOUT_SETPRIV)
    const orphan = postmasterPid()
    await kill(other)
    await sleep(50)
    expect(isAlive(orphan)).toBe(true)
    await start()
    expect(lines[0]).toBe(`Stopping the PostgreSQL process ${orphan} that an earlier Portico left behind.`)
    expect(isAlive(orphan)).toBe(false)
    expect(await query(server.ownerUrl, 'SELECT text FROM note')).toEqual([{ text: 'kept' }])
  })
})
