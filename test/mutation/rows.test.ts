import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Permission } from '../../src/core/permission'
import { expand, type ShieldRule } from '../../src/graphql/guard'
import { permissions } from '../../src/graphql/permissions'
import { canHandle, selfOr } from '../../src/graphql/rules'
import { declareSchema } from '../../src/graphql/schema'
import { report, type Fate } from './score'

/*
 * Would the matrix notice a WHERE that shows too much, or too little? Each condition on rows is made wrong in a copy of the
 * sources, one at a time, and the matrix asks that copy for the subject's rows and for lists.
 */

interface Mutant {
  file: string
  was: string
  became: string
  source: string
}

/* eslint no-template-curly-in-string: off -- what is replaced is source text, placeholders included */

/** The condition that all repositories share. */
const REACH = 'src/db/reach.ts'
const IN_REACH: [was: string, became: string][] = [
  ['if (permissions.some((permission) => viewer.permissions.has(permission))) return', 'return'],
  ["if (permissions.some((permission) => viewer.permissions.has(permission))) return ['true', {}]", ''],
  ["if (groups.length === 0) return ['false', {}]", "if (groups.length === 0) return ['true', {}]"],
  ['within_reach.user_id = ${userId} AND ', ''],
  [' AND within_reach.group_id = ANY(${groupIds})', ''],
  ['[isMemberOf(person, `:${name}`), { [name]: [...new Set(groups)] }]', "['false', {}]"],
  ["if (holds(viewer, permission)) return ['true', {}]", "return ['true', {}]"],
  ["if (holds(viewer, permission)) return ['true', {}]", ''],
  ['${group} = ANY(:reached_groups)', 'true'],
  ['reached_groups: [...(viewer.inGroups.get(permission) ?? [])]', 'reached_groups: []'],
  ['(${person} = :viewer OR ${sql})', '(${sql})'],
  ['(${person} = :viewer OR ${sql})', '(${person} = :viewer)'],
]

/** A condition that is always true, as `andWhere` takes it. */
const DROPPED = "['true', {}]"

/** What repositories ask of the viewer, and what each of these conditions becomes. */
const IN_REPOSITORIES: [pattern: RegExp, mutate: (was: string) => string][] = [
  [/\b(?:ownOrW|w)ithinReach\([^()]*\)/g, () => DROPPED],
  [/!?\bholds(?:Somewhere)?\(viewer, '[\w:-]+'\)/g, (was) => String(!was.startsWith('!'))],
  [/ = :viewer\b/g, () => ' IS NOT NULL'],
  // Another permission, which many have.
  [
    /!?\b(?:ownOrWithinReach|withinReach|holds|holdsSomewhere|get)\([^()]*'[\w-]+:[\w-]+'[^()]*\)/g,
    (was) => was.replace(/'[\w-]+:[\w-]+'/, "'users:read'"),
  ],
  [/\bvisible\('[\w-]+:[\w-]+'\)/g, () => "visible('users:read')"],
]

/** Where a condition may be dropped and nobody could tell: the field that leads there asks the same of the same person. */
const SAME_AS_THE_FIELD: Record<string, { field: `${string}.${string}`; was: string; rule: ShieldRule }> = {
  'src/modules/access-log/access-record.repository.ts': own('User.accessLog', 'audit:read'),
  'src/modules/access-token/access-token.repository.ts': own('User.security', 'security:read'),
  'src/modules/activity/activity.repository.ts': own('User.activity', 'privacy:manage'),
  'src/modules/audit/audit-event.repository.ts': own('User.security', 'security:read'),
  'src/modules/preference/preference-change.repository.ts': own('User.preferenceHistory', 'preferences:read'),
  'src/modules/ticket/ticket-change.repository.ts': {
    field: 'Ticket.history',
    was: "withinReach(viewer, 'change.userId', 'tickets:answer')",
    rule: canHandle('tickets:answer'),
  },
  'src/modules/user/former-username.repository.ts': own('User.formerUsernames', 'users:read'),
}

/** Of one's own, or by a permission. */
function own(field: `User.${string}`, permission: Permission) {
  return { field, was: `'${permission}')`, rule: selfOr(permission) }
}

/** Where the matrix does not ask, and what does; or nobody could tell, and why. */
const TOLD_ELSEWHERE: { file: string; was: string; became: string; why: string }[] = [
  ...['false', "!holds(viewer, 'users:read')"].map((became) => ({
    file: 'src/modules/audit/audit-event.repository.ts',
    was: "!holds(viewer, 'audit:read')",
    became,
    why: 'Of the address that events are looked for by, test/api/audit-filters.test.ts asks.',
  })),
  {
    file: 'src/modules/comment/comment.repository.ts',
    was: ' = :viewer',
    became: ' IS NOT NULL',
    why: 'Of comments to a post that is hidden from whoever asks, test/api/comments.test.ts and its neighbours ask.',
  },
  ...[
    ["!holdsSomewhere(viewer, 'posts:moderate')", 'false'] as const,
    [' = :viewer', ' IS NOT NULL'] as const,
  ].map(([was, became]) => ({
    file: 'src/modules/post/post.repository.ts',
    was,
    became,
    why: 'It keeps a list short whose every row is asked for by `isPostListed`.',
  })),
]

