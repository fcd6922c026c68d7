import {
  auditStandsAlone,
  filesAreNamedAlike,
  importsPointInwards,
  modulesFormDag,
  modulesKeepTheirTables,
  noBarrels,
  onlyConfigReadsEnvironment,
} from './rules'
import type { Rule } from './rules'
import { parseSource, readSources } from './source'

const sources = readSources()

/** What a rule says about a made-up project of files and their text. */
const judge = (rule: Rule, files: Record<string, string>) =>
  rule(Object.entries(files).map(([path, text]) => parseSource(path, text)))

/** Fails with the explanations, readable, instead of with a difference of arrays. */
function expectNoneOf(violations: string[]) {
  if (violations.length > 0) throw new Error(`${violations.length} found\n\n${violations.join('\n\n')}\n`)
}

it('looks at real files', () => {
  expect(sources.map(({ path }) => path)).toContain('src/core/viewer.ts')
  const viewer = sources.find(({ path }) => path === 'src/core/viewer.ts')
  expect(viewer?.imports.map(({ target }) => target)).toContain('src/core/id')
})

it('sees every way to import and leaves packages aside', () => {
  const { imports } = parseSource(
    'src/db/x.ts',
    `import a from '../core/a'
     import type { B } from '../core/b.js'
     export * from './c'
     const d = await import(\`./d\`)
     const e = require('./e')
     import f = require('./f')
     type G = import('../core/g').G
     import { h } from 'graphql'
     // import '../core/comment'
     const text = "import '../core/text'"`,
  )
  expect(imports.map(({ line, target }) => `${line} ${target}`)).toEqual([
    '1 src/core/a',
    '2 src/core/b',
    '3 src/db/c',
    '4 src/db/d',
    '5 src/db/e',
    '6 src/db/f',
    '7 src/core/g',
  ])
})

describe('imports point one way', () => {
  it('holds in src/', () => expectNoneOf(importsPointInwards(sources)))

  it.each([
    ['src/core/a.ts', '../db/database'],
    ['src/config/a.ts', '../crypto/token'],
    ['src/crypto/a.ts', '../db/database'],
    ['src/db/a.ts', '../context/context'],
    ['src/context/a.ts', '../api/connection'],
    ['src/api/a.ts', '../modules/post/post.type'],
    ['src/modules/post/post.service.ts', '../../graphql/schema'],
    ['src/graphql/a.ts', '../server/server'],
    ['src/server/a.ts', '../jobs/worker'],
    ['src/jobs/a.ts', '../server/server'],
    ['src/server/a.ts', '../cli/main'],
    ['src/cli/a.ts', '../main'],
    ['src/cli/a.ts', '../sdk/client'],
    ['src/sdk/a.ts', '../core/error'],
    ['src/db/a.ts', '../../test/support/database'],
  ])('refuses %s importing %s, types included', (path, specifier) => {
    const found = judge(importsPointInwards, { [path]: `\nimport type { X } from '${specifier}'` })
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(
      new RegExp(`^${path}:2 imports .+\n {2}Rule: .+\n {2}Reason: .+\n {2}Way out: .+`),
    )
  })

  it.each([
    ['src/db/a.ts', '../../migrations/index'],
    ['src/modules/post/post.service.ts', '../../api/connection'],
    ['src/jobs/a.ts', '../graphql/schema'],
    ['src/cli/a.ts', '../server/server'],
    ['src/cli/a.ts', '../jobs/worker'],
    ['src/main.ts', './cli/start'],
    ['src/sdk/a.ts', './client'],
  ])('accepts %s importing %s', (path, specifier) => {
    expect(judge(importsPointInwards, { [path]: `import '${specifier}'` })).toEqual([])
  })

  it('refuses a folder that has no place in the order', () => {
    expect(judge(importsPointInwards, { 'src/utils/a.ts': '' })).toEqual([expect.stringContaining('“utils”')])
  })
})

