import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connected } from '../../src/db/connection'
import { freePort } from '../support/free-port'
import { testServer } from '../support/test-server'
import { until } from '../support/until'
import { useWorld } from '../support/world'
import { PorticoProcess, ROOT } from './portico-process'

const folder = mkdtempSync(join(tmpdir(), 'portico-workers-'))
const started: PorticoProcess[] = []

// Before the world's database goes, which they hold.
afterAll(async () => {
  for (const portico of started) await portico.end('SIGTERM')
  rmSync(folder, { recursive: true, force: true })
})

const world = useWorld()

async function start(workers: string, environment: Record<string, string> = {}) {
  execFileSync(process.execPath, ['scripts/build.js'], { cwd: ROOT, stdio: 'ignore' })
  const port = await freePort()
  const { databaseUrl, databaseOwnerUrl } = world.portico.config
  const portico = new PorticoProcess(
    {
      PORT: String(port),
      DATABASE_URL: databaseUrl!,
      DATABASE_OWNER_URL: databaseOwnerUrl!,
      PORTICO_KEYRING: testServer().keyring,
      DATA_DIR: folder,
      DEMO_DATA: 'off',
      SMTP_URL: 'smtp://127.0.0.1:9',
      LOG_LEVEL: 'error',
      ...environment,
    },
    [process.execPath, 'bin/portico.js', 'start', '--workers', workers],
  )
  started.push(portico)
  return { portico, url: `http://localhost:${port}` }
}

/** The processes that this one has started. */
const workersOf = ({ child }: PorticoProcess): number[] => {
  try {
    return execFileSync('pgrep', ['-P', String(child.pid)], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map(Number)
  } catch {
    return []
  }
}

const ask = (url: string, query = '{__typename}') =>
  // A connection of its own, so that the next one may be another's.
  fetch(`${url}/graphql?query=${query}`, { headers: { connection: 'close' } }).then(
    ({ status }) => status,
    () => null,
  )

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** How many requests the figures tell of. */
async function counted(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const rows = text.matchAll(
    /^portico_request_duration_seconds_count\{(?=.*route="\/graphql")(?=.*status="200")(?=.*worker="\d").*\} (\d+)$/gm,
  )
  return [...rows].reduce((sum, [, count]) => sum + Number(count), 0)
}

describe('portico start --workers', () => {
  test('answers with several processes, tells the figures of all, replaces one that dies, and ends with all of them', async () => {
    const { portico, url } = await start('2')
    await portico.ready()
    const workers = workersOf(portico)
    expect(workers).toHaveLength(2)
    for (let count = 0; count < 20; count++) expect(await ask(url)).toBe(200)
    expect(await counted(url)).toBe(20)

    process.kill(workers[0]!, 'SIGKILL')
    await until(() => {
      const now = workersOf(portico)
      return now.length === 2 && !now.includes(workers[0]!)
    })
    await until(async () => (await ask(url)) === 200)
    const statuses = new Set<number | null>()
    for (let count = 0; count < 10; count++) statuses.add(await ask(url))
    expect([...statuses]).toEqual([200])

    const all = workersOf(portico)
    const { code, stderr } = await portico.end('SIGTERM')
    expect(code).toBe(0)
    expect(stderr).toMatch(/A worker ended; another one takes its place/)
    expect(all.filter(isAlive)).toEqual([])
  })

  test('ends what it does and leaves no worker behind where who has started it is killed', async () => {
    const { portico, url } = await start('2')
    await portico.ready()
    const workers = workersOf(portico)
    let answered: Promise<number | null>
    await connected(world.portico.config.databaseOwnerUrl!, async (blocker) => {
      await blocker.query('BEGIN; LOCK TABLE public.posts')
      answered = ask(url, '{posts{totalCount}}')
      await until(async () => (await world.db.query('SELECT FROM pg_locks WHERE NOT granted')).length > 0)
      portico.child.kill('SIGKILL')
      await sleep(500)
      await blocker.query('COMMIT')
    })
    expect(await answered!).toBe(200)
    for (const pid of workers) await until(() => !isAlive(pid))
    expect(await ask(url)).toBeNull()
  })

  test.each([
    ['0', {}, '--workers takes a number from 1 to 256.'],
    ['two', {}, '--workers takes a number from 1 to 256.'],
    ['2', { SMTP_URL: '' }, 'The mailbox of development is in one process. Set SMTP_URL to start several.'],
  ])('is told what is wrong with %s %j', async (workers, environment, reason) => {
    const { portico } = await start(workers, environment)
    const { code, stderr } = await portico.end()
    expect([code, stderr.trim()]).toEqual([2, reason])
  })
})
