import { buildSchema } from 'graphql'
import { Client } from 'pg'
import { Context } from '../../src/context/context'
import { system } from '../../src/core/caller'
import { ERROR_CODES } from '../../src/core/error'
import { Executor } from '../../src/graphql/executor'
import { parseDocument } from '../../src/graphql/limits/limits'
import { PRODUCTION } from '../support/production'
import { testServer, withDatabase } from '../support/test-server'
import { unique, useWorld, type World } from '../support/world'

/** What no client has to know of us. */
const INTERNALS =
  /node_modules|\.[jt]s:\d|\bat \w+ \(|\bSELECT\b|\bINSERT\b|relation "|constraint|_fkey|_pkey|typeorm|postgres|apollo|fastify|graphql-js|shield|ECONN|127\.0\.0\.1:|Did you mean/i

async function asOwner<Result>(world: World, work: (owner: Client) => Promise<Result>): Promise<Result> {
  const owner = new Client({ connectionString: world.portico.config.databaseOwnerUrl! })
  await owner.connect()
  try {
    return await work(owner)
  } finally {
    await owner.end()
  }
}

describe('a fault of ours', () => {
  const world = useWorld()

  const logOf = (requestId: unknown) =>
    world.logLines.filter((line) => line.includes(`"requestId":"${String(requestId)}"`))

  test('R77 is told by one message and an id, under which the log has the whole of it', async () => {
    await asOwner(world, async (owner) => {
      await owner.query('ALTER TABLE posts RENAME TO posts_elsewhere')
      try {
        const { errors } = await world.anonymous.send('{ posts { totalCount } }')
        expect(errors).toEqual([
          {
            message: 'Something went wrong on our side.',
            path: ['posts', 'totalCount'].slice(0, errors![0]!.path!.length),
            locations: expect.any(Array),
            extensions: { code: 'INTERNAL', requestId: expect.stringMatching(/^req_[\w-]{16}$/) },
          },
        ])
        const logged = logOf(errors![0]!.extensions.requestId).join('\n')
        expect(logged).toContain('relation \\"posts\\" does not exist')
        expect(logged).toContain('FROM \\"posts\\"')
        expect(logged).toContain('"sqlState":"42P01"')
      } finally {
        await owner.query('ALTER TABLE posts_elsewhere RENAME TO posts')
      }
    })
  })

  test('R77 costs the field where it arises and no other', async () => {
    const person = await world.person()
    await world.db.query(
      `UPDATE emails SET address = set_byte(address, 20, get_byte(address, 20) # 1) WHERE user_id = $1`,
      [person.id],
    )
    const { data, errors } = await person.api.send('{ viewer { username email } }')
    expect(data).toEqual({ viewer: { username: person.username, email: null } })
    expect(errors).toMatchObject([{ path: ['viewer', 'email'], extensions: { code: 'INTERNAL' } }])
    expect(logOf(errors![0]!.extensions.requestId).join()).toContain('TamperedError')
  })

  test('R77 before an operation begins is told in the same way', async () => {
    const { token } = await world.person()
    await asOwner(world, async (owner) => {
      await owner.query('ALTER TABLE sessions RENAME TO sessions_elsewhere')
      try {
        const response = await fetch(world.url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
          body: JSON.stringify({ query: '{ viewer { id } }' }),
        })
        expect(response.status).toBe(500)
        const { errors } = (await response.json()) as { errors: { extensions: Record<string, unknown> }[] }
        expect(errors).toEqual([
          {
            message: 'Something went wrong on our side.',
            extensions: { code: 'INTERNAL', requestId: response.headers.get('x-request-id') },
          },
        ])
        expect(logOf(response.headers.get('x-request-id')).join('\n')).toContain(
          'relation \\"sessions\\" does not exist',
        )
      } finally {
        await owner.query('ALTER TABLE sessions_elsewhere RENAME TO sessions')
      }
    })
  })

  test('R75 that keeps a statement waiting ends with a clean error, and so does the statement', async () => {
    const waiting = () =>
      world.db.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      )
    await asOwner(world, async (owner) => {
      await owner.query('BEGIN')
      await owner.query('LOCK TABLE posts IN ACCESS EXCLUSIVE MODE')
      const { status, errors } = await world.anonymous.send('{ posts { totalCount } }')
      expect(status).toBe(503)
      expect(errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }])
      expect(JSON.stringify(errors)).not.toMatch(INTERNALS)
      expect(await waiting()).toEqual([])
      await owner.query('ROLLBACK')
    })
    expect(await world.anonymous.data('{ posts { totalCount } }')).toMatchObject({ posts: {} })
  })

  test('R75 that keeps an operation waiting ends it at its deadline', async () => {
    const schema = buildSchema('type Query { never: String }')
    schema.getQueryType()!.getFields()['never']!.resolve = () => new Promise(() => undefined)
    const executor = new Executor({ schema, report: () => undefined, deadline: 50 })
    const context = new Context(world.db.as(system), {} as never, { idempotencyKey: null })
    const result = await executor.execute({ document: parseDocument('{ never }') }, context)
    expect(result.data).toBeUndefined()
    expect(result.errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }])
  })
})

