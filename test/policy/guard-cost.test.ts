import { NO_AUTHORITY } from '../../src/core/authority'
import { isNonNullType, isObjectType, type GraphQLFieldResolver, type GraphQLResolveInfo } from 'graphql'
import { allow } from 'graphql-shield'
import { Context } from '../../src/context/context'
import { anonymous, type Viewer } from '../../src/core/viewer'
import { expand, guard } from '../../src/graphql/guard'
import { openWithoutConsent, permissions } from '../../src/graphql/permissions'
import { declareSchema } from '../../src/graphql/schema'

/* What the guard costs: nothing where everybody may see, no promise where a rule says yes at once. */

type Resolver = GraphQLFieldResolver<unknown, unknown> | undefined

/** Every field of the schema as it is executed, beside its resolver and its rule before the guard. */
function guardedFields() {
  const schema = declareSchema()
  const rules = expand(schema, permissions)
  const before = new Map<string, Resolver>()
  const each = (visit: (type: string, field: string, resolve: Resolver) => void) => {
    for (const type of Object.values(schema.getTypeMap())) {
      if (!isObjectType(type) || type.name.startsWith('__')) continue
      for (const field of Object.values(type.getFields())) visit(type.name, field.name, field.resolve)
    }
  }
  each((type, field, resolve) => before.set(`${type}.${field}`, resolve))
  guard(schema, permissions, { openWithoutConsent })
  // Where one comes in, what is required is asked of those who are signed in, where a refusal costs no more than that field.
  const isEntrance = (type: string, field: string) =>
    type === 'Query' &&
    !openWithoutConsent.Query!.includes(field) &&
    !isNonNullType(schema.getQueryType()!.getFields()[field]!.type)
  const fields: { name: string; isOpen: boolean; before: Resolver; after: Resolver }[] = []
  each((type, field, resolve) => {
    const name = `${type}.${field}`
    fields.push({
      name,
      isOpen: rules[type]![field] === allow && !isEntrance(type, field),
      before: before.get(name),
      after: resolve,
    })
  })
  return fields
}

const fields = guardedFields()

const SELF = '01890000-0000-7000-8000-000000000001'
const OTHER = '01890000-0000-7000-8000-000000000002'

const signedIn = (...held: string[]): Viewer => ({
  kind: 'signed-in',
  userId: SELF,
  sessionId: SELF,
  username: 'self',
  authenticatedAt: new Date(),
  ...NO_AUTHORITY,
  permissions: new Set(held) as Viewer['permissions'],
})

/** What the guarded resolver of `User.status`, a plain column with a rule of two parts, returns to graphql-js. */
function statusFor(viewer: Viewer, userId: string) {
  const context = new Context({ caller: { viewer, requestId: null, address: null } } as never, {} as never, {
    idempotencyKey: null,
  })
  const resolve = fields.find(({ name }) => name === 'User.status')!.after!
  const info = {
    parentType: { name: 'User' },
    fieldName: 'status',
    path: {},
  } as unknown as GraphQLResolveInfo
  const result: unknown = resolve({ id: userId, status: 'active' }, {}, context, info)
  return { result, context }
}

describe('the cost of the guard', () => {
  test('a field that everybody may see keeps its resolver, and one without a resolver gets none', () => {
    const open = fields.filter(({ isOpen }) => isOpen)
    expect(open.filter(({ before, after }) => before !== after)).toEqual([])
    expect(open.find(({ name }) => name === 'User.username')!.after).toBeUndefined()
    expect(open.find(({ name }) => name === 'Security.passkeys')!.after).toBeInstanceOf(Function)
  })

  test('a field with a rule is wrapped, and only such', () => {
    const wrapped = fields.filter(({ before, after }) => before !== after).map(({ name }) => name)
    expect(wrapped).toEqual(fields.filter(({ isOpen }) => !isOpen).map(({ name }) => name))
    expect(wrapped).toContain('User.status')
  })

  test('a yes that needs no waiting hands on what the resolver returns, without a promise', () => {
    expect(statusFor(signedIn(), SELF).result).toBe('active')
    expect(statusFor(signedIn('users:read'), OTHER).result).toBe('active')
  })

  test.each<[string, Viewer, string]>([
    ['a stranger', anonymous, 'UNAUTHENTICATED'],
    ['somebody else', signedIn(), 'FORBIDDEN'],
  ])('a no goes through shield: %s waits for it and is noted', async (_who, viewer, code) => {
    const { result, context } = statusFor(viewer, OTHER)
    expect(result).toBeInstanceOf(Promise)
    await expect((async () => result)()).resolves.toMatchObject({ extensions: { code } })
    expect([...context.refusals]).toEqual(['User.status'])
  })
})