describe('modules keep their tables to themselves', () => {
  it('holds in src/', () => expectNoneOf(modulesKeepTheirTables(sources)))

  it.each(['user.entity', 'user-email.repository'])("refuses another module's %s", (file) => {
    const found = judge(modulesKeepTheirTables, {
      'src/modules/post/post.service.ts': `import type { User } from '../user/${file}'`,
    })
    expect(found).toEqual([expect.stringContaining("Ask user's service or loader")])
  })

  it.each(['service', 'loader', 'type', 'input', 'payload'])("accepts another module's %s", (role) => {
    const files = { 'src/modules/post/post.service.ts': `import '../user/user.${role}'` }
    expect(judge(modulesKeepTheirTables, files)).toEqual([])
  })

  it('accepts its own', () => {
    const files = { 'src/modules/post/post.service.ts': "import './post.repository'\nimport './post.entity'" }
    expect(judge(modulesKeepTheirTables, files)).toEqual([])
  })
})

describe('modules form a directed acyclic graph', () => {
  it('holds in src/', () => expectNoneOf(modulesFormDag(sources)))

  it('reports a circle, with the imports that close it', () => {
    const found = judge(modulesFormDag, {
      'src/modules/post/post.service.ts': "import '../user/user.loader'",
      'src/modules/user/user.type.ts': "import '../role/role.type'",
      'src/modules/role/role.service.ts': "import '../post/post.type'",
    })
    expect(found).toHaveLength(1)
    expect(found[0]).toContain('post → user → role → post')
    expect(found[0]).toContain('src/modules/user/user.type.ts:1 imports src/modules/role/role.type')
  })

  it('accepts two roads to the same module', () => {
    const found = judge(modulesFormDag, {
      'src/modules/post/post.service.ts': "import '../user/user.loader'\nimport '../audit/audit.service'",
      'src/modules/user/user.service.ts': "import '../audit/audit.service'",
    })
    expect(found).toEqual([])
  })
})

describe('audit is at the bottom', () => {
  it('holds in src/', () => expectNoneOf(auditStandsAlone(sources)))

  it('refuses any module that audit imports', () => {
    const files = { 'src/modules/audit/audit.resolver.ts': "import '../user/user.loader'" }
    expect(judge(auditStandsAlone, files)).toEqual([
      expect.stringContaining('modules/audit imports no other module'),
    ])
  })
})

describe('files are named alike', () => {
  it('holds in src/', () => expectNoneOf(filesAreNamedAlike(sources)))

  it.each([
    'src/core/personalData.ts',
    'src/modules/post/PostService.ts',
    'src/modules/post/post_service.ts',
    'src/modules/UserEmail/user-email.service.ts',
    'src/modules/post/post.service.helper.ts',
    'src/modules/post/post.manager.ts',
  ])('refuses %s', (path) => expect(judge(filesAreNamedAlike, { [path]: '' })).toHaveLength(1))

  it.each([
    'src/main.ts',
    'src/core/personal-data.ts',
    'src/modules/user/change-password.ts',
    'src/modules/post/post.task.ts',
  ])('accepts %s', (path) => expect(judge(filesAreNamedAlike, { [path]: '' })).toEqual([]))
})

describe('there are no barrels', () => {
  it('holds in src/', () => expectNoneOf(noBarrels(sources)))

  it('refuses index.ts', () => expect(judge(noBarrels, { 'src/modules/post/index.ts': '' })).toHaveLength(1))
})

describe('only src/config reads the environment', () => {
  it('holds in src/', () => expectNoneOf(onlyConfigReadsEnvironment(sources)))

  it.each([
    'const port = process.env.PORT',
    "const env = process['env']",
    'const { env: settings } = process',
    "import { env } from 'node:process'",
  ])('refuses %s elsewhere', (text) => {
    expect(judge(onlyConfigReadsEnvironment, { 'src/server/server.ts': text })).toHaveLength(1)
    expect(judge(onlyConfigReadsEnvironment, { 'src/config/config.ts': text })).toEqual([])
  })

  it('is not misled by comments and messages', () => {
    const text = "// process.env\nthrow new Error('process.env')"
    expect(judge(onlyConfigReadsEnvironment, { 'src/server/server.ts': text })).toEqual([])
  })
})
