import {
  getNamedType,
  getNullableType,
  isInputObjectType,
  isListType,
  isRequiredArgument,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLObjectType,
} from 'graphql'
import { permissions } from '../../src/graphql/permissions'
import { isInPerson } from '../../src/graphql/rules'
import { declareSchema } from '../../src/graphql/schema'
import { track, viewOf } from '../support/activity'
import { bulkJobOf, noteAbout } from '../support/administration'
import { blockBy, writeTo } from '../support/messages'
import { contentFilter, uniqueWord } from '../support/content-filter'
import { appealOf, caseAbout, decisionAbout } from '../support/moderation'
import { notificationOf } from '../support/notifications'
import { setPreference } from '../support/preferences'
import { consentOf, legalHoldOn, privacyRequestOf } from '../support/privacy'
import { commentOn } from '../support/content'
import { ticketOf } from '../support/tickets'
import { deadLetterTo } from '../support/deliveries'
import { announcementBy } from '../support/announcements'
import { quietEndpoint } from '../support/webhooks'
import { useWorld, type Person } from '../support/world'

const world = useWorld()

const refusal = async (query: string, variables?: Record<string, unknown>) => {
  const { status, errors, data } = await world.anonymous.send(query, variables)
  return { status, code: errors?.[0]?.extensions.code, message: errors?.[0]?.message, data }
}

const times = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ')

describe('an operation', () => {
  const deep = (levels: number) =>
    `{ posts { edges { node ${'{ author { posts { edges { node '.repeat(levels)} { id } ${'} } } }'.repeat(levels)} } } }`

  test.each([
    ['R69 of 13 levels', deep(3)],
    ['R69 of more than 1,000 words', `{ ${'__typename '.repeat(1_001)} }`],
    ['R69 of 16 aliases', `{ ${times(16, (i) => `a${i}: __typename`)} }`],
    [
      'R69 of 16 aliases in a fragment',
      `query { ...f } fragment f on Query { ${times(16, (i) => `a${i}: __typename`)} }`,
    ],
    [
      'R69 of 18 aliases in three spreads of one fragment',
      `query { ...f ...f ...f } fragment f on Query { ${times(6, (i) => `a${i}: __typename`)} }`,
    ],
    ['R69 of 11 fields of the root', `{ ${'__typename '.repeat(11)} }`],
    ['R69 of 31 directives', `{ viewer { ${'id @include(if: true) '.repeat(31)} } }`],
    ['R69 of 51 fragments', `{ ...f0 } ${times(51, (i) => `fragment f${i} on Query { __typename }`)}`],
    ['R69 in a document of 11', times(11, (i) => `query q${i} { __typename }`)],
    [
      'R69 with fragments that grow',
      `{ viewer { ...f0 } } ${times(40, (i) => `fragment f${i} on User { ...f${i + 1} ...f${i + 1} }`)} fragment f40 on User { id }`,
    ],
    [
      'R70 of a hundred pages of a hundred',
      '{ posts(first: 100) { edges { node { author { posts(first: 100) { edges { node { id } } } } } } } }',
    ],
    [
      'R73 of more lists than a moment can read',
      '{ posts(first: 100) { edges { node { author { posts(first: 4) { edges { node { author { posts(first: 0) { totalCount } } } } } } } } } }',
    ],
    [
      'R22 of two tries at a password',
      `mutation { ${times(2, (i) => `a${i}: signIn(input: { login: "x", password: "y" }) { userErrors { code } }`)} }`,
    ],
  ])('%s is refused', async (_what, query) => {
    expect(await refusal(query)).toMatchObject({ status: 400, code: 'QUERY_TOO_EXPENSIVE', data: undefined })
  })

  test('R70 takes the page size from a variable and from its default as well', async () => {
    const query = (declaration: string) =>
      `query (${declaration}) { posts(first: $n) { edges { node { author { posts(first: $n) { edges { node { id } } } } } } } }`
    expect(await refusal(query('$n: Int'), { n: 100 })).toMatchObject({ code: 'QUERY_TOO_EXPENSIVE' })
    expect(await refusal(query('$n: Int = 100'))).toMatchObject({ code: 'QUERY_TOO_EXPENSIVE' })
    expect(await refusal(query('$n: Int = 100'), { n: 5 })).toMatchObject({ status: 200, code: undefined })
  })

  test.each(['first: 101', 'last: 101', 'first: -1', 'first: 2147483647', 'first: 1, last: 1'])(
    'R70 of a page of %s is refused',
    async (size) => {
      expect((await refusal(`{ posts(${size}) { totalCount } }`)).code).toMatch(
        /BAD_USER_INPUT|QUERY_TOO_EXPENSIVE/,
      )
    },
  )

  test('tells what it costs', async () => {
    const { extensions } = await world.anonymous.send('{ posts(first: 10) { edges { node { id title } } } }')
    expect(extensions).toEqual({ cost: 80 + 10 * 4 })
  })

  test('R71 comes alone: a batch of them is refused', async () => {
    const response = await fetch(world.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([{ query: '{ viewer { id } }' }]),
    })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] })
  })

  test.each([
    '{ ... @defer { viewer { id } } }',
    '{ posts { edges @stream(initialCount: 0) { node { id } } } }',
  ])('R71 is answered in one piece: %s is no GraphQL here', async (query) => {
    expect(await refusal(query)).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' })
  })

  test.each(['{', '[', '{a(b:[', '{a{', 'query($v:[', '{...{'])(
    'R72 of 100,000 nested brackets is refused: %s',
    async (brackets) => {
      const { status, code, message } = await refusal(brackets.repeat(100_000 / brackets.length))
      expect({ status, code }).toEqual({
        status: 400,
        code: expect.stringMatching(/^(QUERY_TOO_EXPENSIVE|BAD_USER_INPUT)$/),
      })
      expect(message).not.toMatch(/stack|RangeError/i)
    },
  )

  test('R72 with variables that are nested 40,000 times is refused', async () => {
    const body = `{"query":"query ($f: PostFilter) { posts(filter: $f) { totalCount } }","variables":{"f":${'['.repeat(40_000)}${']'.repeat(40_000)}}}`
    const response = await fetch(world.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'QUERY_TOO_EXPENSIVE' } }] })
  })

  test('R73 that is refused field by field says so a hundred times, and then once for the rest', async () => {
    const stranger = await world.person()
    const author = await world.person()
    for (let index = 0; index < 20; index++) await world.post({ author })
    const { data, errors } = await stranger.api.send(
      '{ posts(first: 20) { edges { node { author { username email locale timeZone status version lastSignInAt } } } } }',
    )
    expect(data.posts.edges).toHaveLength(20)
    for (const { node } of data.posts.edges) {
      expect(node.author).toEqual({
        username: author.username,
        email: null,
        locale: null,
        timeZone: null,
        status: null,
        version: null,
        lastSignInAt: null,
      })
    }
    expect(errors).toHaveLength(101)
    expect(errors!.every(({ extensions }) => extensions.code === 'FORBIDDEN')).toBe(true)
    expect(errors!.filter(({ path }) => path === undefined)).toHaveLength(1)
    expect(new Set(errors!.map(({ path }) => String(path))).size).toBe(101)
  })
})