const REPOSITORIES = readdirSync('src/modules', { recursive: true, encoding: 'utf8' })
  .filter((file) => /(\.repository|-visibility)\.ts$/.test(file))
  .map((file) => join('src/modules', file))

/** The source of a file in which one place has become something else. */
function mutantOf(file: string, was: string, became: string, at: number): Mutant {
  const text = readFileSync(file, 'utf8')
  if (at < 0)
    throw new Error(`${file} does not say “${was}” any more: bring test/mutation/rows.test.ts up to date.`)
  return { file, was, became, source: text.slice(0, at) + became + text.slice(at + was.length) }
}

const made: Mutant[] = [
  ...IN_REACH.map(([was, became]) => mutantOf(REACH, was, became, readFileSync(REACH, 'utf8').indexOf(was))),
  ...REPOSITORIES.flatMap((file) =>
    IN_REPOSITORIES.flatMap(([pattern, mutate]) =>
      [...readFileSync(file, 'utf8').matchAll(pattern)].map(({ 0: was, index }) =>
        mutantOf(file, was, mutate(was), index),
      ),
    ),
  ),
]

const isEquivalent = ({ file, was, became }: Mutant): boolean => {
  const same = SAME_AS_THE_FIELD[file]
  return became === DROPPED && same !== undefined && /^(?:own|withinR)/.test(was) && was.endsWith(same.was)
}
const isToldElsewhere = ({ file, was, became }: Mutant): boolean =>
  TOLD_ELSEWHERE.some((one) => one.file === file && one.was === was && one.became === became)
const mutants = made.filter(
  (mutant) => mutant.was !== mutant.became && !isEquivalent(mutant) && !isToldElsewhere(mutant),
)

test('what is told elsewhere stands in the sources, each once', () => {
  expect(made.filter(isToldElsewhere)).toHaveLength(TOLD_ELSEWHERE.length)
})

test('what nobody could tell is asked by the field as well', () => {
  const rules = expand(declareSchema(), permissions)
  expect(made.filter(isEquivalent).map(({ file }) => file)).toEqual(Object.keys(SAME_AS_THE_FIELD))
  for (const { field, rule } of Object.values(SAME_AS_THE_FIELD)) {
    const [type, name] = field.split('.') as [string, string]
    expect(rules[type]![name]).toBe(rule)
  }
})

/** A folder with a copy of the sources, in which one process after the other asks. */
class Copy {
  private readonly folder = mkdtempSync(join(tmpdir(), 'portico-mutant-'))
  private done: Promise<unknown> = Promise.resolve()

  constructor() {
    for (const part of ['src', 'test', 'migrations', 'schema', 'package.json', 'tsconfig.json', '.swcrc'])
      cpSync(part, join(this.folder, part), { recursive: true })
    symlinkSync(resolve('node_modules'), join(this.folder, 'node_modules'))
  }

  /** The first answer of this mutant that is wrong, once those before it have been asked; empty where all are right. */
  ask(mutant: Mutant): Promise<string> {
    const answer = this.done.then(() => this.run(mutant))
    this.done = answer.catch(() => undefined)
    return answer
  }

  private async run({ file, source }: Mutant): Promise<string> {
    const path = join(this.folder, file)
    const original = readFileSync(path)
    writeFileSync(path, source)
    try {
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ['-r', '@swc-node/register', '-r', 'reflect-metadata', 'test/mutation/ask-rows.ts', file],
        { cwd: this.folder },
      )
      return stdout
    } finally {
      writeFileSync(path, original)
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }
}

const copies = Array.from({ length: availableParallelism() }, () => new Copy())
afterAll(() => copies.forEach((copy) => copy.remove()))

const answers = new Map<Mutant, Promise<string>>()
/** The sources as they are, which are asked first. */
const original: Mutant = { file: REACH, was: '', became: '', source: readFileSync(REACH, 'utf8') }
beforeAll(() =>
  [original, ...mutants].forEach((mutant, index) => {
    const answer = copies[index % copies.length]!.ask(mutant)
    // Whoever waits for it hears of a failure; until then nobody does.
    answer.catch(() => undefined)
    answers.set(mutant, answer)
  }),
)

test('nothing is wrong with the sources as they are', async () => {
  expect(await answers.get(original)!).toBe('')
})

const fates: Fate[] = []
afterAll(() => report('rows', fates))

test.each(mutants.map((mutant) => [mutant.file, mutant.was, mutant.became, mutant] as const))(
  'the matrix notices when in %s “%s” becomes “%s”',
  async (place, was, became, mutant) => {
    const fault = await answers.get(mutant)!
    // A statement that PostgreSQL refuses shows nothing to anybody.
    expect(fault).not.toContain('INTERNAL')
    fates.push({ place, was, became, killer: fault || null })
    expect(fault).not.toBe('')
  },
)
