import type { Source } from './source'

/** Looks at all sources and says what is wrong, one paragraph for each: the rule, the reason, the way out. */
export type Rule = (sources: Source[]) => string[]

const explain = (where: string, rule: string, reason: string, wayOut: string) =>
  `${where}\n  Rule:    ${rule}\n  Reason:  ${reason}\n  Way out: ${wayOut}`

// ── Layers ──

/** Innermost first. A layer may import itself and those before it; layers that share a line may not import each other. */
const LAYERS: string[][] = [
  ['core'],
  ['config'],
  ['crypto'],
  ['db'],
  ['context'],
  ['api'],
  ['modules'],
  ['graphql'],
  ['server', 'jobs'],
  ['cli', 'main'],
]
const ORDER = LAYERS.map((layers) => layers.join(', ')).join(' ← ')
const rank = (layer: string) => LAYERS.findIndex((layers) => layers.includes(layer))

/** `src/db/database.ts` → `db`, `src/main.ts` → `main`, `migrations/index` → null. */
function layerOf(path: string): string | null {
  const [top, folder = ''] = path.split('/')
  return top === 'src' ? folder.replace(/\.ts$/, '') : null
}

function mayImport(from: string, to: string): boolean {
  if (from === to || from === 'main') return true
  if (from === 'sdk' || to === 'sdk') return from === 'server' && to === 'sdk'
  return rank(to) < rank(from)
}

export const importsPointInwards: Rule = (sources) =>
  sources.flatMap(({ path, imports }) => {
    const from = layerOf(path)!
    if (rank(from) < 0 && from !== 'sdk') {
      return explain(
        path,
        `every file of src/ lives in a layer (${ORDER}; sdk apart)`,
        `“${from}” has no place in that order, so nothing could be said about who may import it.`,
        'Move it into the folder that it belongs to, or give a new folder its place in LAYERS (test/architecture/rules.ts).',
      )
    }
    return imports.flatMap(({ line, target }) => {
      const where = `${path}:${line} imports ${target}`
      const to = layerOf(target)
      if (to === null) {
        if (target.startsWith('migrations/') || target.startsWith('schema/')) return []
        return explain(
          where,
          'src/ imports nothing outside itself but migrations/ and schema/',
          'Nothing else is compiled to dist/ or shipped.',
          'Move what is needed into src/.',
        )
      }
      if (mayImport(from, to)) return []
      if (from === 'sdk' || to === 'sdk') {
        return explain(
          where,
          'sdk imports nothing of ours, and of ours the pages of server alone import sdk, as any client does',
          'It is a package of its own, which runs in browsers and knows the server by its schema only.',
          'Copy the few lines, or generate them from schema/.',
        )
      }
      return explain(
        where,
        `imports point one way, ${ORDER}; ${from} may not import ${to}`,
        'What lies to the left can be read, tested and changed without knowing what lies to its right.',
        `Move the shared part to ${rank(from) < rank(to) ? `${from} or further left` : 'graphql or further left'}, ` +
          `or let ${to} hand it in as an argument.`,
      )
    })
  })

// ── Modules ──

