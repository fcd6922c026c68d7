import {
  buildSchema,
  getIntrospectionQuery,
  GraphQLError,
  parse,
  specifiedRules,
  validate,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql'
import { ApiError } from '../../src/core/error'
import { assertCleanText } from '../../src/graphql/limits/clean-text'
import { assertAffordable, operationCost } from '../../src/graphql/limits/cost'
import { documentLimits } from '../../src/graphql/limits/document-limits'
import { LIMITS, parseDocument } from '../../src/graphql/limits/limits'

const schema = testSchema()

function testSchema(): GraphQLSchema {
  const page = '(first: Int, after: String, last: Int, before: String)'
  const built = buildSchema(/* GraphQL */ `
    interface Node { id: ID! }
    union Thing = User | Post
    type PageInfo { hasNextPage: Boolean!  endCursor: String }
    type UserConnection { edges: [UserEdge!]!  nodes: [User!]!  pageInfo: PageInfo!  totalCount: Int! }
    type UserEdge { node: User!  cursor: String! }
    type PostConnection { edges: [PostEdge!]!  nodes: [Post!]!  pageInfo: PageInfo! }
    type PostEdge { node: Post! }
    type Role { name: String! }
    type User implements Node {
      id: ID!  username: String!  bio: String  friend(of: ID): User  tags: [String!]!
      roles: [Role!]  badges: [Role!]  score: Int
      posts${page}: PostConnection!  friends${page}: UserConnection!
    }
    type Post implements Node { id: ID!  title: String!  author: User  posts${page}: PostConnection! }
    input Filter { and: [Filter!]  text: String  ids: [ID!] }
    type Query {
      viewer: User
      node(id: ID!): Node
      nodes(ids: [ID!]!): [Node]!
      users(filter: Filter, first: Int = 30, last: Int): UserConnection
      posts${page}: PostConnection!
      thing: Thing
    }
    type Mutation { signIn(login: String): User  resetPassword(login: String): User  updateProfile(bio: String): User }
  `)
  const user = built.getType('User') as GraphQLObjectType
  user.getFields()['badges']!.extensions = { listSize: 3 }
  user.getFields()['score']!.extensions = { complexity: 50 }
  const mutations = built.getMutationType()!.getFields()
  mutations['signIn']!.extensions = { credential: true }
  mutations['resetPassword']!.extensions = { credential: true }
  return built
}

const times = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ')

/** The refusals of `documentLimits` alone; `Validation aborted.` ends them, as with every rule that gives up. */
const refusals = (source: string) =>
  validate(schema, parse(source), [documentLimits]).filter(({ message }) => message !== 'Validation aborted.')

function expectRefused(source: string, what: string, limit: number, found: number) {
  const [refusal, ...others] = refusals(source)
  expect(others).toEqual([])
  expect(refusal?.message).toContain(`${found} ${what}`)
  expect(refusal?.extensions).toEqual({ code: 'QUERY_TOO_EXPENSIVE', limit, found })
}

function failure(action: () => unknown): ApiError {
  try {
    action()
  } catch (error) {
    expect(error).toBeInstanceOf(ApiError)
    return error as ApiError
  }
  throw new Error('Expected a failure.')
}

describe('a document', () => {
  it('R69 is refused beyond 1,000 tokens', () => {
    expect(() => parseDocument(`{ viewer { ${'id '.repeat(995)} } }`)).not.toThrow()
    expect(failure(() => parseDocument(`{ viewer { ${'id '.repeat(996)} } }`)).code).toBe(
      'QUERY_TOO_EXPENSIVE',
    )
    expect(
      failure(() => parseDocument('#\n'.repeat(LIMITS.comments + 1) + '{ viewer { id } }')).message,
    ).toMatch(/comments/)
  })

  it.each([
    ['{ users(filter: ', '['],
    ['', '{ a '],
    ['{ users(filter: ', '{ and: '],
    ['query ($v: ', '['],
    ['{ ', '... { '],
  ])('R72 of 100,000 nested brackets is a client error without a stack: %s%s', (start, bracket) => {
    const error = failure(() => parseDocument(start + bracket.repeat(100_000)))
    expect(error.code).toBe('QUERY_TOO_EXPENSIVE')
    expect(error.message).not.toMatch(/stack|RangeError/i)
  })

  it('says where it is no GraphQL', () => {
    expect(failure(() => parseDocument('{\n  viewer { id ]')).extensions).toEqual({
      code: 'BAD_USER_INPUT',
      line: 2,
      column: 15,
    })
  })

  it.each([
    ['a string', '{ node(id: "\ud800") { id } }'],
    ['an escape', '{ node(id: "\\uD800") { id } }'],
    ['an escape in braces', '{ node(id: "\\u{DC00}") { id } }'],
    ['a block string', '{ node(id: """\udc00""") { id } }'],
    ['a comment', '{ viewer { id } } # \ud83d'],
    ['the open', '{ viewer \udfff { id } }'],
  ])('R65 with a lone surrogate in %s is refused', (_place, source) => {
    expect(failure(() => parseDocument(source)).code).toBe('BAD_USER_INPUT')
  })

  it('R69 of 12 levels passes, of 13 not', () => {
    const deep = (levels: number) =>
      '{ viewer ' + '{ friend '.repeat(levels - 2) + '{ id }' + ' }'.repeat(levels - 1)
    expect(refusals(deep(12))).toEqual([])
    expectRefused(deep(13), 'levels of fields', LIMITS.depth, 13)
  })

  it('R69 is measured through fragments and inline fragments', () => {
    const source = (above: number) =>
      `{ viewer ${'{ friend '.repeat(above)} { ...half } ${'}'.repeat(above)} }
       fragment half on User { friend { friend { friend { ... on Node { id } } } } }`
    expect(refusals(source(7))).toEqual([])
    expectRefused(source(8), 'levels of fields', LIMITS.depth, 13)
  })

  it('R69 lets introspection be as deep as graphql-js does', () => {
    const everything = getIntrospectionQuery({
      inputValueDeprecation: true,
      oneOf: true,
      specifiedByUrl: true,
    })
    const document = parseDocument(everything)
    expect(validate(schema, document, [...specifiedRules, documentLimits])).toEqual([])
    expect(() => assertAffordable(operationCost(schema, document, {}))).not.toThrow()
  })

  it('R69 of 15 aliases passes, of 16 not, `__typename` included', () => {
    const source = (count: number) => `{ viewer { ${times(count, (i) => `a${i}: __typename`)} } }`
    expect(refusals(source(15))).toEqual([])
    expectRefused(source(16), 'aliases', LIMITS.aliases, 16)
  })

  it('R69 counts an alias in a fragment at each of its spreads', () => {
    const source = (count: number) =>
      `{ viewer { ${times(count, () => '...f friend { ...f }')} } } fragment f on User { a: id ...g } fragment g on User { b: id }`
    expect(refusals(source(3))).toEqual([])
    expectRefused(source(4), 'aliases', LIMITS.aliases, 16)
  })

  it('R69 bounds root fields, through fragments', () => {
    expect(refusals(`{ ${times(10, () => 'viewer { id }')} }`)).toEqual([])
    expectRefused(`{ ${times(11, () => '__typename')} }`, 'root fields', LIMITS.rootFields, 11)
    expectRefused(
      '{ ...r ... { ...r } viewer { id } } fragment r on Query { viewer { id } ...s ...s } fragment s on Query { __typename a: __typename }',
      'root fields',
      LIMITS.rootFields,
      11,
    )
  })

  it('R69 bounds directives wherever they stand', () => {
    const skip = '@skip(if: false) '
    expectRefused(
      `query ($v: Int ${skip.repeat(8)}) ${skip.repeat(8)} { viewer ${skip.repeat(8)} { ...f ${skip.repeat(4)} ... ${skip} { id } } }
       fragment f on User ${skip} { id ${skip} }`,
      'directives',
      LIMITS.directives,
      31,
    )
  })

  it('R69 bounds operations and fragments', () => {
    expectRefused(
      times(11, (i) => `query q${i} { viewer { id } }`),
      'operations',
      LIMITS.operations,
      11,
    )
    const fragments = (count: number) =>
      `{ viewer { ${times(count, (i) => `...f${i}`)} } } ${times(count, (i) => `fragment f${i} on User { id }`)}`
    expect(refusals(fragments(50))).toEqual([])
    expectRefused(fragments(51), 'fragments', LIMITS.fragments, 51)
  })

  it('R69 checks every operation, not only the first', () => {
    expectRefused(
      `query a { viewer { id } } query b { ${times(12, () => '__typename')} }`,
      'root fields',
      10,
      12,
    )
  })

  it('R73 bounds its lines, because each error reads all of them', () => {
    expect(refusals('\n'.repeat(LIMITS.lines - 1) + '{ viewer { id } }')).toEqual([])
    expectRefused('\r\n'.repeat(LIMITS.lines) + '{ viewer { id } }', 'lines', LIMITS.lines, LIMITS.lines + 1)
  })

  it('R73 of exponentially nested fragments is refused before it is expanded', () => {
    const bomb = `{ viewer { ...f0 } } ${times(49, (i) => `fragment f${i} on User { ...f${i + 1} ...f${i + 1} ...f${i + 1} }`)} fragment f49 on User { id }`
    const [refusal] = refusals(bomb)
    expect(refusal?.message).toContain('more than 1000000 fields and fragments')
    expect(failure(() => operationCost(schema, parseDocument(bomb), {})).code).toBe('QUERY_TOO_EXPENSIVE')
  })

  it('R73 with fragments in a circle is measured once round and refused by graphql-js', () => {
    const circle = parseDocument(
      '{ viewer { ...a } } fragment a on User { ...b friend { ...a } } fragment b on User { ...a id }',
    )
    expect(validate(schema, circle, [documentLimits])).toEqual([])
    expect(
      validate(schema, circle, [...specifiedRules, documentLimits]).map((error) => error.message),
    ).toContain('Cannot spread fragment "a" within itself via "b".')
    expect(operationCost(schema, circle, {})).toBeLessThan(100)
  })

  it('R73 that is refused is not examined by the remaining rules', () => {
    const source = `{ ${times(200, (i) => `unknown${i}`)} }`
    const messages = validate(schema, parse(source), [...specifiedRules, documentLimits]).map(
      (error) => error.message,
    )
    expect(messages).toEqual(['The operation has 200 root fields; the limit is 10.', 'Validation aborted.'])
  })

  it('R73 of the worst kinds known takes no unreasonable time', () => {
    const hostile = [
      `{ viewer { ${'id '.repeat(990)} } }`,
      `{ ${times(10, (i) => `viewer { ${`friend(of: ${i}) { id } `.repeat(11)} }`)} }`,
      `{ viewer { ${times(480, (i) => `usernam${i}`)} } }`,
      `{ viewer { ...f0 } } ${times(48, (i) => `fragment f${i} on User { tags id friend { id } ...f${i + 1} }`)} fragment f48 on User { id }`,
      `${'\n'.repeat(95_000)}{ ${times(990, (i) => `z${i}`)} }`,
      `{ ${'a'.repeat(99_000)} }`,
      '#\n'.repeat(49_000),
      '{ viewer { ' + '... { '.repeat(300) + 'id' + ' }'.repeat(302),
    ]
    for (const source of hostile) {
      const start = performance.now()
      try {
        const document = parseDocument(source)
        const errors = validate(schema, document, [...specifiedRules, documentLimits])
        if (errors.length === 0) operationCost(schema, document, {})
      } catch (error) {
        expect(error).toBeInstanceOf(GraphQLError)
      }
      // 30 ms on a quiet machine; this guards against another order of magnitude.
      expect(performance.now() - start).toBeLessThan(1_000)
    }
  })

  it('tries one credential per request, fragments and aliases included', () => {
    const limit = LIMITS.credentialMutations
    const what = 'mutations that try a credential'
    expect(refusals('mutation { signIn { id } updateProfile { id } again: updateProfile { id } }')).toEqual(
      [],
    )
    expectRefused('mutation { signIn { id } again: signIn { id } }', what, limit, 2)
    expectRefused(
      'mutation { signIn { id } ... { ... on Mutation { resetPassword { id } } } }',
      what,
      limit,
      2,
    )
    expectRefused('mutation { ...f ...f } fragment f on Mutation { signIn { id } }', what, limit, 2)
    expect(refusals('mutation a { signIn { id } } mutation b { signIn { id } }')).toEqual([])
    expect(refusals('query { signIn again: signIn }')).toEqual([])
  })
})

describe('the cost', () => {
  const cost = (source: string, variables?: Record<string, unknown> | null, operationName?: string | null) =>
    operationCost(schema, parseDocument(source), variables, operationName)

  it.each([
    ['{ viewer { id username } }', 3],
    ['{ viewer { tags } }', 2],
    ['{ viewer { score } }', 51],
    ['{ viewer { roles { name } } }', 12],
    ['{ viewer { badges { name } } }', 5],
    ['{ posts(first: 2) { edges { node { id title } } } }', 80 + 2 * 4],
    ['{ posts(first: 2) { nodes { id title } } }', 80 + 2 * 3],
    ['{ posts(first: 2) { nodes { id } pageInfo { hasNextPage endCursor } } }', 80 + 2 * 2],
    ['{ nodes(ids: ["a", "b", "c"]) { id __typename } }', 1 + 3 * 2],
    ['{ nodes(ids: []) { id } }', 1],
    ['{ nodes(ids: "a") { id } }', 2],
    ['{ thing { ... on User { id username } ... on Post { id } } }', 3],
    ['{ a: viewer { id } b: viewer { id } }', 4],
    ['{ viewer { id @skip(if: true) username @include(if: false) bio } }', 2],
  ])('of %s is %i', (source, expected) => {
    expect(cost(source)).toBe(expected)
  })

  it('R70 multiplies through nested pages', () => {
    const nested = (...sizes: number[]) =>
      '{ viewer { id ' +
      sizes.map((size) => `posts(first: ${size}) { nodes { id `).join('') +
      '} } '.repeat(sizes.length) +
      '} }'
    expect(cost(nested(100))).toBe(2 + 80 + 100 * 2)
    expect(cost(nested(100, 20))).toBe(2 + 80 + 100 * (2 + 80 + 20 * 2))
    expect(() => assertAffordable(cost(nested(100, 100, 100)))).toThrow(/limit is 10000/)
    expect(failure(() => assertAffordable(cost(nested(100, 100, 100))))).toMatchObject({
      code: 'QUERY_TOO_EXPENSIVE',
      extensions: { cost: 2 + 80 + 100 * (1 + 1 + 80 + 100 * (1 + 1 + 80 + 100 * 2)), limit: LIMITS.cost },
    })
  })

  it('R70 lets a page of 34 carry a list of 20 with eight scalars everywhere', () => {
    const scalars = times(8, () => 'id')
    const value = cost(
      `{ users(first: 34) { edges { node { ${scalars} posts { edges { node { ${scalars} } } } } } } }`,
    )
    expect(value).toBe(80 + 34 * (2 + 8 + 80 + 20 * (2 + 8)))
    expect(() => assertAffordable(value)).not.toThrow()
    expect(() =>
      assertAffordable(
        cost('{ users(first: 100) { nodes { posts(first: 100) { nodes { author { id } } } } } }'),
      ),
    ).toThrow(ApiError)
  })

  it('R70 takes a page size the same as literal, variable, variable default and argument default', () => {
    const page = '{ nodes { id } }'
    expect(cost(`{ posts(first: 70) ${page} }`)).toBe(80 + 140)
    expect(cost(`query ($n: Int) { posts(first: $n) ${page} }`, { n: 70 })).toBe(80 + 140)
    expect(cost(`query ($n: Int!) { posts(last: $n) ${page} }`, { n: 70 })).toBe(80 + 140)
    expect(cost(`query ($n: Int = 70) { posts(first: $n) ${page} }`)).toBe(80 + 140)
    expect(cost(`query ($n: Int = 70) { posts(first: $n) ${page} }`, null)).toBe(80 + 140)
    expect(cost(`query ($n: Int = 5) { posts(first: $n) ${page} }`, { n: 70 })).toBe(80 + 140)
    expect(cost(`query ($n: Int) { users(first: $n) ${page} }`)).toBe(80 + 60)
    expect(cost(`query ($i: [ID!]!) { nodes(ids: $i) { id } }`, { i: Array(70).fill('x') })).toBe(71)
    expect(cost(`query ($i: [ID!] = ["x", "y"]) { nodes(ids: $i) { id } }`)).toBe(3)
  })

  it('R70 reads null and a missing size as the default page, a negative one as none, a large one as it stands', () => {
    expect(cost('{ posts { nodes { id } } }')).toBe(80 + 40)
    expect(cost('{ posts(first: null) { nodes { id } } }')).toBe(80 + 40)
    expect(cost('query ($n: Int) { posts(first: $n) { nodes { id } } }', { n: null })).toBe(80 + 40)
    expect(cost('{ posts(first: null, last: 3) { nodes { id } } }')).toBe(80 + 6)
    expect(cost('{ posts(first: 0) { nodes { id } } }')).toBe(80)
    expect(cost('{ posts(first: -2147483648) { nodes { id } } }')).toBe(80)
    expect(cost('{ posts(first: 2147483647) { nodes { id } } }')).toBe(80 + 2147483647 * 2)
  })

  it('R70 stays a number when sizes multiply past all integers', () => {
    const posts = 'posts(first: 2147483647) { nodes { '
    const source = `{ ${posts.repeat(40)} id ${'} } '.repeat(40)} }`
    expect(cost(source)).toBe(Number.MAX_SAFE_INTEGER)
    expect(cost(source.replace('2147483647', '0'))).toBe(80)
  })

  it('charges for items even when everything on them is skipped', () => {
    expect(cost('{ nodes(ids: ["a", "b"]) { id @skip(if: true) } }')).toBe(3)
  })

  it('is that of the operation that runs', () => {
    const source = 'query one { viewer { id } } query two { viewer { id username } }'
    expect(cost(source, {}, 'one')).toBe(2)
    expect(cost(source, {}, 'two')).toBe(3)
    expect(cost(source, {}, 'three')).toBe(0)
    expect(cost(source, {}, null)).toBe(0)
    expect(cost('{ viewer { id } }', {}, 'one')).toBe(0)
  })

  it.each([
    ['missing', {}],
    ['null', { n: null }],
    ['of another type', { n: 'many' }],
    ['R67 too large an Int', { n: 2 ** 31 }],
    ['R67 not finite', { n: 1e400 }],
    ['R67 not a number', { n: Number.NaN }],
  ])('with a variable that is %s is the client’s mistake', (_case, variables) => {
    const error = failure(() => cost('query ($n: Int!) { posts(first: $n) { nodes { id } } }', variables))
    expect(error.code).toBe('BAD_USER_INPUT')
    expect(error.message).toContain('$n')
  })

  it('ignores unknown variables, `__proto__` and `constructor` among them (R67)', () => {
    const variables = JSON.parse('{"n":1,"other":2,"__proto__":{"n":9},"constructor":{"prototype":{"n":9}}}')
    expect(cost('query ($n: Int) { posts(first: $n) { nodes { id } } }', variables)).toBe(80 + 2)
    expect(cost('query ($constructor: Int) { posts(first: $constructor) { nodes { id } } }', {})).toBe(
      80 + 40,
    )
  })

  it('with null for an argument that cannot be null is the client’s mistake', () => {
    const source = 'query ($i: [ID!] = []) { nodes(ids: $i) { id } }'
    expect(failure(() => cost(source, { i: null })).code).toBe('BAD_USER_INPUT')
  })

  it('does not repeat a whole request in its complaint', () => {
    const variables = { f: { and: 'x'.repeat(50_000) } }
    const error = failure(() => cost('query ($f: Filter) { users(filter: $f) { totalCount } }', variables))
    expect(error.message.length).toBeLessThanOrEqual(300)
  })

  it('R71 lets the whole schema be read twice at a time, not three times', () => {
    const read = (count: number) => `{ ${times(count, (i) => `s${i}: __schema { types { name } }`)} }`
    expect(() => assertAffordable(cost(read(2)))).not.toThrow()
    expect(() => assertAffordable(cost(read(3)))).toThrow(ApiError)
  })
})

describe('text', () => {
  const document = parseDocument('{ viewer { id } }')
  const refused = (variables: unknown) => failure(() => assertCleanText(document, variables))

  it.each([
    ['NUL', '\0'],
    ['a bell', '\u0007'],
    ['a vertical tab', '\v'],
    ['an escape', '\u001b[2J'],
    ['DEL', '\u007f'],
    ['a control sequence of one character', '\u009b31m'],
    ['a line end of other machines', '\u0085'],
    ['half a surrogate pair', '\ud83d'],
    ['the other half', 'a\ude00'],
    ['a right-to-left override', '\u202e'],
    ['an embedding', '\u202a'],
    ['an isolate', '\u2066'],
    ['the end of an isolate', '\u2069'],
    ['a left-to-right mark', '\u200e'],
    ['a right-to-left mark', '\u200f'],
    ['an Arabic letter mark', '\u061c'],
  ])('R65 with %s is refused, in variables, in keys and in literals', (_name, text) => {
    const error = refused({ input: { tags: ['ok', `sec${text}ret`] } })
    expect(error.code).toBe('BAD_USER_INPUT')
    expect(error.message).toBe(
      'The text at variables.input.tags.1 holds characters that are not allowed in text.',
    )
    expect(refused({ input: { [`sec${text}ret`]: 1 } }).message).toContain('variables.input.? ')

    const escaped = [...text].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
    if (/\p{Cs}/u.test(text)) return
    const literal = (source: string) => failure(() => assertCleanText(parseDocument(source), {})).message
    expect(literal(`{ users(filter: { and: [{ text: "sec${escaped}ret" }] }) { totalCount } }`)).toContain(
      'users.filter.and.0.text ',
    )
    expect(literal(`query ($f: Filter = { text: "${escaped}" }) { viewer { id } }`)).toContain('$f.text ')
    expect(literal(`{ viewer { ...f } } fragment f on User { id @x(y: "${escaped}") }`)).toContain('id.@x.y ')
    expect(literal(`{ viewer { ... { friend(of: "${escaped}") { id } } } }`)).toContain('viewer.friend.of ')
  })

  it('of every script, with tabs, line ends and joiners, is clean', () => {
    const honest = 'naïve\t"quoted"\r\n日本語 עברית العربية 👩‍👩‍👧‍👦 \u{10ffff}'
    expect(() =>
      assertCleanText(document, { [honest]: [honest, 1, null, true, { a: honest }] }),
    ).not.toThrow()
    expect(() =>
      assertCleanText(
        parseDocument(`{ users(filter: { text: """${honest}""" }) { totalCount } }`),
        undefined,
      ),
    ).not.toThrow()
  })

  it('R67 under `__proto__` and `constructor` is seen, and the keys change nothing', () => {
    expect(refused(JSON.parse('{"a":{"__proto__":{"b":"\\u0000"}}}')).message).toContain(
      'variables.a.__proto__.b ',
    )
    expect(refused(JSON.parse('{"constructor":{"prototype":["\\u0000"]}}')).message).toContain(
      'variables.constructor.prototype.0 ',
    )
    expect(() => assertCleanText(document, JSON.parse('{"__proto__":{"polluted":true}}'))).not.toThrow()
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  it.each([
    ['objects', '{"a":', '1', '}'],
    ['lists', '[', '', ']'],
  ])('R72 in %s nested 10,000 deep is a client error', (_name, open, inner, close) => {
    const deep = (levels: number) => JSON.parse(open.repeat(levels) + inner + close.repeat(levels))
    expect(() => assertCleanText(document, deep(LIMITS.variableDepth))).not.toThrow()
    expect(refused(deep(LIMITS.variableDepth + 1)).code).toBe('QUERY_TOO_EXPENSIVE')
    expect(refused(deep(10_000)).code).toBe('QUERY_TOO_EXPENSIVE')
  })

  it('R73 in more than 5,000 values is refused without reading on', () => {
    const list = (length: number) => ({ ids: Array<string>(length).fill('x') })
    expect(() => assertCleanText(document, list(LIMITS.variableValues - 1))).not.toThrow()
    expect(refused(list(LIMITS.variableValues)).code).toBe('QUERY_TOO_EXPENSIVE')
  })

  it('R73 of 100 KB is read in no time', () => {
    const start = performance.now()
    assertCleanText(document, { body: 'aä€😀'.repeat(25_000) })
    expect(performance.now() - start).toBeLessThan(200)
  })

  it.each([[null], [undefined], ['text'], [7], [[]]])('takes %p for variables', (variables) => {
    expect(() => assertCleanText(document, variables)).not.toThrow()
  })
})
