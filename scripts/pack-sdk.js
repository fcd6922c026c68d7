// Compiles src/sdk, once for `import` and once for `require`, and packs it as portico-sdk. Prints where the tarball is.
// Usage: node scripts/pack-sdk.js [folder]   (dist/sdk where none is given)
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const ts = require('typescript')

const root = path.join(__dirname, '..')
const source = path.join(root, 'src/sdk')

const OPTIONS = {
  strict: true,
  declaration: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
  module: ts.ModuleKind.NodeNext,
  rootDir: source,
}

/** Packs into a folder, whose content it replaces, and answers where the tarball is. */
function packSdk(target, createHost = ts.createCompilerHost) {
  fs.rmSync(target, { recursive: true, force: true })
  const write = (file, text) => {
    fs.mkdirSync(path.join(target, path.dirname(file)), { recursive: true })
    fs.writeFileSync(path.join(target, file), text)
  }
  for (const { file, cjs, esm } of compile(createHost)) {
    write(path.join('cjs', file), cjs)
    write(path.join('esm', file), nameFiles(esm))
  }
  write('cjs/package.json', `${JSON.stringify({ type: 'commonjs' })}\n`)
  write('esm/package.json', `${JSON.stringify({ type: 'module' })}\n`)
  for (const file of ['package.json', 'README.md'])
    fs.copyFileSync(path.join(source, file), path.join(target, file))
  return path.join(target, pack(target))
}

/** Every file of the package in both formats, once their types were found to fit. */
function compile(createHost) {
  const options = { ...OPTIONS, outDir: source }
  const host = createHost(options)
  // As `tsc` does; reading all comments takes a third longer.
  host.jsDocParsingMode = ts.JSDocParsingMode.ParseForTypeErrors
  const program = ts.createProgram([path.join(source, 'portico.ts')], options, host)
  const problems = ts.getPreEmitDiagnostics(program)
  if (problems.length > 0) {
    const host = {
      getCurrentDirectory: () => root,
      getCanonicalFileName: (name) => name,
      getNewLine: () => '\n',
    }
    throw new Error(ts.formatDiagnostics(problems, host))
  }
  const files = []
  program.emit(undefined, (name, cjs, _mark, _onError, [{ fileName, text }]) => {
    const isCode = name.endsWith('.js')
    files.push({ file: path.relative(source, name), cjs, esm: isCode ? asModule(fileName, text) : cjs })
  })
  return files
}

const asModule = (fileName, text) =>
  ts.transpileModule(text, {
    fileName,
    compilerOptions: { target: OPTIONS.target, module: ts.ModuleKind.ESNext },
  }).outputText

/** Browsers and Node's `import` look for files by their whole name; the sources leave the ending out. */
const nameFiles = (text) => text.replace(/(from '\.\.?\/[^']+)'/g, "$1.js'")

function pack(folder) {
  const { status, stdout, stderr } = spawnSync('npm', ['pack', '--json', '--ignore-scripts'], {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error(`npm pack\n${stdout}${stderr}`)
  return JSON.parse(stdout)[0].filename
}

module.exports = { packSdk }
if (require.main === module)
  console.log(packSdk(path.resolve(process.argv[2] ?? path.join(root, 'dist/sdk'))))
