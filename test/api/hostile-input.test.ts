import {
  getNamedType,
  getNullableType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isRequiredArgument,
  isRequiredInputField,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
} from 'graphql'
import { declareSchema } from '../../src/graphql/schema'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld()

const schema = declareSchema()
const mutations = Object.values(schema.getMutationType()!.getFields())
const queries = Object.values(schema.getQueryType()!.getFields())
const ofViewer = Object.values(
  (
    schema.getType('User') as unknown as { getFields(): Record<string, GraphQLField<unknown, unknown>> }
  ).getFields(),
)

type Slot = GraphQLArgument | GraphQLInputField
type Path = readonly string[]

/** Something of a type that is well-formed and leads nowhere; a list holds one of it. */
function filler(type: GraphQLInputType): unknown {
  const nullable = getNullableType(type)
  if (isListType(nullable)) return [filler(nullable.ofType)]
  if (isEnumType(nullable)) return nullable.getValues()[0]!.name
  if (isInputObjectType(nullable)) return filled(Object.values(nullable.getFields()))
  const scalars: Record<string, unknown> = {
    Int: 1,
    Float: 1,
    Boolean: true,
    DateTime: '2025-01-01T00:00:00Z',
    JSONObject: {},
  }
  return scalars[nullable.name] ?? 'x'
}

const isRequired = (slot: Slot): boolean =>
  ('extensions' in slot && isRequiredInputField(slot)) || isRequiredArgument(slot)

/** The required ones of some arguments or fields, and those along `path`, whose end becomes `value`. */
function filled(slots: readonly Slot[], path: Path = [], value?: unknown): Record<string, unknown> {
  const [head, ...rest] = path
  const wanted = slots.filter((slot) => isRequired(slot) || slot.name === head)
  return Object.fromEntries(
    wanted.map((slot) => [slot.name, slot.name === head ? along(slot.type, rest, value) : filler(slot.type)]),
  )
}

function along(type: GraphQLInputType, path: Path, value: unknown): unknown {
  const nullable = getNullableType(type)
  if (isListType(nullable)) return [along(nullable.ofType, path, value)]
  return isInputObjectType(nullable) ? filled(Object.values(nullable.getFields()), path, value) : value
}

/** Where texts can be put in: the paths through arguments and inputs that end in a String, an ID or any JSON. */
function textPaths(slots: readonly Slot[]): Path[] {
  return slots.flatMap((slot) => {
    const type = getNamedType(slot.type)
    if (isInputObjectType(type))
      return textPaths(Object.values(type.getFields())).map((path) => [slot.name, ...path])
    return ['String', 'ID', 'JSON'].includes(type.name) ? [[slot.name]] : []
  })
}

function call(
  kind: 'query' | 'mutation' | 'viewer',
  { name, args, type }: GraphQLField<unknown, unknown>,
): string {
  const declared = args.map((argument) => `$${argument.name}: ${String(argument.type)}`).join(' ')
  const given = args.map((argument) => `${argument.name}: $${argument.name}`).join(' ')
  const field = `${name}${given && `(${given})`} ${isCompositeType(getNamedType(type)) ? '{ __typename }' : ''}`
  return `${kind === 'mutation' ? kind : 'query'} ${declared && `(${declared})`} { ${kind === 'viewer' ? `viewer { ${field} }` : field} }`
}

const ROOTS = [
  ...queries.map((field) => ['query', field] as const),
  ...mutations.map((field) => ['mutation', field] as const),
  ...ofViewer.map((field) => ['viewer', field] as const),
].filter(([, field]) => textPaths(field.args).length > 0)

