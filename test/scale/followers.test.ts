import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'
import { PorticoProcess, ROOT } from '../cli/portico-process'
import { commentOn } from '../support/content'
import { freePort } from '../support/free-port'
import { median } from '../support/mann-whitney'
import { testServer } from '../support/test-server'
import { until } from '../support/until'
import { useWorld, type Person } from '../support/world'

const FOLLOWERS = 1_000
const EVENTS = 20

const folder = mkdtempSync(join(tmpdir(), 'portico-followers-'))
const processes: { portico: PorticoProcess; url: string }[] = []
const ends: (() => unknown)[] = []

// Before the world's database goes, which they hold.
afterAll(async () => {
  for (const end of ends) await end()
  for (const { portico } of processes) await portico.end('SIGTERM')
  rmSync(folder, { recursive: true, force: true })
})

const world = useWorld()

beforeAll(() => {
  execFileSync(process.execPath, ['scripts/build.js'], { cwd: ROOT, stdio: 'ignore' })
})

async function startProcess(): Promise<void> {
  const port = await freePort()
  const { databaseUrl, databaseOwnerUrl } = world.portico.config
  const portico = new PorticoProcess({
    PORT: String(port),
    DATABASE_URL: databaseUrl!,
    DATABASE_OWNER_URL: databaseOwnerUrl!,
    PORTICO_KEYRING: testServer().keyring,
    DATA_DIR: join(folder, String(port)),
    DEMO_DATA: 'off',
    JOB_CONCURRENCY: '0',
    LOG_LEVEL: 'error',
  })
  await portico.ready()
  processes.push({ portico, url: `ws://localhost:${port}/graphql` })
}

/** The memory of a process, in bytes. */
const memoryOf = ({ portico: { child } }: (typeof processes)[number]): number =>
  1_024 * Number(execFileSync('ps', ['-o', 'rss=', '-p', String(child.pid)], { encoding: 'utf8' }))

interface Follower {
  /** By the text of the comment, the moment at which it was told. */
  told: Map<string, number>
  cursors: string[]
  /** Why there is nothing to follow; null where there is. */
  refusal: unknown
}

/** Each on a socket of its own. Those of strangers ask for what they may not see. */
function follow(url: string, post: { globalId: string }, after: string, person?: Person): Follower {
  const follower: Follower = { told: new Map(), cursors: [], refusal: null }
  const client = createClient({
    url,
    webSocketImpl: WebSocket,
    connectionParams: person ? { authorization: `Bearer ${person.token}` } : {},
    lazy: false,
    retryAttempts: 0,
    onNonLazyError: () => undefined,
  })
  ends.push(() => client.terminate())
  client.subscribe<{
    threadChanged: { cursor: string; comment: { body: string; author: { displayName: string } } }
  }>(
    {
      query:
        'subscription ($id: ID!, $after: String) { threadChanged(postId: $id, after: $after) { cursor comment { body createdAt author { id username displayName } } } }',
      variables: { id: post.globalId, after },
    },
    {
      next: ({ data, errors }) => {
        if (!data) return void (follower.refusal = errors)
        follower.told.set(data.threadChanged.comment.body, performance.now())
        follower.cursors.push(data.threadChanged.cursor)
      },
      error: () => undefined,
      complete: () => undefined,
    },
  )
  return follower
}

const beginningOf = ({ id }: { id: string }): string =>
  Buffer.from(JSON.stringify([`stream:thread:${id}`, 0])).toString('base64url')

describe.each(['strangers', 'members'])(`${FOLLOWERS} %s who follow on two processes`, (who) => {
  test('are told of each comment soon, and none of what they may not see', async () => {
    if (processes.length === 0) {
      await startProcess()
      await startProcess()
    }
    const people: Person[] = []
    while (who === 'members' && people.length < FOLLOWERS) people.push(await world.person())
    const author = await world.person()
    const post = await world.post({ author })
    const draft = await world.post({ author, publish: false })
    await commentOn(world, post, author, { body: 'The first.' })
    const before = processes.map(memoryOf)
    const followers: Follower[] = []
    const strangers: Follower[] = []
    for (let count = 0; count < FOLLOWERS; count++) {
      followers.push(follow(processes[count % 2]!.url, post, beginningOf(post), people[count]))
      if (count % 100 === 0) {
        strangers.push(follow(processes[count % 2]!.url, draft, beginningOf(draft)))
        await until(() => followers.every(({ told }) => told.size === 1))
      }
    }
    await until(() => followers.every(({ told }) => told.size === 1))
    await sleep(1_000)
    const grown = processes.map((one, index) => (memoryOf(one) - before[index]!) / (FOLLOWERS / 2) / 1_000)

    const medians: number[] = []
    const lasts: number[] = []
    for (let count = 0; count < EVENTS; count++) {
      const body = `Comment ${count}.`
      const start = performance.now()
      await commentOn(world, post, author, { body })
      await commentOn(world, draft, author, { body: `Not for you ${count}.` })
      await until(() => followers.every(({ told }) => told.has(body)))
      const waits = followers.map(({ told }) => told.get(body)! - start)
      medians.push(median(waits))
      lasts.push(Math.max(...waits))
    }
    process.stderr.write(
      `${FOLLOWERS} ${who} who follow on two processes: half of them told after ${median(medians).toFixed(0)} ms and all after ${median(lasts).toFixed(0)} ms (medians of ${EVENTS} events), at worst after ${Math.max(...lasts).toFixed(0)} ms; ` +
        `${grown.map((kilobytes) => `${kilobytes.toFixed(0)} kB`).join(' and ')} of memory for each.\n`,
    )
    expect(strangers.length).toBe(FOLLOWERS / 100)
    for (const { told, refusal } of strangers) {
      expect(told.size).toBe(0)
      expect(refusal).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }])
    }
    expect(followers.every(({ cursors }) => new Set(cursors).size === EVENTS + 1)).toBe(true)

    // Whoever follows and may not see it any more is told nothing: what comes after it, which all are told, would have come after it.
    const own = processes.map(({ url }) => follow(url, post, beginningOf(post), author))
    const show = (visibility: string) =>
      world.db.query('UPDATE posts SET visibility = $2 WHERE id = $1', [post.id, visibility])
    await until(() => own.every(({ told }) => told.has('The first.')))
    await show('only-me')
    await commentOn(world, post, author, { body: 'For me alone.' })
    await until(() => own.every(({ told }) => told.has('For me alone.')))
    await show('public')
    await commentOn(world, post, author, { body: 'For all again.' })
    await until(() => followers.every(({ told }) => told.has('For all again.')))
    expect(followers.filter(({ told }) => told.has('For me alone.'))).toEqual([])

    // What is told while the processes do not hear, nobody misses.
    await world.db.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'portico-listen' AND datname = current_database()`,
    )
    await commentOn(world, post, author, { body: 'The last.' })
    await until(() => followers.every(({ told }) => told.has('The last.')))
    expect(followers.every(({ cursors }) => new Set(cursors).size === EVENTS + 3)).toBe(true)
  })
})
