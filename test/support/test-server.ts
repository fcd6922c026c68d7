import { randomBytes } from 'node:crypto'
import { Client } from 'pg'

/** The PostgreSQL of this test run, as `global-setup` hands it to the suites. */
export interface TestServer {
  ownerUrl: string
  appUrl: string
  dataDir: string
  keyring: string
}

export function testServer(): TestServer {
  const text = process.env.PORTICO_TEST_SERVER
  if (!text) throw new Error('Run tests with `npm test`: its global setup starts the database.')
  return JSON.parse(text) as TestServer
}

export function withDatabase(url: string, database: string): string {
  const changed = new URL(url)
  changed.pathname = `/${database}`
  return changed.toString()
}

/** Refuses to work on a database that is not named as a test's. */
export function assertTestDatabase(url: string): void {
  const database = new URL(url).pathname.slice(1)
  if (!database.startsWith('test_'))
    throw new Error(`The database ${database} is not a test's: its name must begin with test_.`)
}

interface OwnDatabase {
  ownerUrl: string
  appUrl: string
  drop: () => Promise<void>
}

/** A database of one's own, cloned from the migrated template. */
export const cloneDatabase = (): Promise<OwnDatabase> => makeDatabase('test_template')

/** A database of one's own with nothing in it. */
export const emptyDatabase = (): Promise<OwnDatabase> => makeDatabase('template0')

async function makeDatabase(template: string): Promise<OwnDatabase> {
  const server = testServer()
  const name = `test_${randomBytes(8).toString('hex')}`
  const admin = async (sql: string) => {
    const client = new Client({ connectionString: withDatabase(server.ownerUrl, 'postgres') })
    await client.connect()
    try {
      await client.query(sql)
    } finally {
      await client.end()
    }
  }
  await admin(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY file_copy`)
  const urls = { ownerUrl: withDatabase(server.ownerUrl, name), appUrl: withDatabase(server.appUrl, name) }
  assertTestDatabase(urls.appUrl)
  return {
    ...urls,
    drop: () =>
      admin(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`).catch(() =>
        // PostgreSQL's own vacuum is at work there: it may not be ended by force, but makes way for one who waits.
        admin(`DROP DATABASE IF EXISTS ${name}`),
      ),
  }
}