describe('R56 what no client may set', () => {
  const GUARDED =
    'id ownerId authorId grantedById isAdmin isBuiltIn role roles status verifiedAt createdAt publishedAt version passwordHash constructor __proto__'.split(
      ' ',
    )

  test.each(mutations.filter(({ args }) => args.length > 0).map((field) => [field.name, field] as const))(
    '%s refuses every input field that is not its own, in nested inputs too',
    async (_name, field) => {
      const admin = await world.person({ role: 'admin' })
      const state = () =>
        world.db.query(
          'SELECT (SELECT count(*) FROM audit_events) AS events, (SELECT count(*) FROM users) AS users',
        )
      const before = await state()
      const input = filled(field.args).input as Record<string, unknown>
      const nested = Object.entries(input).filter(
        ([, value]) => Array.isArray(value) && typeof value[0] === 'object',
      )
      const fields = Object.keys(
        (getNamedType(field.args[0]!.type) as unknown as { getFields(): object }).getFields(),
      )
      for (const key of GUARDED.filter((each) => !fields.includes(each))) {
        const attempts = [
          { ...input, [key]: 'x' },
          ...nested.map(([name, value]) => ({
            ...input,
            [name]: [{ ...(value as object[])[0], [key]: 'x' }],
          })),
        ]
        for (const attempt of attempts) {
          const { status, data, errors } = await admin.api.send(call('mutation', field), { input: attempt })
          expect([key, status, data ?? null]).toEqual([key, 400, null])
          // One of them does not even get past the reading of the body.
          const message = expect.stringMatching(
            key === '__proto__' ? /^The body is not the JSON/ : `"${key}" is not defined by type`,
          )
          expect(errors).toMatchObject([{ message, extensions: { code: 'BAD_USER_INPUT' } }])
        }
      }
      expect(await state()).toEqual(before)
    },
  )
})

describe('R68 texts that mean something to a database', () => {
  const HOSTILE = [`'; DROP TABLE posts; --`, `%_\\" OR ""="" /*`, `$1 :id) UNION SELECT hash FROM passwords`]

  const isFault = (code: string) => code === 'INTERNAL' || code === 'UNAVAILABLE'

  test.each(ROOTS.map(([kind, field]) => [`${kind} ${field.name}`, kind, field] as const))(
    'are no more than texts in every argument of %s',
    async (_name, kind, field) => {
      const admin = await world.person({ role: 'admin' })
      for (const path of textPaths(field.args)) {
        for (const text of HOSTILE) {
          const { errors } = await admin.api.send(call(kind, field), filled(field.args, path, text))
          const faults = errors?.map((error) => error.extensions.code).filter(isFault) ?? []
          expect([path.join('.'), text, faults]).toEqual([path.join('.'), text, []])
        }
      }
      expect(await world.db.query(`SELECT to_regclass('posts') IS NOT NULL AS there`)).toEqual([
        { there: true },
      ])
    },
  )

  describe('come back as they were written', () => {
    const text = HOSTILE.join(' ')
    let admin: Person
    beforeAll(async () => {
      admin = await world.person({ role: 'admin' })
    })

    test('from a post', async () => {
      const create =
        'mutation ($title: String!, $body: String!) { createPost(input: { title: $title, body: $body, publish: true }) { post { id slug } } }'
      const { createPost } = await admin.api.data(create, { title: text, body: `${text}\n${text}` })
      const read =
        'query ($id: ID!, $slug: String!) { post(id: $id) { title body } postBySlug(slug: $slug) { title } }'
      const { post, postBySlug } = await world.anonymous.data(read, createPost.post)
      expect(post).toEqual({ title: text, body: `${text}\n${text}` })
      expect(postBySlug).toEqual({ title: text })
    })

    test('from a profile', async () => {
      const person = await world.person()
      const displayName = text.slice(0, 80).trim()
      const update =
        'mutation ($name: String!, $bio: String!) { updateProfile(input: { displayName: $name, bio: $bio }) { user { displayName bio } } }'
      const { updateProfile } = await person.api.data(update, { name: displayName, bio: text })
      expect(updateProfile.user).toEqual({ displayName, bio: text })
    })

    test('from a role', async () => {
      const name = `${unique()} ${HOSTILE[0]}`
      const create =
        'mutation ($name: String!, $text: String!) { createRole(input: { name: $name, description: $text, permissions: [] }) { role { name description } } }'
      const { createRole } = await admin.api.data(create, { name, text })
      expect(createRole.role).toEqual({ name, description: text })
    })

    test('and find what they name, not what a pattern would match', async () => {
      const person = await world.person()
      const count = async (prefix: string) =>
        (
          await admin.api.data(
            'query ($prefix: String) { users(filter: { usernamePrefix: $prefix }) { totalCount } }',
            { prefix },
          )
        ).users.totalCount
      expect(await count(person.username)).toBe(1)
      for (const prefix of [
        '%',
        `${person.username.slice(0, -1)}_`,
        `${person.username.slice(0, 3)}%`,
        `' OR true --`,
      ])
        expect(await count(prefix)).toBe(0)
      const byName = 'query ($name: String!) { userByUsername(username: $name) { id } }'
      for (const name of ['%', `${person.username}%`, `' OR true --`])
        expect(await admin.api.data(byName, { name })).toEqual({ userByUsername: null })
    })
  })
})