describe('a number', () => {
  const FIRST = 'query ($n: Int) { posts(first: $n) { totalCount } }'

  test.each([
    '2147483648',
    '-2147483649',
    '1e400',
    '-1e400',
    '1.5',
    '"1"',
    'true',
    '[1]',
    '{}',
    '9007199254740993',
  ])('R67 of %s where an Int belongs is a client error', async (number) => {
    const body = `{"query":${JSON.stringify(FIRST)},"variables":{"n":${number}}}`
    const response = await fetch(world.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] })
  })

  test.each(['2147483648', '1e400', '1.5', '"1"', 'NaN'])(
    'R67 of %s in the document is a client error',
    async (number) => {
      expect(await refusal(`{ posts(first: ${number}) { totalCount } }`)).toMatchObject({
        status: 400,
        code: 'BAD_USER_INPUT',
      })
    },
  )

  test('R67 that is infinite is no value of a preference', async () => {
    const { api } = await world.person()
    const query =
      'mutation { setPreferences(input: { preferences: [{ key: "theme", value: 1e400 }] }) { userErrors { code } } }'
    expect((await api.data(query)).setPreferences.userErrors).toEqual([{ code: 'INVALID' }])
  })
})

describe('the keys `__proto__` and `constructor`', () => {
  const send = async (body: string, token: string) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    const response = await fetch(world.url, { method: 'POST', headers, body })
    return { status: response.status, text: await response.text() }
  }

  test.each([
    ['in a request', '{"query":"{ viewer { id } }","__proto__":{"operationName":"x"}}'],
    [
      'in variables',
      '{"query":"query ($n: Int) { posts(first: $n) { totalCount } }","variables":{"__proto__":{"n":1}}}',
    ],
    [
      'in an input',
      '{"query":"mutation ($i: UpdateProfileInput!) { updateProfile(input: $i) { userErrors { code } } }","variables":{"i":{"__proto__":{"displayName":"x"}}}}',
    ],
    [
      'as constructor',
      '{"query":"{ viewer { id } }","variables":{"constructor":{"prototype":{"polluted":true}}}}',
    ],
    [
      'in a JSON value',
      '{"query":"mutation ($v: JSON!) { setPreferences(input: { preferences: [{ key: \\"theme\\", value: $v }] }) { userErrors { code } } }","variables":{"v":{"__proto__":{"polluted":true}}}}',
    ],
  ])('R67 %s are a client error and pollute nothing', async (_where, body) => {
    const { token } = await world.person()
    expect((await send(body, token)).status).toBe(400)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  test('R67 written with escapes are seen through', async () => {
    const { token } = await world.person()
    expect(
      (await send('{"query":"{ viewer { id } }","\\u005f_proto__":{"polluted":true}}', token)).status,
    ).toBe(400)
  })

  test('R67 in a document are no names of an input', async () => {
    const { api } = await world.person()
    expect(
      await api.errorCode(
        'mutation { updateProfile(input: { __proto__: { displayName: "x" } }) { userErrors { code } } }',
      ),
    ).toBe('BAD_USER_INPUT')
  })
})

/* Every text that a query takes, as the schema has them; those of mutations have a test of their own. */
describe('a text in a query', () => {
  const schema = declareSchema()
  const root = schema.getQueryType()!
  const user = schema.getType('User') as GraphQLObjectType

  interface Place {
    name: string
    query: string
    /** Asks for the cursors of a list. */
    read: string
    variables: (value: string) => Record<string, unknown>
  }

  /** The ways from an argument down to a text: none for a text itself, names for the fields of inputs. */
  function waysToText({ type, name }: GraphQLArgument | GraphQLInputField): string[][] {
    const named = getNamedType(type)
    if (isInputObjectType(named))
      return Object.values(named.getFields())
        .flatMap(waysToText)
        .map((way) => [name, ...way])
    return named.name === 'String' || named.name === 'ID' ? [[name]] : []
  }

  function placesOf(type: GraphQLObjectType, wrapAs: (field: string, name: string) => string): Place[] {
    return Object.values(type.getFields()).flatMap((field) => {
      const wrap = (selection: string) => wrapAs(selection, field.name)
      return field.args.flatMap((argument) =>
        waysToText(argument).map((way) => {
          const selection =
            'getFields' in getNamedType(field.type) || 'getTypes' in getNamedType(field.type)
              ? '{ __typename }'
              : ''
          const isList = isListType(getNullableType(argument.type))
          // What a list has to be told besides: a word that the posts here have.
          const told = (getNamedType(field.type).name.endsWith('Connection') ? field.args : [])
            .filter((other) => other !== argument && isRequiredArgument(other))
            .map((other) => `${other.name}: "Title"`)
          const given = (...args: string[]) => (args.length > 0 ? `(${args.join(', ')})` : '')
          return {
            name: `${type.name}.${field.name}(${way.join('.')})`,
            read: wrap(`${field.name}${given(...told)} { edges { cursor } }`),
            query: `query ($v: ${String(argument.type)}) ${wrap(`${field.name}${given(...told, `${argument.name}: $v`)} ${selection}`)}`,
            variables: (value) => ({
              v: way
                .slice(1)
                .reduceRight<unknown>((inner, key) => ({ [key]: inner }), isList ? [value] : value),
            }),
          }
        }),
      )
    })
  }

  const places = [
    ...placesOf(root, (field) => `{ ${field} }`),
    // Of somebody else, because there is what nobody sees of themselves; but what nobody else sees.
    ...placesOf(user, (field, name) =>
      (permissions.User as Record<string, unknown>)[name] === isInPerson
        ? `{ viewer { ${field} } }`
        : `{ node(id: "SUBJECT") { ... on User { ${field} } } }`,
    ),
  ]

  let admin: Person
  let subject: Person
  beforeAll(async () => {
    ;[admin, subject] = [await world.person({ role: 'admin' }), await world.person()]
    await commentOn(world, await world.post({ author: subject }), subject)
    await world.post({ author: admin, isTrashed: true })
    await noteAbout(world, subject)
    await track(subject.api, [viewOf(world)])
    await privacyRequestOf(world, subject)
    const { decisionId } = await decisionAbout(world, (await world.post({ author: subject })).globalId)
    await appealOf(world, subject, decisionId)
    await caseAbout(world, (await world.post({ author: subject })).globalId, admin)
    await contentFilter(world, { words: [uniqueWord()], isEnabled: false })
    await consentOf(subject)
    await legalHoldOn(world, subject)
    await bulkJobOf(world, admin)
    await writeTo(admin, [await world.person()])
    await writeTo(await world.person(), [admin])
    await blockBy(admin, subject)
    await admin.api.data('mutation ($id: ID!) { muteUser(input: { userId: $id }) { userErrors { code } } }', {
      id: subject.globalId,
    })
    await world.group(subject)
    await setPreference(world, subject)
    await announcementBy(world, admin)
    await quietEndpoint(world, admin)
    await notificationOf(world, admin, await world.post({ author: admin }))
    await ticketOf(world, subject)
    await deadLetterTo(world, subject)
  })
  const aboutSubject = (query: string) => query.replace('SUBJECT', subject.globalId)

  test('is found in the schema', () => {
    expect(places.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'Query.userByUsername(username)',
        'Query.nodes(ids)',
        'Query.posts(filter.tag)',
        'User.preference(key)',
        'User.sessions(before)',
      ]),
    )
  })

  test.each(places)('R65 $name holds no characters that are none', async ({ query, variables }) => {
    for (const value of ['\0', 'a\ud800b', '\udc00', 'a\u202eb', '\u2066', '\u001b[31m', '\u0008']) {
      const { status, errors } = await admin.api.send(aboutSubject(query), variables(value))
      expect({ status, code: errors?.[0]?.extensions.code, value: JSON.stringify(value) }).toEqual({
        status: 400,
        code: 'BAD_USER_INPUT',
        value: JSON.stringify(value),
      })
    }
  })

  test.each(places)(
    'R64 R68 $name is data whatever it holds, or a client error',
    async ({ query, variables }) => {
      const values = [
        'x'.repeat(90_000),
        '€'.repeat(30_000),
        `'; DROP TABLE users; --`,
        `' OR '1'='1`,
        '%',
        '\\',
        '$1',
        ':viewer',
        '\r\nX: y',
        '',
        '\ufeff',
        '🏃'.repeat(300),
      ]
      for (const value of values) {
        const { errors } = await admin.api.send(aboutSubject(query), variables(value))
        for (const { extensions, message } of errors ?? []) {
          expect(extensions.code).toBe('BAD_USER_INPUT')
          expect(message.length).toBeLessThan(1_000)
        }
      }
      expect(await world.db.query('SELECT 1 FROM users LIMIT 1')).toHaveLength(1)
    },
  )

  const lists = places.filter(({ name }) => /\((after|before)\)$/.test(name))

  test.each(lists)(
    'R68 $name that somebody has made up is a client error',
    async ({ query, variables, read }) => {
      const text = JSON.stringify(await admin.api.data(aboutSubject(read)))
      const cursor = /"cursor":"([^"]+)"/.exec(text)![1]!
      const [list, ...keyset] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[]
      const values = [
        '',
        'x',
        '\0',
        'a\ud800',
        "'; --",
        'infinity',
        '9999999-01-01T00:00:00Z',
        -1,
        1e308,
        null,
        true,
        [],
        {},
        '00000000-0000-0000-0000-000000000000',
      ]
      for (const [index] of keyset.entries()) {
        for (const value of values) {
          const forged = Buffer.from(JSON.stringify([list, ...keyset.with(index, value)])).toString(
            'base64url',
          )
          const { errors } = await admin.api.send(aboutSubject(query), variables(forged))
          for (const { extensions } of errors ?? [])
            expect({ value, code: extensions.code }).toEqual({ value, code: 'BAD_USER_INPUT' })
        }
      }
    },
  )

  test('R64 of a megabyte is not even read', async () => {
    const { status } = await fetch(world.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        query: 'query ($u: String!) { userByUsername(username: $u) { id } }',
        variables: { u: 'x'.repeat(1_000_000) },
      }),
    })
    expect(status).toBe(413)
  })

  test('R65 keeps the line ends and tabs of honest texts', async () => {
    const { api } = await world.person()
    const body = 'one\r\n\ttwo\nthree'
    const { createPost } = await api.data(
      'mutation ($b: String!) { createPost(input: { title: "t", body: $b }) { post { body } } }',
      { b: body },
    )
    expect(createPost.post.body).toBe(body)
  })
})
