// A plugin of graphql-codegen: after the typed documents, one method for each operation, with the words of the schema.
// An operation asks for one field of its root, or for one field of `viewer`; its method answers that field.
const { getNamedType, Kind } = require('graphql')

const lowerFirst = (name) => name.charAt(0).toLowerCase() + name.slice(1)

module.exports.plugin = (schema, files) => {
  const operations = files
    .flatMap(({ document }) => document.definitions)
    .filter(({ kind }) => kind === Kind.OPERATION_DEFINITION)
    .map((operation) => describe(schema, operation))
    .sort((a, b) => a.method.localeCompare(b.method))
  return {
    prepend: ["import { listOf, type CallOptions, type List, type Road } from '../road'"],
    content: [
      errorCodes(schema),
      '/** What can be asked of Portico. */',
      'export interface Operations {',
      ...operations.map(({ method, description, type }) => `${description}  ${method}: ${type}`),
      '}',
      '',
      '/** All operations, sent along a road. */',
      'export const operationsAlong = (road: Road): Operations => ({',
      ...operations.map(({ method, body }) => `  ${method}: ${body},`),
      '})',
    ].join('\n'),
  }
}

function describe(schema, { name: { value: name }, operation, variableDefinitions, selectionSet }) {
  const { path, field } = answerOf(schema.getRootType(operation), selectionSet, name)
  const answer = path.reduce(
    (type, key, depth) => `${depth > 0 ? `NonNullable<${type}>` : type}['${key}']`,
    `${name}Answer`,
  )
  const take = `({ ${path[0]} }) => ${path.join('?.')}${path.length > 1 ? ' ?? null' : ''}`
  const document = `${name}Document`
  const common = { method: lowerFirst(name), description: comment(field) }

  const given = argumentsOf(schema, name, variableDefinitions)
  if (operation === 'subscription') {
    const [parameter, argument] = [given.parameter, given.name].map((each) => each.replace(/, $/, ''))
    const type = `(${parameter}) => AsyncIterableIterator<NonNullable<${answer}>>`
    return {
      ...common,
      type,
      body: `(${argument}) => road.listen(${document}, ${given.variables}, ${take}!)`,
    }
  }
  if (field.type.toString().replace('!', '').endsWith('Connection')) {
    const send = `(variables, options) => road.send(${document}, variables, options, ${take})`
    return { ...common, type: `List<${name}Variables, ${answer}>`, body: `listOf(${send})` }
  }
  // An error is the only reason for a mutation or a subscription to answer null, and is thrown.
  const [result, sure] = operation === 'mutation' ? [`NonNullable<${answer}>`, '!'] : [answer, '']
  return {
    ...common,
    type: `(${given.parameter}options?: CallOptions) => Promise<${result}>`,
    body: `(${given.name}options) => road.send(${document}, ${given.variables}, options, ${take}${sure})`,
  }
}

/** What a method answers: the one root field, or where that is `viewer` and holds one field only, the latter. */
function answerOf(type, { selections }, operation) {
  if (selections.length !== 1) throw new Error(`${operation} has to ask for one field of ${type.name}.`)
  const field = type.getFields()[selections[0].name.value]
  const inner = field.name === 'viewer' && selections[0].selectionSet.selections
  if (inner?.length !== 1 || inner[0].kind !== Kind.FIELD) return { path: [field.name], field }
  const nested = answerOf(getNamedType(field.type), selections[0].selectionSet, operation)
  return { path: [field.name, ...nested.path], field: nested.field }
}

/** A mutation's method takes the `input` itself, with the client's way of carrying tokens filled in; others the variables. */
function argumentsOf(schema, operation, variables) {
  if (variables.length === 0) return { parameter: '', name: '', variables: '{}' }
  if (variables.length > 1 || variables[0].variable.name.value !== 'input') {
    const isOptional = variables.every(
      ({ type, defaultValue }) => defaultValue || type.kind !== Kind.NON_NULL_TYPE,
    )
    return {
      parameter: `variables${isOptional ? '?' : ''}: ${operation}Variables, `,
      name: 'variables, ',
      variables: isOptional ? 'variables ?? {}' : 'variables',
    }
  }
  const input = schema.getType(variables[0].type.type.name.value)
  const value = input.getFields().transport ? 'input: { transport: road.transport, ...input }' : 'input'
  return { parameter: `input: ${input.name}, `, name: 'input, ', variables: `{ ${value} }` }
}

const comment = ({ description, deprecationReason }) =>
  `  /** ${description}${deprecationReason ? ` @deprecated ${deprecationReason}` : ''} */\n`

function errorCodes(schema) {
  const { description, ...type } = schema.getType('ErrorCode').toConfig()
  const codes = Object.entries(type.values).map(
    ([code, value]) => `  /** ${value.description} */\n  | '${code}'`,
  )
  return [`/** ${description} */`, 'export type ErrorCode =', ...codes, ''].join('\n')
}
