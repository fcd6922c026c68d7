// Compiles src/sdk, once for `import` and once for `require`, and packs it as portico-sdk. Prints where the tarball is.
// Usage: node scripts/pack-sdk.js [folder]   (dist/sdk where none is given)
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const root = path.join(__dirname, '..')

const FORMATS = {
  cjs: { type: 'commonjs', options: ['--module', 'nodenext'] },
  esm: { type: 'module', options: ['--module', 'esnext', '--moduleResolution', 'bundler', '--noCheck'] },
}

function packSdk(target) {
  const source = path.join(root, 'src/sdk')
  fs.rmSync(target, { recursive: true, force: true })
  for (const [folder, { type, options }] of Object.entries(FORMATS)) {
    const outDir = path.join(target, folder)
    compile(path.join(source, 'portico.ts'), outDir, options)
    if (type === 'module') nameFiles(outDir)
    fs.writeFileSync(path.join(outDir, 'package.json'), `${JSON.stringify({ type })}\n`)
  }
  for (const file of ['package.json', 'README.md'])
    fs.copyFileSync(path.join(source, file), path.join(target, file))
  const [{ filename }] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts'], target))
  return path.join(target, filename)
}

const compile = (entry, outDir, options) =>
  run(process.execPath, [
    require.resolve('typescript/bin/tsc'),
    ...[
      '--ignoreConfig',
      '--strict',
      '--declaration',
      '--skipLibCheck',
      '--target',
      'es2022',
      '--lib',
      'es2023,dom',
    ],
    ...['--rootDir', path.join(root, 'src/sdk'), '--outDir', outDir, ...options, entry],
  ])

/** Browsers and Node's `import` look for files by their whole name; the sources leave the ending out. */
function nameFiles(folder) {
  for (const entry of fs.readdirSync(folder, { recursive: true })) {
    const file = path.join(folder, entry)
    if (!/\.(js|d\.ts)$/.test(entry)) continue
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(/(from '\.\.?\/[^']+)'/g, "$1.js'"))
  }
}

function run(command, args, cwd = root) {
  const shell = process.platform === 'win32' && command === 'npm'
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', shell })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}`)
  return stdout
}

console.log(packSdk(path.resolve(process.argv[2] ?? path.join(root, 'dist/sdk'))))
