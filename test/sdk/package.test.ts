import { execFile } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { buildSync } from 'esbuild'
import ts from 'typescript'
import { augmentation } from '../../src/cli/value-types'
import { applicationPreferences } from '../../src/config/config'
import { useWorld } from '../support/world'
import mainPackage from '../../package.json'
import sdkPackage from '../../src/sdk/package.json'

const world = useWorld()
const REPOSITORY = process.cwd()
const { packSdk } = createRequire(__filename)('../../scripts/pack-sdk.js') as {
  packSdk(target: string, createHost: (options: ts.CompilerOptions) => ts.CompilerHost): string
}
let folder: string

/*
 * An application that has installed the tarball, and nothing else. Its dependencies are links to the copies of this
 * repository, whose versions are checked below, so that `npm install` needs no network.
 */
beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'portico-sdk-')))
  const tarball = packSdk(join(folder, 'packed'), createHost)
  const dependencies = Object.fromEntries(
    Object.keys(sdkPackage.dependencies).map((name) => [
      name,
      `file:${join(REPOSITORY, 'node_modules', name)}`,
    ]),
  )
  write('package.json', JSON.stringify({ private: true, dependencies }))
  const install = ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', folder]
  await promisify(execFile)('npm', [...install, tarball], {
    cwd: folder,
    shell: process.platform === 'win32',
  })
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const write = (file: string, text: string) => writeFileSync(join(folder, file), text)
/** Without blocking this process, in which the server lives that the child may ask. */
const run = (...command: string[]) => promisify(execFile)(process.execPath, command, { cwd: folder })

/** Reads what lies in node_modules once: the package and the application that uses it know the same libraries. */
function createHost(options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options)
  const read = host.getSourceFile.bind(host)
  host.jsDocParsingMode = ts.JSDocParsingMode.ParseForTypeErrors
  host.getSourceFile = (file, how, ...rest) => {
    if (!file.includes('/node_modules/')) return read(file, how, ...rest)
    const key = `${file} ${JSON.stringify(how)}`
    if (!libraries.has(key)) libraries.set(key, read(file, how, ...rest))
    return libraries.get(key)
  }
  return host
}
const libraries = new Map<string, ts.SourceFile | undefined>()

const READ = (load: string) => `
  ${load}
  createPortico({ url: process.argv[2] }).posts({ first: 1 })
    .then(({ edges }) => console.log(edges[0].node.title))`

test.each([
  ['import', 'app.mjs', `import { createPortico } from 'portico-sdk'`],
  ['require', 'app.cjs', `const { createPortico } = require('portico-sdk')`],
])('the package works by %s', async (_way, file, load) => {
  const { title } = await world.post()
  write(file, READ(load))
  const { stdout } = await run(file, world.portico.url)
  expect(stdout.trim()).toBe(title)
})

