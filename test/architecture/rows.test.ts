import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/*
 * Which rows a viewer may see is decided in the repositories' WHERE. This test reads every one of their methods that answers
 * something: it either asks who the viewer is, itself or through a private method, or its comment, or that of its class,
 * says after `@visibility` why it need not.
 */

const MODULES = join(__dirname, '../../src/modules')
const ASKS = /\bcaller\.viewer\b|\{ viewer \} = this\.db\.caller|\b(?:ownOrW|w)ithinReach\(/

interface Read {
  /** `PostRepository.lookup`. */
  name: string
  body: string
  isPrivate: boolean
  answers: boolean
  reason: string | undefined
}

const reasonOf = (node: ts.Node): string | undefined => {
  const tag = ts.getJSDocTags(node).find(({ tagName }) => tagName.text === 'visibility')
  return tag && ts.getTextOfJSDocComment(tag.comment)?.trim()
}

const isPrivate = (method: ts.MethodDeclaration): boolean =>
  method.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword) === true

/** The methods of every class of a file whose name ends in Repository. */
function methodsOf(text: string): { className: string; classReason: string | undefined; methods: Read[] }[] {
  const source = ts.createSourceFile('repository.ts', text, ts.ScriptTarget.Latest, true)
  return source.statements
    .filter(ts.isClassDeclaration)
    .filter(({ name }) => name?.text.endsWith('Repository'))
    .map((declaration) => ({
      className: declaration.name!.text,
      classReason: reasonOf(declaration),
      methods: declaration.members.filter(ts.isMethodDeclaration).map((method) => ({
        name: method.name.getText(),
        body: method.body?.getText() ?? '',
        isPrivate: isPrivate(method),
        answers: !/^Promise<void>$/.test(method.type?.getText() ?? ''),
        reason: reasonOf(method),
      })),
    }))
}

/** Whether a method asks for the viewer, or a private one does that it calls. */
function asks(method: Read, methods: readonly Read[], seen = new Set<string>()): boolean {
  if (ASKS.test(method.body)) return true
  seen.add(method.name)
  return methods
    .filter(({ name, isPrivate: own }) => own && !seen.has(name) && method.body.includes(`this.${name}(`))
    .some((called) => asks(called, methods, seen))
}

/** The reads that neither ask for the viewer nor say why they need not, as `Class.method`. */
const unexplained = (text: string): string[] =>
  methodsOf(text).flatMap(({ className, classReason, methods }) =>
    methods
      .filter(({ isPrivate: own, answers }) => !own && answers)
      .filter((method) => !asks(method, methods) && !method.reason && !classReason)
      .map(({ name }) => `${className}.${name}`),
  )

const repositories = readdirSync(MODULES, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.repository.ts'))
  .map((file) => readFileSync(join(MODULES, file), 'utf8'))

test('every read of a repository asks for the viewer, or says why it need not', () => {
  expect(repositories.length).toBeGreaterThan(15)
  const found = repositories.flatMap(unexplained)
  if (found.length === 0) return
  throw new Error(
    `${found.join(', ')}: whoever calls these sees all rows. Put \`withinReach\` or \`ownOrWithinReach\` into the WHERE, or say ` +
      'in the comment after @visibility why every viewer may be answered, or who has asked for them before.',
  )
})

test('a read that forgets the viewer is found, also behind a private method', () => {
  const forgetful = `class ThingRepository {
    async list(): Promise<Thing[]> { return this.all() }
    async mine(): Promise<Thing[]> { return this.visible() }
    /** @visibility things are public */
    async open(): Promise<Thing[]> { return this.all() }
    async add(): Promise<void> { await this.all() }
    private all() { return query }
    private visible() { return this.all().where(...ownOrWithinReach(this.db.caller.viewer, 'a', 'b')) }
  }`
  expect(unexplained(forgetful)).toEqual(['ThingRepository.list'])
})
