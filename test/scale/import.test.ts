import { execFileSync } from 'node:child_process'
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { PorticoProcess, ROOT } from '../cli/portico-process'
import { testServer } from '../support/test-server'
import { useWorld } from '../support/world'

const world = useWorld()

const PEOPLE = 100_000
const MEGABYTE = 2 ** 20
/** What a process that imports may hold in its heap, in MiB: the rest of it takes half, and all people at once would take over a hundred. */
const HEAP = 96

function* lines(): Generator<string> {
  for (let index = 0; index < PEOPLE; index++) {
    const person = {
      username: `person${index}`,
      email: `person${index}@example.com`,
      emailVerified: index % 3 > 0,
      displayName: `Person ${index}`,
      locale: 'de',
      timeZone: 'Europe/Berlin',
      createdAt: '2021-03-04T05:06:07Z',
      preferences: { theme: 'dark' },
      passwordHash: `$2b$10$${String(index).padStart(22, '.')}${'a'.repeat(31)}`,
    }
    yield `${JSON.stringify(person)}\n`
  }
}

/** The memory of a process at this moment, in bytes; null once it has ended. */
function memoryOf(pid: number): number | null {
  try {
    return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1_024
  } catch {
    return null
  }
}

const position = async (): Promise<number> =>
  (await world.db.query<{ position: number }>('SELECT position FROM imports'))[0]?.position ?? 0

/** How long PostgreSQL alone takes to write as many rows as an import has written, in seconds. */
async function floor(): Promise<number> {
  const client = new Client({ connectionString: world.portico.config.databaseOwnerUrl! })
  await client.connect()
  const start = performance.now()
  try {
    await client.query('BEGIN')
    await client.query(
      'CREATE TEMP TABLE copies ON COMMIT DROP AS SELECT id, gen_random_uuid() AS copy FROM users',
    )
    const statements = [
      `users SELECT copy, 'c_' || username, display_name, bio, locale, time_zone, status, last_seen_at, created_at, updated_at, version
       FROM users JOIN copies USING (id)`,
      'data_keys SELECT copy, wrapped, created_at FROM data_keys JOIN copies ON owner_id = copies.id',
      `emails SELECT gen_random_uuid(), copy, address, '\\x63'::bytea || address_index, is_primary, verified_at, created_at
       FROM emails JOIN copies ON user_id = copies.id`,
      'passwords (user_id, hash, changed_at, is_short) SELECT copy, hash, changed_at, is_short FROM passwords JOIN copies ON user_id = copies.id',
      `role_grants SELECT gen_random_uuid(), copy, role_id, granted_by_id, expires_at, created_at
       FROM role_grants JOIN copies ON user_id = copies.id`,
      'preferences SELECT copy, key, value, updated_at FROM preferences JOIN copies ON user_id = copies.id',
      `audit_events (id, occurred_at, action, outcome, actor_id, subject_id, owner_id, session_id, target, request_id, address,
         details, is_security_event)
       SELECT gen_random_uuid(), occurred_at, action, outcome, actor_id, copy, copy, session_id, target, request_id, address,
         details, is_security_event FROM audit_events JOIN copies ON subject_id = copies.id`,
    ]
    for (const statement of statements) await client.query(`INSERT INTO ${statement}`)
    await client.query('COMMIT')
    return (performance.now() - start) / 1_000
  } finally {
    await client.end()
  }
}

test('100,000 people are imported with flat memory', async () => {
  execFileSync(process.execPath, ['scripts/build.js'], { cwd: ROOT, stdio: 'ignore' })
  const folder = mkdtempSync(join(tmpdir(), 'portico-import-'))
  try {
    const file = join(folder, 'people.ndjson')
    await pipeline(Readable.from(lines()), createWriteStream(file))
    const { databaseUrl, databaseOwnerUrl } = world.portico.config
    const command = [
      process.execPath,
      `--max-old-space-size=${HEAP}`,
      'bin/portico.js',
      'import',
      file,
      '--json',
    ]
    const running = new PorticoProcess(
      {
        DATABASE_URL: databaseUrl!,
        DATABASE_OWNER_URL: databaseOwnerUrl!,
        PORTICO_KEYRING: testServer().keyring,
        DATA_DIR: folder,
      },
      command,
    )
    /** The most memory that was seen while so many tenths of the people were imported. */
    const peaks: number[] = []
    for (let memory = memoryOf(running.child.pid!); memory; memory = memoryOf(running.child.pid!)) {
      const tenth = Math.floor((10 * (await position())) / PEOPLE)
      peaks[tenth] = Math.max(peaks[tenth] ?? 0, memory)
      await new Promise((resolve) => setTimeout(resolve, 50))
      if (running.child.exitCode !== null) break
    }
    const { code, stdout } = await running.end()
    expect(code).toBe(0)
    const outcome = JSON.parse(stdout) as { imported: number; seconds: number }
    expect(outcome.imported).toBe(PEOPLE)
    expect(
      (await world.db.query<{ count: number }>('SELECT count(*)::int AS count FROM emails'))[0]!.count,
    ).toBe(PEOPLE)
    const early = Math.max(...peaks.slice(0, 3).filter(Boolean))
    const late = Math.max(...peaks.slice(3).filter(Boolean))
    const least = await floor()
    process.stderr.write(
      `Imported ${Math.round(PEOPLE / outcome.seconds)} people a second, ` +
        `${(least / outcome.seconds).toFixed(2)} of what PostgreSQL alone can write; ` +
        `memory ${Math.round(early / MEGABYTE)} MB in the first third, ${Math.round(late / MEGABYTE)} MB later.\n`,
    )
    // A hundred thousand people held in memory would be over a hundred megabytes.
    expect(late - early).toBeLessThan(48 * MEGABYTE)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
