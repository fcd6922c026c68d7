import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import {
  concatAST,
  isEnumType,
  Kind,
  parse,
  separateOperations,
  specifiedRules,
  validate,
  type DocumentNode,
  type OperationDefinitionNode,
  type TypeNode,
} from 'graphql'
import { operationCost } from '../../src/graphql/limits/cost'
import { documentLimits } from '../../src/graphql/limits/document-limits'
import { LIMITS } from '../../src/graphql/limits/limits'
import { declareSchema } from '../../src/graphql/schema'

const FOLDER = 'schema/operations'
const schema = declareSchema()
const everything = concatAST(
  readdirSync(FOLDER).map((file) => parse(readFileSync(`${FOLDER}/${file}`, 'utf8'))),
)
const operations = Object.entries(separateOperations(everything))

test('the operations of the SDK are valid', () => {
  expect(validate(schema, everything, specifiedRules).map(({ message }) => message)).toEqual([])
})

test.each(operations)('%s is within the limits, also with the largest page', (name, document) => {
  expect(validate(schema, document, [documentLimits])).toEqual([])
  const query = queryOf(document)
  if (query) expect(operationCost(schema, document, largest(query), name)).toBeLessThanOrEqual(LIMITS.cost)
})

const queryOf = ({ definitions }: DocumentNode) =>
  definitions.find(
    (definition) => definition.kind === Kind.OPERATION_DEFINITION && definition.operation === 'query',
  ) as OperationDefinitionNode | undefined

/** A page of 100, every `@include`, and something for whatever is required. */
const largest = ({ variableDefinitions = [] }: OperationDefinitionNode): Record<string, unknown> =>
  Object.fromEntries(
    variableDefinitions
      // What has a default and is no switch keeps it.
      .filter(({ defaultValue }) => !defaultValue || defaultValue.kind === Kind.BOOLEAN)
      .map(({ variable, type, defaultValue }) => {
        if (variable.name.value === 'first') return [variable.name.value, 100]
        if (defaultValue) return [variable.name.value, true]
        return [variable.name.value, type.kind === Kind.NON_NULL_TYPE ? valueOf(type.type) : null]
      }),
  )

/** Something of a type. */
function valueOf(type: TypeNode): unknown {
  const named = type.kind === Kind.NAMED_TYPE ? schema.getType(type.name.value) : undefined
  if (isEnumType(named)) return named.getValues()[0]!.name
  return named?.name === 'DateTime' ? '2026-01-01T00:00:00Z' : 'x'
}

test('the generated SDK is what the contract and the operations make it', () => {
  const generate = `
    const { generate, loadContext } = require('@graphql-codegen/cli')
    loadContext('codegen.yml').then((context) => generate(context, false))
      .then(([file]) => process.stdout.write(file.content))`
  const fresh = execFileSync(process.execPath, ['-e', generate], { encoding: 'utf8', maxBuffer: 2 ** 24 })
  if (fresh !== readFileSync('src/sdk/generated/operations.ts', 'utf8')) {
    throw new Error(
      'src/sdk/generated/operations.ts is out of date. Run `npm run update` and commit the result.',
    )
  }
})
