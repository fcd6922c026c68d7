import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/db/embedded/embedded-postgres'
import { activityId } from '../../src/modules/activity/told-activity'
import { PorticoProcess, ROOT } from '../cli/portico-process'
import { TRACK, type ToldEvent } from './activity'
import { freePort } from './free-port'
import { testServer } from './test-server'
import { PURPOSES } from './world'

/** What came of clients that tell what was done while servers are killed. */
export interface ActivityLedger {
  /** The ids of the events that were acknowledged. */
  acknowledged: Set<string>
  /** The ids of those that are kept, each as often as it is. */
  kept: string[]
  /** How often something was told again because nobody had answered. */
  toldAgain: number
}

/** Whom a signal takes away without a word. */
export type Victim = 'node' | 'postgres'

/** How many events a client tells at once. */
const BATCH = 20

/**
 * Has clients tell what was done, each batch until it is acknowledged, and kills one server after the other while they do; each life goes on
 * until so many more events are acknowledged.
 */
export async function keepActivityLedger(
  victims: readonly Victim[],
  perLife: number,
  clients = 4,
): Promise<ActivityLedger> {
  const dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'portico-activity-')))
  chmodSync(dataDir, 0o755)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/graphql`
  const acknowledged = new Set<string>()
  let toldAgain = 0
  let isOver = false
  const startPostgres = () => startEmbeddedPostgres({ dataDir, durability: 'full', log: () => undefined })
  const startNode = async ({ appUrl, ownerUrl }: EmbeddedPostgres) => {
    const child = new PorticoProcess({
      NODE_ENV: 'test',
      PORT: String(port),
      DATABASE_URL: appUrl,
      DATABASE_OWNER_URL: ownerUrl,
      PORTICO_KEYRING: testServer().keyring,
      DATA_DIR: dataDir,
      DEMO_DATA: 'off',
      LOG_LEVEL: 'silent',
      JOB_CONCURRENCY: '0',
      CONSENT_PURPOSES: JSON.stringify(PURPOSES),
    })
    await child.ready()
    return child
  }
  const client = async () => {
    const anonymousId = randomUUID()
    while (!isOver) {
      const events = Array.from({ length: BATCH }, (): ToldEvent => {
        return { clientId: randomUUID(), name: 'page.viewed', occurredAt: new Date(), path: '/ledger' }
      })
      while (!(await isAcknowledged(url, events, anonymousId))) {
        toldAgain++
        await sleep(20)
      }
      for (const { clientId, occurredAt } of events)
        acknowledged.add(activityId(clientId, occurredAt as Date))
    }
  }
  execFileSync(process.execPath, [join(ROOT, 'scripts', 'build.js')])
  let postgres = await startPostgres()
  let node = await startNode(postgres)
  try {
    const telling = Promise.all(Array.from({ length: clients }, client))
    telling.catch(() => undefined)
    const life = async () => {
      const enough = acknowledged.size + perLife * (0.5 + Math.random())
      while (acknowledged.size < enough) await sleep(5)
      await sleep(Math.random() * 20)
    }
    for (const victim of victims) {
      await life()
      if (victim === 'postgres') {
        const file = join(dataDir, 'postgres/data/postmaster.pid')
        process.kill(Number(readFileSync(file, 'utf8').split('\n')[0]), 'SIGKILL')
        // Clients go on asking whoever is left.
        await sleep(200)
        await postgres.stop()
        postgres = await startPostgres()
      }
      await node.end('SIGKILL')
      node = await startNode(postgres)
    }
    await life()
    isOver = true
    await telling
    const reader = new Client({ connectionString: postgres.appUrl })
    await reader.connect()
    const { rows } = await reader
      .query<{ id: string }>(`SELECT id FROM activity_events WHERE path = '/ledger'`)
      .finally(() => reader.end())
    return { acknowledged, kept: rows.map(({ id }) => id), toldAgain }
  } finally {
    isOver = true
    await node.end('SIGKILL')
    await postgres.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** False where nobody answers, or the answer is that it cannot be kept at this moment. */
async function isAcknowledged(
  url: string,
  events: readonly ToldEvent[],
  anonymousId: string,
): Promise<boolean> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: TRACK, variables: { input: { events, anonymousId } } }),
      signal: AbortSignal.timeout(20_000),
    })
    const { data } = (await response.json()) as {
      data?: { trackActivity: { accepted: number; duplicates: number } | null } | null
    }
    const told = data?.trackActivity
    return told != null && told.accepted + told.duplicates === events.length
  } catch {
    return false
  }
}
