import { Kind, type DirectiveNode, type DocumentNode, type SelectionSetNode, type ValueNode } from 'graphql'
import { ApiError } from '../../core/error'
import { LIMITS } from './limits'

/**
 * What no honest text holds: control characters other than tab and line ends, half surrogate pairs (PostgreSQL stores
 * neither these nor NUL), and the marks that make text run backwards and read as what it is not (CVE-2021-42574).
 */
export const UNCLEAN = /(?![\t\n\r])\p{Cc}|\p{Cs}|\p{Bidi_Control}/u

const NAME = /^[$@]?[_A-Za-z][_0-9A-Za-z]{0,63}$/

type Path = readonly (string | number)[]

/** Documents found clean: Apollo Server hands out the same one for the same source. */
const clean = new WeakSet<DocumentNode>()

/**
 * Refuses unclean text in the literals of a document and anywhere in its variables, object keys included. The error
 * says where, and never what: the value may be a secret, and an unclean log line is the next victim.
 * @throws ApiError BAD_USER_INPUT, or QUERY_TOO_EXPENSIVE for variables larger or deeper than `LIMITS` allow.
 */
export function assertCleanText(document: DocumentNode, variables: unknown): void {
  if (!clean.has(document)) {
    for (const definition of document.definitions) {
      if (!('selectionSet' in definition)) continue
      for (const variable of definition.variableDefinitions ?? []) {
        const path = [`$${variable.variable.name.value}`]
        if (variable.defaultValue) assertCleanLiteral(variable.defaultValue, path)
        assertCleanDirectives(variable.directives, path)
      }
      assertCleanDirectives(definition.directives, [])
      assertCleanSelections(definition.selectionSet, [])
    }
    clean.add(document)
  }
  if (variables != null) assertCleanValue(variables, ['variables'], { values: LIMITS.variableValues + 1 })
}

function assertCleanSelections(selectionSet: SelectionSetNode | undefined, path: Path): void {
  for (const selection of selectionSet?.selections ?? []) {
    const here = selection.kind === Kind.FIELD ? [...path, selection.name.value] : path
    if (selection.kind === Kind.FIELD) {
      for (const argument of selection.arguments ?? []) {
        assertCleanLiteral(argument.value, [...here, argument.name.value])
      }
    }
    assertCleanDirectives(selection.directives, here)
    if (selection.kind !== Kind.FRAGMENT_SPREAD) assertCleanSelections(selection.selectionSet, here)
  }
}

function assertCleanDirectives(directives: readonly DirectiveNode[] | undefined, path: Path): void {
  for (const directive of directives ?? []) {
    for (const argument of directive.arguments ?? []) {
      assertCleanLiteral(argument.value, [...path, `@${directive.name.value}`, argument.name.value])
    }
  }
}

function assertCleanLiteral(value: ValueNode, path: Path): void {
  if (value.kind === Kind.STRING) {
    if (UNCLEAN.test(value.value)) throw unclean(path)
  } else if (value.kind === Kind.LIST) {
    value.values.forEach((item, index) => assertCleanLiteral(item, [...path, index]))
  } else if (value.kind === Kind.OBJECT) {
    for (const field of value.fields) assertCleanLiteral(field.value, [...path, field.name.value])
  }
}

/** Goes by own keys alone, so that a key `__proto__` is a key like any other. `path` is extended in place and restored. */
function assertCleanValue(value: unknown, path: (string | number)[], left: { values: number }): void {
  if (--left.values < 0) throw tooMuch('hold', LIMITS.variableValues, 'values')
  if (typeof value === 'string') {
    if (UNCLEAN.test(value)) throw unclean(path)
    return
  }
  if (typeof value !== 'object' || value === null) return
  const depth = path.length
  if (depth > LIMITS.variableDepth) throw tooMuch('nest', LIMITS.variableDepth, 'levels')
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      path[depth] = index
      assertCleanValue(value[index], path, left)
    }
  } else {
    for (const [key, item] of Object.entries(value)) {
      path[depth] = key
      if (UNCLEAN.test(key)) throw unclean(path)
      assertCleanValue(item, path, left)
    }
  }
  path.length = depth
}

/** Keys come from the client as well: one that could not be a name is not repeated. */
const unclean = (path: Path): ApiError => {
  const place = path.map((key) => (typeof key === 'number' || NAME.test(key) ? key : '?')).join('.')
  return new ApiError('BAD_USER_INPUT', `The text at ${place} holds characters that are not allowed in text.`)
}

const tooMuch = (verb: string, limit: number, what: string): ApiError =>
  new ApiError('QUERY_TOO_EXPENSIVE', `The variables ${verb} more than ${limit} ${what}.`, { limit })