test('it is bundled for a browser, and asks for nothing of Node', () => {
  write(
    'page.js',
    `import { createPortico } from 'portico-sdk'; globalThis.portico = createPortico({ url: location.origin })`,
  )
  const { metafile, outputFiles } = buildSync({
    absWorkingDir: folder,
    entryPoints: ['page.js'],
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    write: false,
    metafile: true,
  })
  const [output] = Object.values(metafile.outputs)
  expect(output!.imports).toEqual([])
  expect(Object.keys(metafile.inputs).filter((input) => input.includes('cjs'))).toEqual([])
  expect(outputFiles[0]!.text).not.toMatch(/\brequire\(|\bprocess\./)
})

test('it is typed: what fits compiles under strict rules, what does not is named', () => {
  write(
    'consumer.mts',
    `import { createPortico, PorticoError, preferenceInputs, preferenceValues, attributeInputs, attributeValues, resultOf, type ErrorCode, type Post, type Session } from 'portico-sdk'

     const portico = createPortico({ url: 'https://api.example.com', transport: 'COOKIE' })
     const post: Post = resultOf(await portico.createPost({ title: 'Hello', body: 'World' }), 'post')
     const { userErrors } = await portico.updatePost({ postId: post.id, title: 'Bye', expectedVersion: post.version })
     const fields: string[] = userErrors.flatMap(({ field }) => field)
     for await (const { title, author } of portico.posts.each({ first: 5, filter: { tag: 'x' } })) fields.push(title, author?.username ?? '')
     for await (const page of portico.viewerSessions.pages()) { const sessions: Session[] = page.edges.map(({ node }) => node); void sessions }
     const code = (error: unknown): ErrorCode | undefined => (error instanceof PorticoError ? error.code : undefined)
     const theme: unknown = (await portico.viewerPreferences())?.[0]?.value
     const values = preferenceValues(await portico.viewerPreferences({ deviceId: 'phone' }))
     const look: 'system' | 'light' | 'dark' | undefined = values.theme
     const size: number | undefined = values['editor.fontSize']
     await portico.setPreferences({ preferences: preferenceInputs({ theme: 'dark', 'editor.fontSize': 12 }) })
     for await (const { preferences } of portico.viewerPreferencesChanged()) preferenceValues(preferences).pageSize?.toFixed()
     const shirt: number | undefined = attributeValues([]).shirtSize
     await portico.setAttributes({ attributes: attributeInputs({ shirtSize: null }) })
     for await (const { kind } of portico.viewerSessionsChanged()) if (kind === 'ENDED') break

     // @ts-expect-error a title is missing
     await portico.createPost({ body: 'World' })
     // @ts-expect-error no such order
     await portico.posts({ orderBy: 'LOUDEST_FIRST' })
     // @ts-expect-error may be null
     post.publishedAt.length
     // @ts-expect-error no such theme
     preferenceInputs({ theme: 'purple' })
     // @ts-expect-error no such preference
     preferenceInputs({ mood: 'sunny' })
     // @ts-expect-error no such code
     code('x') === 'TEAPOT'
     // @ts-expect-error going backwards page after page is not offered
     portico.posts.pages({ last: 3 })
     // @ts-expect-error no such attribute
     attributeInputs({ hat: 1 })
     export { theme, look, size, shirt }`,
  )
  write(
    'consumer.cts',
    `import sdk = require('portico-sdk')\nconst portico: sdk.Portico = sdk.createPortico({ url: 'x' })\nvoid portico`,
  )
  // What an application writes into its sources, so that the SDK knows its preferences.
  const definitions = applicationPreferences(
    JSON.stringify([
      { key: 'editor.fontSize', description: 'Its size.', schema: { type: 'integer' }, default: 12 },
    ]),
  )
  write('preferences.d.mts', augmentation('PreferenceValues', definitions, 'a test'))
  const sizes = [{ ...definitions[0]!, key: 'shirtSize' }]
  write('attributes.d.mts', augmentation('AttributeValues', sizes, 'a test'))
  const options: ts.CompilerOptions = {
    noEmit: true,
    strict: true,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
    module: ts.ModuleKind.NodeNext,
    // TypeScript's own libraries, nothing else.
    skipDefaultLibCheck: true,
  }
  const files = ['consumer.mts', 'consumer.cts', 'preferences.d.mts', 'attributes.d.mts'].map((file) =>
    join(folder, file),
  )
  const host = createHost(options)
  const problems = ts.getPreEmitDiagnostics(ts.createProgram(files, options, host))
  expect(ts.formatDiagnostics(problems, host)).toBe('')
})

test('its manifest keeps step with the main package', () => {
  const { name, version, license, dependencies } = sdkPackage
  expect({ name, version, license }).toEqual({
    name: 'portico-sdk',
    version: mainPackage.version,
    license: 'MIT',
  })
  const require = createRequire(join(REPOSITORY, 'package.json'))
  for (const [dependency, range] of Object.entries(dependencies)) {
    const manifest = require(join(REPOSITORY, 'node_modules', dependency, 'package.json')) as {
      version: string
    }
    expect(`${dependency} ${range}`).toBe(`${dependency} ^${manifest.version}`)
  }
})
