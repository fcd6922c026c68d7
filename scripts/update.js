// Regenerates every committed file that is derived from another one. `--check` changes nothing for good:
// it fails when a file was out of date.
require('@swc-node/register')
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const root = path.join(__dirname, '..')

/** In order: a later one may read what an earlier one wrote. Each gives its `text`, or lets `node` run and write it. */
const GENERATORS = [
  { writes: 'schema/schema.graphql', text: () => require('../src/graphql/print-schema').printContract() },
  {
    writes: 'schema/permissions.md',
    text: () => require('../test/policy/permissions-document').permissionsDocument(),
  },
  {
    writes: 'src/sdk/generated/preferences.ts',
    text: () =>
      require('../src/cli/value-types').sdkModule(require('../src/config/preferences').builtInPreferences()),
  },
  {
    writes: 'src/sdk/generated/operations.ts',
    run: ['node_modules/@graphql-codegen/cli/cjs/bin.js', '--config', 'codegen.yml', '--silent'],
  },
]

const contentOf = (file) => {
  const absolute = path.join(root, file)
  return fs.existsSync(absolute) ? fs.readFileSync(absolute, 'utf8') : null
}

function generate({ writes, text, run }) {
  if (text) return fs.writeFileSync(path.join(root, writes), text())
  const { status } = spawnSync(process.execPath, run, { cwd: root, stdio: 'inherit' })
  if (status !== 0) throw new Error(`exit code ${status}`)
}

const checking = process.argv.includes('--check')
for (const generator of GENERATORS) {
  const { writes } = generator
  const before = contentOf(writes)
  try {
    generate(generator)
  } catch (error) {
    console.error(`✗ ${writes}: its generator failed\n`, error)
    process.exit(1)
  }
  const changed = contentOf(writes) !== before
  console.log(changed ? `✎ ${writes}` : `✓ ${writes}`)
  if (!changed || !checking) continue
  console.error('  was out of date. Run `npm run update` and commit the result.')
  if (before !== null) fs.writeFileSync(path.join(root, writes), before)
  process.exitCode = 1
}
