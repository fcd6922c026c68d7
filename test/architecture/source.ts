import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import ts from 'typescript'

/** A file under src/, reduced to what the rules ask about. */
export interface Source {
  /** Relative to the project, with forward slashes: `src/modules/post/post.service.ts`. */
  path: string
  imports: Import[]
  /** Lines on which it reads `process.env`. */
  environmentReads: number[]
}

export interface Import {
  line: number
  /** The file meant, without its ending: `src/core/error`; packages are left out. */
  target: string
}

export const PROJECT = dirname(dirname(__dirname))

export function readSources(folder = 'src'): Source[] {
  return readdirSync(join(PROJECT, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => posix.join(folder, file.replaceAll('\\', '/')))
    .filter((path) => path.endsWith('.ts') && !path.startsWith('src/sdk/generated/'))
    .sort()
    .map((path) => parseSource(path, readFileSync(join(PROJECT, path), 'utf8')))
}

export function parseSource(path: string, text: string): Source {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022)
  const source: Source = { path, imports: [], environmentReads: [] }
  const lineOf = (node: ts.Node) => file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1

  const visit = (node: ts.Node) => {
    const specifier = importedBy(node)
    if (specifier?.startsWith('.')) {
      const target = posix.join(posix.dirname(path), specifier).replace(/\.(ts|js)$/, '')
      source.imports.push({ line: lineOf(node), target })
    }
    if (readsEnvironment(node)) source.environmentReads.push(lineOf(node))
    ts.forEachChild(node, visit)
  }
  visit(file)
  return source
}

/** `import … from`, `export … from`, `import()`, `require()`, `import = require()` and `import('…').Type`, types included. */
function importedBy(node: ts.Node): string | undefined {
  const textOf = (literal: ts.Node | undefined) =>
    literal && ts.isStringLiteralLike(literal) ? literal.text : undefined
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return textOf(node.moduleSpecifier)
  if (ts.isExternalModuleReference(node)) return textOf(node.expression)
  if (ts.isImportTypeNode(node))
    return ts.isLiteralTypeNode(node.argument) ? textOf(node.argument.literal) : undefined
  if (!ts.isCallExpression(node)) return undefined
  const { expression } = node
  const isRequire = ts.isIdentifier(expression) && expression.text === 'require'
  return isRequire || expression.kind === ts.SyntaxKind.ImportKeyword ? textOf(node.arguments[0]) : undefined
}

/** `process.env`, `process['env']`, `const { env } = process`, `import { env } from 'node:process'`. */
function readsEnvironment(node: ts.Node): boolean {
  const isProcess = (expression: ts.Node | undefined) =>
    !!expression && ts.isIdentifier(expression) && expression.text === 'process'
  const named = (name: ts.Node | undefined) => !!name && ts.isIdentifier(name) && name.text === 'env'

  if (ts.isPropertyAccessExpression(node)) return isProcess(node.expression) && node.name.text === 'env'
  if (ts.isElementAccessExpression(node)) {
    const { expression, argumentExpression } = node
    return (
      isProcess(expression) && ts.isStringLiteralLike(argumentExpression) && argumentExpression.text === 'env'
    )
  }
  if (ts.isVariableDeclaration(node) && ts.isObjectBindingPattern(node.name)) {
    return (
      isProcess(node.initializer) &&
      node.name.elements.some((element) => named(element.propertyName ?? element.name))
    )
  }
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    const bindings = node.importClause?.namedBindings
    return (
      /^(node:)?process$/.test(node.moduleSpecifier.text) &&
      !!bindings &&
      ts.isNamedImports(bindings) &&
      bindings.elements.some((element) => named(element.propertyName ?? element.name))
    )
  }
  return false
}
