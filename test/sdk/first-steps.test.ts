import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { unique, useWorld } from '../support/world'

const world = useWorld()

test('the example runs against a server as it stands, and says what it did', async () => {
  const password = unique('the admin of this test ')
  const admin = await world.person({ role: 'admin', password })
  const dataDir = mkdtempSync(join(tmpdir(), 'portico-example-'))
  const { username, email } = admin
  writeFileSync(join(dataDir, 'demo-accounts.json'), JSON.stringify({ admin: { username, email, password } }))
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['-r', '@swc-node/register', 'examples/first-steps.ts'],
      { env: { ...process.env, PORTICO_URL: world.portico.url, DATA_DIR: dataDir } },
    )
    const said = (pattern: RegExp) => expect(stdout).toMatch(pattern)
    said(/^Asked for an account; the mail “.+” brought the code \S+\.$/m)
    said(/^Signed up and in as Ada, @ada_[0-9a-f]{8}\.$/m)
    said(/^The theme mauve was declined: “.+”$/m)
    said(/^Set the preference theme to dark\.$/m)
    said(/^Published “First steps” as first-steps-\S+\.$/m)
    said(/^Read 1 posts in pages of five, the newest “First steps”\.$/m)
    said(/^The audit trail is not for everybody: FORBIDDEN\.$/m)
    said(new RegExp(`^As ${username}, read what the trail says of @ada_`, 'm'))
    said(/^ {2}\S+Z {2}session\.ended {2}SUCCESS$/m)
    said(/^ {2}\S+Z {2}account\.created {2}SUCCESS$/m)
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
})
