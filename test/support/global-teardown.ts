import { rmSync } from 'node:fs'
import { testServer } from './test-server'

export default async function tearDown(): Promise<void> {
  await globalThis.testPostgres?.stop()
  rmSync(testServer().dataDir, { recursive: true, force: true })
}
