import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testServer } from '../support/test-server'
import { useWorld, type World } from '../support/world'

/** A world, and commands that work on its database; a folder that is removed afterwards. */
export function useCommands(): { world: World; folder: string } {
  const before = { ...process.env }
  const folder = mkdtempSync(join(tmpdir(), 'portico-commands-'))
  const world = useWorld({ BACKUP_DIR: folder })

  beforeEach(() => {
    const { PATH, PORTICO_TEST_SERVER } = before
    const { databaseUrl, databaseOwnerUrl } = world.portico.config
    process.env = {
      PATH,
      PORTICO_TEST_SERVER,
      DATABASE_URL: databaseUrl!,
      DATABASE_OWNER_URL: databaseOwnerUrl!,
      PORTICO_KEYRING: testServer().keyring,
      DATA_DIR: folder,
      BACKUP_DIR: folder,
      DEMO_DATA: 'off',
    }
  })

  afterEach(() => {
    process.env = { ...before }
  })

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  return { world, folder }
}
