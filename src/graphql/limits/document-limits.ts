import {
  GraphQLError,
  Kind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql'
import { validationAbortedError } from 'graphql/validation/validationAbortedError'
import type { ErrorCode } from '../../core/error'
import { LIMITS } from './limits'

/** What a selection set comes to when all its fragments are expanded. */
interface Extent {
  depth: number
  selections: number
  aliases: number
  /** Fields at its own level. */
  width: number
  /** Those of them that are credential mutations, should this be the root of a mutation. */
  credentialMutations: number
}

const NOTHING: Extent = { depth: 0, selections: 0, aliases: 0, width: 0, credentialMutations: 0 }

const CODE: ErrorCode = 'QUERY_TOO_EXPENSIVE'

/** Beyond this, nested fragments have grown past any number worth printing. */
const MANY = 1_000_000

/**
 * The validation rule that holds a document to `LIMITS`. It takes time linear in the document, and a document that it
 * refuses is not examined further: the rules of graphql-js compare fields pairwise and locate every error they find.
 */
export const documentLimits: ValidationRule = (context) => ({
  Document(document) {
    const refusals = refusalsOf(context, document)
    if (refusals.length === 0) return
    refusals.forEach((refusal) => context.reportError(refusal))
    throw validationAbortedError
  },
})

function refusalsOf(context: ValidationContext, document: DocumentNode): GraphQLError[] {
  const refusals: GraphQLError[] = []
  const check = (what: string, found: number, limit: number, node?: OperationDefinitionNode) => {
    if (found <= limit) return
    const count = found > MANY ? `more than ${MANY}` : found
    const message = `The ${node ? 'operation' : 'document'} has ${count} ${what}; the limit is ${limit}.`
    refusals.push(
      new GraphQLError(message, {
        nodes: node,
        extensions: { code: CODE, limit, found: Math.min(found, MANY) },
      }),
    )
  }

  check('lines', linesOf(document), LIMITS.lines)
  if (refusals.length > 0) return refusals

  const operations = document.definitions.filter(
    (definition) => definition.kind === Kind.OPERATION_DEFINITION,
  )
  const fragments = document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
  check('operations', operations.length, LIMITS.operations)
  check('fragments', fragments.length, LIMITS.fragments)
  check('directives', directivesOf(document), LIMITS.directives)
  if (refusals.length > 0) return refusals

  const extentOf = extentReader(context)
  for (const operation of operations) {
    const extent = extentOf(operation.selectionSet)
    check('levels of fields', extent.depth, LIMITS.depth, operation)
    check('aliases', extent.aliases, LIMITS.aliases, operation)
    check('root fields', extent.width, LIMITS.rootFields, operation)
    check('fields and fragments, all fragments expanded,', extent.selections, LIMITS.selections, operation)
    if (operation.operation === 'mutation') {
      check(
        'mutations that try a credential',
        extent.credentialMutations,
        LIMITS.credentialMutations,
        operation,
      )
    }
  }
  return refusals
}

/** Measures selection sets, each fragment once however often it is spread. */
function extentReader(context: ValidationContext): (selectionSet: SelectionSetNode) => Extent {
  const extents = new Map<string, Extent>()
  const mutations = context.getSchema().getMutationType()?.getFields()
  const isCredentialMutation = (name: string) => mutations?.[name]?.extensions.credential === true

  const extentOf = (selectionSet: SelectionSetNode | undefined): Extent =>
    selectionSet ? selectionSet.selections.map(extentOfSelection).reduce(plus, NOTHING) : NOTHING

  function extentOfSelection(selection: SelectionNode): Extent {
    if (selection.kind !== Kind.FIELD) {
      const inside =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? extentOfFragment(context.getFragment(selection.name.value))
          : extentOf(selection.selectionSet)
      return { ...inside, selections: inside.selections + 1 }
    }
    const name = selection.name.value
    const inside = extentOf(selection.selectionSet)
    return {
      depth: name === '__schema' || name === '__type' ? 0 : inside.depth + 1,
      selections: inside.selections + 1,
      aliases: inside.aliases + (selection.alias ? 1 : 0),
      width: 1,
      credentialMutations: isCredentialMutation(name) ? 1 : 0,
    }
  }

  function extentOfFragment(fragment: FragmentDefinitionNode | null | undefined): Extent {
    if (!fragment) return NOTHING
    const known = extents.get(fragment.name.value)
    if (known) return known
    // A fragment inside itself counts as nothing here; NoFragmentCycles refuses it.
    extents.set(fragment.name.value, NOTHING)
    const extent = extentOf(fragment.selectionSet)
    extents.set(fragment.name.value, extent)
    return extent
  }

  return extentOf
}

const plus = (a: Extent, b: Extent): Extent => ({
  depth: Math.max(a.depth, b.depth),
  selections: a.selections + b.selections,
  aliases: a.aliases + b.aliases,
  width: a.width + b.width,
  credentialMutations: a.credentialMutations + b.credentialMutations,
})

function directivesOf(document: DocumentNode): number {
  const within = (selectionSet: SelectionSetNode | undefined): number =>
    (selectionSet?.selections ?? []).reduce((count, selection) => {
      const inside = selection.kind === Kind.FRAGMENT_SPREAD ? 0 : within(selection.selectionSet)
      return count + inside + (selection.directives?.length ?? 0)
    }, 0)

  let count = 0
  for (const definition of document.definitions) {
    if (!('selectionSet' in definition)) continue
    count += (definition.directives?.length ?? 0) + within(definition.selectionSet)
    for (const variable of definition.variableDefinitions ?? []) count += variable.directives?.length ?? 0
  }
  return count
}

const linesOf = (document: DocumentNode): number =>
  1 + (document.loc?.source.body.match(/\r\n|[\n\r]/g)?.length ?? 0)