describe('without a database', () => {
  const world = useWorld()
  const password = 'a password of some length'
  const SIGN_IN = 'mutation ($input: SignInInput!) { signIn(input: $input) { token userErrors { code } } }'

  const asRole = async (url: string, sql: string) => {
    const client = new Client({ connectionString: withDatabase(url, 'postgres') })
    await client.connect()
    await client.query(sql)
    await client.end()
  }

  async function withoutDatabase(work: () => Promise<void>): Promise<void> {
    const { ownerUrl, appUrl } = testServer()
    const name = new URL(world.portico.config.databaseUrl!).pathname.slice(1)
    try {
      await asRole(ownerUrl, `ALTER DATABASE ${name} CONNECTION LIMIT 0`)
      await asRole(appUrl, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`)
      await work()
    } finally {
      await asRole(ownerUrl, `ALTER DATABASE ${name} CONNECTION LIMIT -1`)
    }
  }

  test('R79 nobody signs in, nobody is taken for somebody, and nobody is sent here until it is back', async () => {
    const person = await world.person({ password })
    const input = { login: person.username, password }
    const ready = async () => (await fetch(`${world.portico.url}/health/ready`)).status
    expect(await ready()).toBe(200)
    await withoutDatabase(async () => {
      expect(await ready()).toBe(503)
      expect((await fetch(`${world.portico.url}/health/live`)).status).toBe(200)
      for (const response of [
        await world.anonymous.send(SIGN_IN, { input }),
        await person.api.send('{ viewer { id } }'),
      ]) {
        expect(response.status).toBe(503)
        expect(response.data ?? null).toBeNull()
        expect(response.errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }])
        expect(JSON.stringify(response.errors)).not.toMatch(INTERNALS)
      }
    })
    expect(await ready()).toBe(200)
    expect((await world.anonymous.data(SIGN_IN, { input })).signIn.token).toMatch(/^ptc_/)
  })

  test('R77 the log says why', () => {
    const told = world.logLines.map(
      (line) => JSON.parse(line) as { errorCode?: string; err?: { stack?: string } },
    )
    expect(
      told.filter(({ errorCode }) => errorCode === 'UNAVAILABLE').map(({ err }) => err!.stack),
    ).toContainEqual(expect.stringMatching(/too many connections for database/))
  })
})

describe('in production', () => {
  const world = useWorld(PRODUCTION)

  test.each([
    '{ __schema { types { name } } }',
    '{ __type(name: "User") { name } }',
    '{ viewer { id } __schema { queryType { name } } }',
    'query { ...f } fragment f on Query { __schema { types { name } } }',
  ])('R74 nobody reads the schema: %s', async (query) => {
    for (const { api } of [{ api: world.anonymous }, await world.person({ role: 'admin' })]) {
      const { status, data, errors } = await api.send(query)
      expect({ status, data }).toEqual({ status: 400, data: undefined })
      expect(errors![0]!.extensions.code).toBe('BAD_USER_INPUT')
      expect(JSON.stringify(errors)).not.toMatch(INTERNALS)
    }
  })

  test('R74 the name of a type is no secret to whoever has the thing', async () => {
    expect(await world.anonymous.data('{ __typename }')).toEqual({ __typename: 'Query' })
  })

  test.each([
    ['a field', '{ viewr { id } }', 'viewer'],
    ['a field of a type', '{ viewer { usernam } }', 'username'],
    ['an argument', '{ posts(frist: 1) { totalCount } }', '"first"'],
    ['a type', '{ node(id: "x") { ... on Usr { id } } }', '"User"'],
    ['a value', '{ posts(orderBy: NEWEST) { totalCount } }', 'NEWEST_FIRST'],
    ['a field of an input', '{ posts(filter: { tagg: "x" }) { totalCount } }', '"tag"'],
    ['a variable’s field', 'query ($f: PostFilter) { posts(filter: $f) { totalCount } }', '"tag"'],
  ])('R74 nobody is helped to guess the name of %s', async (_what, query, name) => {
    const { errors } = await world.anonymous.send(query, { f: { tagg: 'x' } })
    expect(errors![0]!.extensions.code).toBe('BAD_USER_INPUT')
    expect(JSON.stringify(errors)).not.toContain(name)
    expect(JSON.stringify(errors)).not.toMatch(INTERNALS)
  })

  test('R74 what was left out of an operation is not named, nor the types around it', async () => {
    const { errors } = await world.anonymous.send('mutation { grantRole(input: {}) { grantedRole { id } } }')
    expect(errors!.map(({ message }) => message)).toEqual([
      'The operation does not fit the schema.',
      'The operation does not fit the schema.',
      'The operation does not fit the schema.',
    ])
  })

  test('R101 nothing that is for development is there', async () => {
    for (const path of ['/dev/mailbox', '/dev/mailbox.json', '/dev/mailbox/templates', '/explore']) {
      expect((await fetch(`${world.portico.url}${path}`)).status).toBe(404)
    }
    const page = await fetch(world.url, { headers: { accept: 'text/html' } })
    expect(page.headers.get('content-type')).toMatch(/^application\/json/)
  })
})

describe('an error', () => {
  const world = useWorld()

  const bodies: [string, string][] = [
    ['no query', '{}'],
    ['a parsed query', '{"query":{"kind":"Document","definitions":[]}}'],
    ['variables as text', '{"query":"{ viewer { id } }","variables":"{}"}'],
    ['extensions as text', '{"query":"{ viewer { id } }","extensions":"{}"}'],
    ['a stored query', '{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}'],
    ['no such operation', '{"query":"query a { viewer { id } }","operationName":"b"}'],
    ['no GraphQL', '{"query":"{ viewer { id ]"}'],
    ['a fragment in itself', '{"query":"{ ...f } fragment f on Query { ...f }"}'],
    ['a variable of no type', '{"query":"query ($v: Nothing) { viewer { id } }"}'],
    ['a variable that is missing', '{"query":"query ($v: String!) { postBySlug(slug: $v) { id } }"}'],
    [
      'a variable of another type',
      '{"query":"query ($v: String!) { postBySlug(slug: $v) { id } }","variables":{"v":{"toString":1}}}',
    ],
    ['two pages at once', '{"query":"{ posts(first: 1, last: 1) { totalCount } }"}'],
    ['a foreign cursor', '{"query":"{ posts(after: \\"x\\") { totalCount } }"}'],
    ['a refusal', '{"query":"{ users { totalCount } }"}'],
    ['a subscription', '{"query":"subscription { viewerSessionsChanged { kind } }"}'],
  ]

  test.each(bodies)('R76 for %s tells nothing of how we are made', async (_what, body) => {
    const response = await fetch(world.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    const text = await response.text()
    const { errors } = JSON.parse(text) as { errors: { extensions: { code: string } }[] }
    expect(errors.length).toBeGreaterThan(0)
    for (const { extensions } of errors) expect(Object.keys(ERROR_CODES)).toContain(extensions.code)
    expect(text).not.toMatch(INTERNALS)
    expect(text).not.toContain('"INTERNAL"')
  })

  test('for an operation that is not in the document carries out none that is', async () => {
    const { api, username } = await world.person()
    const query = 'mutation a { createPost(input: { title: "Unasked", body: "x" }) { post { id } } }'
    const { status, errors } = await api.send(query, {}, 'b')
    expect({ status, errors }).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
    })
    const { userByUsername } = await api.data(
      'query ($u: String!) { userByUsername(username: $u) { posts(filter: { status: DRAFT }) { totalCount } } }',
      { u: username },
    )
    expect(userByUsername.posts.totalCount).toBe(0)
  })

  test('R45 R76 does not repeat what was sent where a secret may stand', async () => {
    const secret = unique('secret')
    const query = 'mutation ($input: SignInInput!) { signIn(input: $input) { token } }'
    for (const input of [
      { login: 'x', password: [secret] },
      { login: 'x', password: secret, extra: 1 },
      { password: secret },
      { login: 'x', password: secret, transport: secret },
    ]) {
      const { errors } = await world.anonymous.send(query, { input })
      expect(errors![0]!.message).toContain('$input')
      expect(JSON.stringify(errors)).not.toContain(secret)
    }
  })

  test('R31 a foreign draft and a missing post answer alike', async () => {
    const draft = await world.post({ publish: false })
    const { api } = await world.person()
    const missing = draft.globalId.slice(0, -4) + 'zzzz'
    const answerTo = async (id: string) => {
      const read = await api.send(
        'query ($id: ID!) { post(id: $id) { title } node(id: $id) { id } nodes(ids: [$id]) { id } }',
        { id },
      )
      const change = await api.send(
        'mutation ($id: ID!) { publishPost(input: { postId: $id }) { post { id } userErrors { code message } } }',
        { id },
      )
      const removal = await api.send(
        'mutation ($id: ID!) { deletePost(input: { postId: $id }) { userErrors { code message } } }',
        { id },
      )
      return [read, change, removal].map(({ status, data, errors }) => ({ status, data, errors }))
    }
    expect(await answerTo(draft.globalId)).toEqual(await answerTo(missing))
  })
})
