import 'reflect-metadata'
import { chmodSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyring } from '../../src/crypto/keyring'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/db/embedded/embedded-postgres'
import { migrate } from '../../src/db/migrate'
import { withDatabase, type TestServer } from './test-server'

declare global {
  var testPostgres: EmbeddedPostgres | undefined
}

/** One PostgreSQL for the whole run; each suite clones its own database from a template that is migrated once. */
export default async function setUp(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'portico-test-'))
  // Root runs PostgreSQL as somebody else, whose database would lie, and stay, elsewhere if it could not enter.
  chmodSync(dataDir, 0o755)
  const postgres = await startEmbeddedPostgres({
    dataDir,
    database: 'test_template',
    durability: 'none',
    maxConnections: 200,
  })
  globalThis.testPostgres = postgres
  const server: TestServer = {
    ownerUrl: postgres.ownerUrl,
    appUrl: postgres.appUrl,
    dataDir,
    keyring: generateKeyring(),
  }
  await migrate({
    ownerUrl: withDatabase(server.ownerUrl, 'test_template'),
    appUrl: withDatabase(server.appUrl, 'test_template'),
  })
  process.env.PORTICO_TEST_SERVER = JSON.stringify(server)
}
