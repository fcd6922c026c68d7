// Compiles src/ and migrations/ to dist/, keeping their relative places, and copies what is not TypeScript.
// Only files that have changed since the last build are touched, so that `npm start` can always build first.
const fs = require('node:fs')
const path = require('node:path')

const SOURCES = ['src', 'migrations']

/** @returns {Promise<boolean>} whether anything had to be written */
async function build(root = path.join(__dirname, '..')) {
  const dist = path.join(root, 'dist')
  const stampFile = path.join(dist, '.build.json')
  if (!fs.existsSync(path.join(root, 'src'))) return false // an installed package has dist/ only

  const stamp = readStamp(stampFile)
  const recipe = recipeOf(root)
  const files = Object.fromEntries(SOURCES.flatMap((folder) => listFiles(root, folder)))
  const known = stamp.recipe === recipe ? stamp.files : {}
  const stale = Object.keys(files).filter(
    (file) => files[file] !== known[file] || !fs.existsSync(path.join(dist, outputOf(file))),
  )
  const gone = Object.keys(stamp.files).filter((file) => !Object.hasOwn(files, file))
  if (stale.length === 0 && gone.length === 0) return false

  const swc = loadCompiler()
  if (!swc) {
    if (fs.existsSync(dist)) return false
    throw new Error('dist/ is missing, and so is the compiler. Run `npm ci` with development dependencies.')
  }

  const started = Date.now()
  // Written before its outputs change and again after: an interrupted build leaves none that passes for fresh.
  for (const file of [...stale, ...gone]) delete known[file]
  writeStamp(stampFile, { recipe, files: known })
  for (const file of gone) removeOutput(dist, file)
  const results = await Promise.allSettled(stale.map((file) => emit(swc, root, dist, file)))
  const failures = results.filter((result) => result.status === 'rejected')
  if (failures.length > 0) {
    // The compiler appends its own stack, which says nothing about the source.
    const messages = failures.map(({ reason }) => String(reason?.message ?? reason).split(/\n+Caused by:/)[0])
    throw new Error(messages.join('\n'))
  }
  writeStamp(stampFile, { recipe, files })
  // On stderr, so that `portico … --json` stays parseable.
  process.stderr.write(
    `Built ${stale.length} of ${Object.keys(files).length} files in ${Date.now() - started} ms\n`,
  )
  return true
}

/** Everything besides the sources that decides what the output looks like. */
const recipeOf = (root) =>
  [
    path.join(root, '.swcrc'),
    path.join(root, 'package.json'),
    path.join(root, 'node_modules/@swc/core/package.json'),
    __filename,
  ]
    .map((file) => (fs.existsSync(file) ? signatureOf(file) : 'none'))
    .join(' ')

function signatureOf(file) {
  const { mtimeMs, size } = fs.statSync(file)
  return `${mtimeMs}:${size}`
}

/** @returns {[file: string, signature: string][]} relative to the root, with forward slashes on every system */
function listFiles(root, folder) {
  const absolute = path.join(root, folder)
  if (!fs.existsSync(absolute)) return []
  return fs.readdirSync(absolute, { withFileTypes: true }).flatMap((entry) => {
    const file = `${folder}/${entry.name}`
    if (entry.isDirectory()) return listFiles(root, file)
    if (!entry.isFile() || entry.name.startsWith('.') || entry.name.endsWith('.d.ts')) return []
    return [[file, signatureOf(path.join(root, file))]]
  })
}

const outputOf = (file) => file.replace(/\.ts$/, '.js')

async function emit(swc, root, dist, file) {
  const source = path.join(root, file)
  const target = path.join(dist, outputOf(file))
  fs.mkdirSync(path.dirname(target), { recursive: true })
  if (!file.endsWith('.ts')) return replace(target, fs.readFileSync(source))
  const { code, map } = await swc.transformFile(source, {
    cwd: root,
    root,
    configFile: path.join(root, '.swcrc'),
    sourceFileName: path.relative(path.dirname(target), source).replaceAll('\\', '/'),
  })
  if (map) replace(`${target}.map`, map)
  replace(target, map ? `${code}//# sourceMappingURL=${path.basename(target)}.map\n` : code)
}

/** Writes beside the file and renames, so that a process starting at this moment reads the old or the new text. */
function replace(file, content) {
  const draft = `${file}.${process.pid}.tmp`
  fs.writeFileSync(draft, content)
  fs.renameSync(draft, file)
}

function removeOutput(dist, file) {
  const target = path.join(dist, outputOf(file))
  fs.rmSync(target, { force: true })
  fs.rmSync(`${target}.map`, { force: true })
  for (let folder = path.dirname(target); folder.startsWith(dist + path.sep); folder = path.dirname(folder)) {
    if (!fs.existsSync(folder)) continue
    if (fs.readdirSync(folder).length > 0) break
    fs.rmdirSync(folder)
  }
}

function readStamp(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'))
  } catch {
    return { recipe: null, files: {} }
  }
}

function writeStamp(file, stamp) {
  fs.mkdirSync(path.dirname(file), { recursive: true })
  replace(file, JSON.stringify(stamp))
}

/** The compiler, or null in a production install. */
function loadCompiler() {
  try {
    return require('@swc/core')
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return null
    throw error
  }
}

module.exports = { build }

if (require.main === module) {
  build().catch((error) => {
    console.error(`The build failed.\n\n${error.message}`)
    process.exitCode = 1
  })
}
