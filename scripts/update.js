// Regenerates every committed file that is derived from another one. `--check` changes nothing for good:
// it fails when a file was out of date.
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const root = path.join(__dirname, '..')
const portico = (...args) => ['-r', '@swc-node/register', 'src/cli/main.ts', ...args]

/** In order: a later one may read what an earlier one wrote. `node` is given the arguments in `run`. */
const GENERATORS = [
  // { writes: 'schema/schema.graphql', run: portico('schema') },
  // { writes: 'schema/permissions.md', run: portico('schema', 'permissions') },
  // { writes: 'src/sdk/generated/sdk.ts', run: ['node_modules/@graphql-codegen/cli/cjs/bin.js', '--config', 'codegen.yml'] },
  // { writes: 'README.md', run: portico('schema', 'readme') },
]
void portico

const contentOf = (file) => {
  const absolute = path.join(root, file)
  return fs.existsSync(absolute) ? fs.readFileSync(absolute, 'utf8') : null
}

const checking = process.argv.includes('--check')
for (const { writes, run } of GENERATORS) {
  const before = contentOf(writes)
  const { status } = spawnSync(process.execPath, run, { cwd: root, stdio: 'inherit' })
  if (status !== 0) {
    console.error(`✗ ${writes}: its generator failed`)
    process.exit(1)
  }
  const changed = contentOf(writes) !== before
  console.log(changed ? `✎ ${writes}` : `✓ ${writes}`)
  if (!changed || !checking) continue
  console.error('  was out of date. Run `npm run update` and commit the result.')
  if (before !== null) fs.writeFileSync(path.join(root, writes), before)
  process.exitCode = 1
}
