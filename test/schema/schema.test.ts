import { readFileSync } from 'node:fs'
import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  printSchema,
  type GraphQLField,
  type GraphQLFieldMap,
  type GraphQLObjectType,
} from 'graphql'
import { ERROR_CODES, UserErrorCode } from '../../src/core/error'
import { canRefuse, expand, type ShieldRule } from '../../src/graphql/guard'
import { permissions } from '../../src/graphql/permissions'
import { printContract } from '../../src/graphql/print-schema'
import { demandsStepUp } from '../../src/graphql/rules'
import { buildSchema, declareSchema } from '../../src/graphql/schema'

const schema = declareSchema()
const types = Object.values(schema.getTypeMap()).filter(
  (type) => !type.name.startsWith('__') && !(isScalarType(type) && isSpecifiedScalarType(type)),
)
const objectTypes = types.filter((type) => isObjectType(type))
const fieldsOf = (type: { getFields(): GraphQLFieldMap<unknown, unknown> }) => Object.values(type.getFields())
const fields = objectTypes.flatMap((type) =>
  fieldsOf(type).map((field) => ({ type, field, name: `${type.name}.${field.name}` })),
)

test('the committed schema is the one that is served', () => {
  if (readFileSync('schema/schema.graphql', 'utf8') !== printContract()) {
    throw new Error(
      'schema/schema.graphql is out of date. Run `npm run update`, review the change, and commit it.',
    )
  }
})

test('every type, field, argument and value is described', () => {
  const things = types.flatMap((type) => [
    { name: type.name, description: type.description },
    ...(isObjectType(type) || isInterfaceType(type)
      ? fieldsOf(type).flatMap((field) => withArguments(type.name, field))
      : []),
    ...(isInputObjectType(type)
      ? Object.values(type.getFields())
      : isEnumType(type)
        ? type.getValues()
        : []
    ).map(({ name, description }) => ({ name: `${type.name}.${name}`, description })),
  ])
  expect(things.length).toBeGreaterThan(300)
  expect(things.filter(({ description }) => !description?.trim()).map(({ name }) => name)).toEqual([])
  expect(schema.description).toContain('`ErrorCode`')
})

const withArguments = (parent: string, { name, description, args }: GraphQLField<unknown, unknown>) => [
  { name: `${parent}.${name}`, description },
  ...args.map((argument) => ({
    name: `${parent}.${name}(${argument.name}:)`,
    description: argument.description,
  })),
]

test('only what `node(id)` finds again is said to be found by it', () => {
  const promise = 'The global id; `node(id)` finds the thing again.'
  const ids = fields.filter(({ field }) => field.name === 'id')
  expect(ids.filter(({ field }) => field.description === promise).map(({ name }) => name)).toEqual(
    ids
      .filter(({ type }) => type.getInterfaces().some(({ name }) => name === 'Node'))
      .map(({ name }) => name),
  )
})

test('R64 every text that a client sends has a longest length, which its description tells', () => {
  const places = types.flatMap((type) => [
    ...(isObjectType(type)
      ? fieldsOf(type).flatMap(({ name, args }) =>
          args.map((argument) => ({ where: `${type.name}.${name}`, argument })),
        )
      : []),
    ...(isInputObjectType(type)
      ? Object.values(type.getFields()).map((argument) => ({ where: type.name, argument }))
      : []),
  ])
  const texts = places.filter(({ argument }) => getNamedType(argument.type).name === 'String')
  expect(texts.length).toBeGreaterThan(30)
  const unbounded = texts.filter(({ argument }) => !/\d characters\./.test(argument.description ?? ''))
  expect(unbounded.map(({ where, argument }) => `${where}(${argument.name}:)`)).toEqual([])
})

test('a field whose rule can refuse is nullable, so that a refusal costs that field only', () => {
  const rules = expand(schema, permissions)
  const refusable = fields.filter(({ type, field }) => canRefuse(rules[type.name]![field.name]!))
  expect(refusable.length).toBeGreaterThan(30)
  expect(refusable.filter(({ field }) => isNonNullType(field.type)).map(({ name }) => name)).toEqual([])
})

describe('mutations', () => {
  const mutations = fieldsOf(schema.getMutationType()!)
  const typeName = (name: string) => name.charAt(0).toUpperCase() + name.slice(1)

  test('take one input of their own name, or nothing where there is nothing to say', () => {
    const shapes = mutations.map(
      ({ name, args }) =>
        `${name}(${args.map((argument) => `${argument.name}: ${argument.type}`).join(', ')})`,
    )
    const expected = mutations.map(({ name }) =>
      SAYS_NOTHING.includes(name) ? `${name}()` : `${name}(input: ${typeName(name)}Input!)`,
    )
    expect(shapes).toEqual(expected)
  })

  test('answer a payload of their own name that may be null, with userErrors and results that may be null', () => {
    for (const { name, type } of mutations) {
      const payload = getNamedType(type) as GraphQLObjectType
      expect(type.toString()).toBe(`${typeName(name)}Payload`)
      const { userErrors, ...results } = payload.getFields()
      expect(`${name}: ${userErrors?.type}`).toBe(`${name}: [UserError!]!`)
      expect(
        Object.values(results)
          .filter((field) => isNonNullType(field.type))
          .map((field) => `${payload.name}.${field.name}`),
      ).toEqual([])
    }
  })
})

