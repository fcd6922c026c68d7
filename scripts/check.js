// Everything that must hold before a commit. Runs all steps even when one fails, then says which failed.
// The last line counts the tests, and each failed step besides them as one failure.
const { spawn } = require('node:child_process')

const bin = (file, ...args) => [process.execPath, require.resolve(file), ...args]

const STATIC_STEPS = {
  typecheck: bin('typescript/bin/tsc', '-p', '.'),
  lint: bin('../node_modules/eslint/bin/eslint.js', '.'),
  'format:check': bin('prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'),
}
const TESTS = bin('../node_modules/jest/bin/jest.js', ...process.argv.slice(2))

function run([command, ...args], stdio) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio, cwd: `${__dirname}/..` })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
    child.on('error', reject)
    child.on('close', (code) => resolve({ succeeded: code === 0, output }))
  })
}

async function timed(name, step) {
  const started = Date.now()
  const result = await step
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  console.log(`${result.succeeded ? '✓' : '✗'} ${name} (${seconds} s)`)
  return { name, ...result }
}

async function main() {
  const results = await Promise.all(
    Object.entries(STATIC_STEPS).map(([name, command]) => timed(name, run(command, 'pipe'))),
  )
  for (const { name, output } of results.filter(({ succeeded }) => !succeeded)) {
    console.log(`\n── ${name} ──\n${output}`)
  }
  // Jest reports on stderr, which goes straight through; its stdout holds the line with the counts.
  const tests = await timed('test', run(TESTS, ['inherit', 'pipe', 'inherit']))
  const counts = tests.output.match(/^(\d+) passed, (\d+) failed(.*)$/m)
  if (!counts) console.log(tests.output)

  const failedSteps = [...results, tests].filter(({ succeeded }) => !succeeded).map(({ name }) => name)
  if (failedSteps.length > 0) console.log(`Failed: ${failedSteps.join(', ')}`)
  const [passed, failed, rest] = counts ? [counts[1], Number(counts[2]), counts[3]] : [0, 0, '']
  const failedBesides = failedSteps.filter((name) => name !== 'test' || failed === 0).length
  console.log(`${passed} passed, ${failed + failedBesides} failed${rest}`)
  process.exitCode = failedSteps.length > 0 ? 1 : 0
}

void main()
