import { execFile, execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { buildSync } from 'esbuild'
import { useWorld } from '../support/world'
import mainPackage from '../../package.json'
import sdkPackage from '../../src/sdk/package.json'

const world = useWorld()
const REPOSITORY = process.cwd()
let folder: string

/*
 * An application that has installed the tarball, and nothing else. Its dependencies are links to the copies of this
 * repository, whose versions are checked below: `npm install` would do the same with a network and half a minute.
 */
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'portico-sdk-')))
  const tarball = execFileSync(process.execPath, ['scripts/pack-sdk.js', join(folder, 'packed')], {
    encoding: 'utf8',
  }).trim()
  execFileSync('tar', ['-xzf', tarball, '-C', folder])
  cpSync(join(folder, 'package'), join(folder, 'node_modules/portico-sdk'), { recursive: true })
  for (const name of Object.keys(sdkPackage.dependencies)) {
    const link = join(folder, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(REPOSITORY, 'node_modules', name), link, 'junction')
  }
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const write = (file: string, text: string) => writeFileSync(join(folder, file), text)
/** Without blocking this process, in which the server lives that the child may ask. */
const run = (...command: string[]) => promisify(execFile)(process.execPath, command, { cwd: folder })

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

test('it is typed: what fits compiles under strict rules, what does not is named', async () => {
  write(
    'consumer.mts',
    `import { createPortico, PorticoError, resultOf, type ErrorCode, type Post, type Session } from 'portico-sdk'

     const portico = createPortico({ url: 'https://api.example.com', transport: 'COOKIE' })
     const post: Post = resultOf(await portico.createPost({ title: 'Hello', body: 'World' }), 'post')
     const { userErrors } = await portico.updatePost({ postId: post.id, title: 'Bye', expectedVersion: post.version })
     const fields: string[] = userErrors.flatMap(({ field }) => field)
     for await (const { title, author } of portico.posts.each({ first: 5, filter: { tag: 'x' } })) fields.push(title, author?.username ?? '')
     for await (const page of portico.viewerSessions.pages()) { const sessions: Session[] = page.edges.map(({ node }) => node); void sessions }
     const code = (error: unknown): ErrorCode | undefined => (error instanceof PorticoError ? error.code : undefined)
     const theme: unknown = (await portico.viewerPreferences())?.[0]?.value
     for await (const { kind } of portico.viewerSessionsChanged()) if (kind === 'ENDED') break

     // @ts-expect-error a title is missing
     await portico.createPost({ body: 'World' })
     // @ts-expect-error no such order
     await portico.posts({ orderBy: 'LOUDEST_FIRST' })
     // @ts-expect-error may be null
     post.publishedAt.length
     // @ts-expect-error no such code
     code('x') === 'TEAPOT'
     // @ts-expect-error going backwards page after page is not offered
     portico.posts.pages({ last: 3 })
     export { theme }`,
  )
  write(
    'consumer.cts',
    `import sdk = require('portico-sdk')\nconst portico: sdk.Portico = sdk.createPortico({ url: 'x' })\nvoid portico`,
  )
  const options = [
    '--ignoreConfig',
    '--noEmit',
    '--strict',
    '--target',
    'es2022',
    '--lib',
    'es2023,dom',
    '--module',
    'nodenext',
  ]
  await run(join(REPOSITORY, 'node_modules/typescript/bin/tsc'), ...options, 'consumer.mts', 'consumer.cts')
}, 60_000)

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