/** Who asks is all that these need to know. */
const SAYS_NOTHING = [
  'deactivateAccount',
  'removeAvatar',
  'requestDataExport',
  'requestErasure',
  'cancelErasure',
  'startPasskeySignIn',
  'startReauthentication',
  'startTotp',
  'addEmailCode',
  'startPasskeyRegistration',
  'replaceRecoveryCodes',
  'signOut',
  'rotateSession',
  'revokeOtherSessions',
  'stopImpersonation',
]

test('what is a moment ends in At, and what ends in At is a moment', () => {
  for (const { name, field } of fields) {
    expect(`${name} is a moment: ${getNamedType(field.type).name === 'DateTime'}`).toBe(
      `${name} is a moment: ${/At$/.test(field.name)}`,
    )
  }
})

test('R103 lists that are paged have the shape of Relay connections', () => {
  const connections = objectTypes.filter(({ name }) => name.endsWith('Connection'))
  expect(connections.length).toBeGreaterThan(3)
  const shapeOf = (type: GraphQLObjectType) =>
    Object.fromEntries(fieldsOf(type).map((field) => [field.name, field.type.toString()]))
  for (const connection of connections) {
    const node = connection.name.replace(/Connection$/, '')
    expect(shapeOf(connection)).toEqual({
      edges: `[${node}Edge!]!`,
      pageInfo: 'PageInfo!',
      totalCount: 'Int!',
    })
    expect(shapeOf(schema.getType(`${node}Edge`) as GraphQLObjectType)).toEqual({
      cursor: 'String!',
      node: `${node}!`,
    })
    for (const { name, field } of fields.filter((each) => getNamedType(each.field.type) === connection)) {
      const paging = Object.fromEntries(
        field.args.map((argument) => [argument.name, argument.type.toString()]),
      )
      expect({ name, ...paging }).toMatchObject({
        name,
        first: 'Int',
        after: 'String',
        last: 'Int',
        before: 'String',
      })
    }
  }
  expect(shapeOf(schema.getType('PageInfo') as GraphQLObjectType)).toEqual({
    hasNextPage: 'Boolean!',
    hasPreviousPage: 'Boolean!',
    startCursor: 'String',
    endCursor: 'String',
  })
})

/*
 * Clients switch on these words: lists to append to. Never remove, rename or reorder one.
 */
const PUBLISHED_ERROR_CODES = [
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'BAD_USER_INPUT',
  'CONFLICT',
  'REAUTHENTICATION_REQUIRED',
  'RATE_LIMITED',
  'QUERY_TOO_EXPENSIVE',
  'UNAVAILABLE',
  'INTERNAL',
  'REASON_REQUIRED',
  'CONSENT_REQUIRED',
]
const PUBLISHED_USER_ERROR_CODES = [
  'REQUIRED',
  'TOO_SHORT',
  'TOO_LONG',
  'INVALID',
  'TAKEN',
  'NOT_FOUND',
  'STALE',
  'INVALID_CREDENTIALS',
  'INVALID_CODE',
  'EXPIRED',
  'PASSWORD_TOO_COMMON',
  'PASSWORD_TOO_SIMILAR',
  'NOT_PERMITTED',
  'LAST_ADMIN',
  'PASSWORD_BREACHED',
  'FROZEN',
]

describe('R78 error codes', () => {
  const inSchema = (name: string) => {
    const type = schema.getType(name)
    return isEnumType(type) ? type.getValues().map((value) => value.name) : []
  }

  test('keep what has been published', () => {
    expect(Object.keys(ERROR_CODES).slice(0, PUBLISHED_ERROR_CODES.length)).toEqual(PUBLISHED_ERROR_CODES)
    expect(Object.values(UserErrorCode).slice(0, PUBLISHED_USER_ERROR_CODES.length)).toEqual(
      PUBLISHED_USER_ERROR_CODES,
    )
  })

  test('are all documented in the schema', () => {
    expect(inSchema('ErrorCode')).toEqual(Object.keys(ERROR_CODES))
    expect(inSchema('UserErrorCode')).toEqual(Object.values(UserErrorCode))
  })
})

test('the policy adds to the schema what it does, and changes nothing that clients see', () => {
  expect(printSchema(buildSchema())).toBe(printSchema(schema))
})

test('what the policy asks a fresh proof for says so, in the printed schema and to whoever explores', () => {
  const demanding = Object.values(schema.getMutationType()!.getFields()).filter(({ name }) =>
    demandsStepUp((permissions.Mutation as Record<string, ShieldRule>)[name]!),
  )
  expect(demanding.length).toBeGreaterThan(15)
  const printed = [...printContract().matchAll(/: (\w+) @stepUp\(within: 600\)$/gm)].map(([, type]) => type)
  expect(printed.sort()).toEqual(demanding.map(({ type }) => String(type)).sort())
  for (const { description } of demanding)
    expect(description).toMatch(/Asks for a proof of identity from the last 10 minutes\.$/)
})