/** `src/modules/post/post.service.ts` → `post`. */
const moduleOf = (path: string) => path.match(/^src\/modules\/([^/]+)\//)?.[1] ?? null

/** All imports that lead from one module into another. */
const crossings = (sources: Source[]) =>
  sources.flatMap(({ path, imports }) =>
    imports.flatMap(({ line, target }) => {
      const from = moduleOf(path)
      const to = moduleOf(target)
      return from && to && from !== to
        ? [{ from, to, target, where: `${path}:${line} imports ${target}` }]
        : []
    }),
  )

export const modulesKeepTheirTables: Rule = (sources) =>
  crossings(sources)
    .filter(({ target }) => /\.(entity|repository)$/.test(target))
    .map(({ from, to, where }) =>
      explain(
        where,
        "a module never imports another module's entity or repository, not even as a type",
        `Only ${to} may know how its rows look and which of them a viewer may see; otherwise its rules hold in some places only.`,
        `Ask ${to}'s service or loader. A link from ${from} to ${to} is an id column, a foreign key and a loader.`,
      ),
    )

export const modulesFormDag: Rule = (sources) => {
  const edges = new Map<string, Map<string, string>>()
  for (const { from, to, where } of crossings(sources)) {
    const targets = edges.get(from) ?? new Map<string, string>()
    edges.set(from, targets)
    if (!targets.has(to)) targets.set(to, where)
  }

  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (module: string, trail: string[]) => {
    const start = trail.indexOf(module)
    if (start >= 0) {
      const cycle = [...trail.slice(start), module]
      const steps = cycle.slice(1).map((to, index) => `    ${edges.get(cycle[index]!)!.get(to)}`)
      cycles.push(
        explain(
          `Modules in a circle: ${cycle.join(' → ')}\n${steps.join('\n')}`,
          'modules form a directed acyclic graph with audit at the bottom',
          'Modules in a circle can only be understood, tested and loaded together: they are one module.',
          'Let the module that knows more do the asking: move the use case there, pass in an id or a function, or split off ' +
            'the part that both need. A field of the other type belongs in the module that owns the link.',
        ),
      )
      return
    }
    if (done.has(module)) return
    for (const to of edges.get(module)?.keys() ?? []) visit(to, [...trail, module])
    done.add(module)
  }
  for (const module of [...edges.keys()].sort()) visit(module, [])
  return cycles
}

export const auditStandsAlone: Rule = (sources) =>
  crossings(sources)
    .filter(({ from }) => from === 'audit')
    .map(({ to, where }) =>
      explain(
        where,
        'modules/audit imports no other module',
        'Every module writes to the trail; the trail that needs one of them would close a circle.',
        `Let ${to} pass what the event needs, or resolve the link from ${to}'s side.`,
      ),
    )

// ── Files ──

/** What a file of a module can be, besides a use case of its own (`change-password.ts`). */
const ROLES = ['entity', 'repository', 'service', 'type', 'input', 'payload', 'resolver', 'loader', 'task']

const KEBAB = '[a-z][a-z0-9]*(-[a-z0-9]+)*'
const FILE_NAME = new RegExp(`^${KEBAB}(\\.(?<role>${KEBAB}))?\\.ts$`)
const FOLDER_NAME = new RegExp(`^${KEBAB}$`)

export const filesAreNamedAlike: Rule = (sources) =>
  sources.flatMap(({ path }) => {
    const folders = path.split('/')
    const file = folders.pop()!
    const name = FILE_NAME.exec(file)
    if (!name || !folders.every((folder) => FOLDER_NAME.test(folder))) {
      return explain(
        path,
        'files are named noun.role.ts (or noun.ts), they and their folders in kebab-case',
        'A name that can be guessed need not be looked up, and letter case differs between file systems.',
        'Rename it, e.g. user-email.repository.ts.',
      )
    }
    const role = name.groups?.['role']
    if (moduleOf(path) && role && !ROLES.includes(role)) {
      return explain(
        path,
        `a file of a module is one of ${ROLES.join(', ')}, or a use case of its own without a role`,
        `All modules have one shape; nobody knows yet what a “${role}” is.`,
        'Use one of those roles, or add the new kind of file to ROLES (test/architecture/rules.ts) and to the README.',
      )
    }
    return []
  })

export const noBarrels: Rule = (sources) =>
  sources
    .filter(({ path }) => path.endsWith('/index.ts'))
    .map(({ path }) =>
      explain(
        path,
        'no index.ts barrels',
        'They hide who uses what, and load a whole folder, circles included, for the sake of one name.',
        'Import from the file that defines the thing.',
      ),
    )

export const onlyConfigReadsEnvironment: Rule = (sources) =>
  sources
    .filter(({ path }) => layerOf(path) !== 'config')
    .flatMap(({ path, environmentReads }) =>
      environmentReads.map((line) =>
        explain(
          `${path}:${line} reads process.env`,
          'only src/config reads the environment',
          'Settings are checked once at start, typed, documented and given by tests as plain values.',
          'Add the setting to src/config and take it from the Config.',
        ),
      ),
    )
