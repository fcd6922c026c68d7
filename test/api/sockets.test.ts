import { createClient, type Client as SocketClient, type ExecutionResult } from 'graphql-ws'
import { Client } from 'pg'
import WebSocket from 'ws'
import { DAY, MINUTE } from '../../src/core/clock'
import type { Portico } from '../../src/server/portico'
import { startSecondProcess } from '../support/second-process'
import { until } from '../support/until'
import { useWorld, type Person } from '../support/world'

const world = useWorld()

const CHANGES = 'subscription Changes { viewerSessionsChanged { kind session { deviceName isCurrent } } }'
const SIGN_IN =
  'mutation ($input: SignInInput!) { signIn(input: $input) { session { id } token userErrors { code } } }'
const REVOKE = 'mutation ($id: ID!) { revokeSession(input: { sessionId: $id }) { userErrors { code } } }'

/** A WebSocket that sends these headers with its upgrade, as a browser does and the client of graphql-ws cannot. */
const socketWith = (headers: Record<string, string>) =>
  class extends WebSocket {
    constructor(url: string, protocol: string) {
      super(url, protocol, { headers })
    }
  }

interface Options {
  authorization?: string
  headers?: Record<string, string>
  url?: string
}

const open: SocketClient[] = []
let idle: number
beforeAll(async () => {
  idle = await listeners()
})
afterEach(async () => {
  open.splice(0).forEach((client) => client.terminate())
  // Whatever a test has done, nothing of it listens any more.
  await until(async () => (await listeners()) === idle)
})

/** A client, and the promise of how its socket is closed. */
function connect({ authorization, headers = {}, url = world.url }: Options = {}) {
  let hasClosed!: (event: { code: number; reason: string }) => void
  const closed = new Promise<{ code: number; reason: string }>((resolve) => (hasClosed = resolve))
  const client = createClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: socketWith(headers),
    connectionParams: authorization ? { authorization } : undefined,
    retryAttempts: 0,
    lazy: true,
    on: { closed: (event) => hasClosed(event as { code: number; reason: string }) },
  })
  open.push(client)
  return { client, closed }
}

const connectAs = (person: Pick<Person, 'token'>, options: Options = {}) =>
  connect({ authorization: `Bearer ${person.token}`, ...options })

/** The answers to an operation, one after the other. */
function subscribe(client: SocketClient, query = CHANGES, variables?: Record<string, unknown>) {
  const answers = client.iterate<Record<string, unknown>>({ query, variables })
  const next = async () => (await answers.next()).value as ExecutionResult
  return {
    next: () => {
      const answer = next()
      // Sockets close while tests wait for something else.
      answer.catch(() => undefined)
      return answer
    },
    end: () => answers.return!(),
  }
}

const codeOf = ({ errors }: ExecutionResult) => errors?.map(({ extensions }) => extensions.code)

/** Listeners for messages between processes, as the metrics count them. */
async function listeners(portico: Portico = world.portico): Promise<number> {
  const text = await (await fetch(`${portico.url}/metrics`)).text()
  return Number(/^portico_listeners (\d+)$/m.exec(text)![1])
}

/** A subscription that is known to have begun: every one adds a listener. */
async function begun(client: SocketClient, portico = world.portico) {
  const before = await listeners(portico)
  const subscription = subscribe(client)
  const first = subscription.next()
  await until(async () => (await listeners(portico)) > before)
  return { first, ...subscription }
}

const password = 'a password of some length'
const startSession = (person: Person, deviceName: string) =>
  world.anonymous.data(SIGN_IN, { input: { login: person.username, password, deviceName } })

describe('a socket', () => {
  test('R105 tells a person of each session that begins and ends, wherever that happens', async () => {
    const person = await world.person({ password })
    const subscription = await begun(connectAs(person).client)
    const { signIn } = await startSession(person, 'Second device')
    expect(await subscription.first).toEqual({
      data: {
        viewerSessionsChanged: {
          kind: 'STARTED',
          session: { deviceName: 'Second device', isCurrent: false },
        },
      },
    })
    const ended = subscription.next()
    await person.api.data(REVOKE, { id: signIn.session.id })
    expect((await ended).data).toMatchObject({
      viewerSessionsChanged: { kind: 'ENDED', session: { deviceName: 'Second device' } },
    })
  })

  test('R105 tells nobody of the sessions of others', async () => {
    const [person, other] = [await world.person({ password }), await world.person({ password })]
    const subscription = await begun(connectAs(person).client)
    await startSession(other, 'Not yours')
    await startSession(person, 'Yours')
    expect((await subscription.first).data).toMatchObject({
      viewerSessionsChanged: { session: { deviceName: 'Yours' } },
    })
  })

  test('R105 takes the cookie that a page of ours sends', async () => {
    const person = await world.person({ password })
    const { signIn: _, ...answer } = await world.anonymous
      .send(SIGN_IN, { input: { login: person.username, password, transport: 'COOKIE' } })
      .then(({ headers, data }) => ({ signIn: data, cookie: headers.get('set-cookie')!.split(';')[0]! }))
    const headers = { cookie: answer.cookie, origin: 'http://localhost:4000' }
    const subscription = await begun(connect({ headers }).client)
    await startSession(person, 'Another')
    expect((await subscription.first).data).toMatchObject({ viewerSessionsChanged: { kind: 'STARTED' } })
  })

  test.each(['https://evil.example', 'null', 'http://localhost:4000.evil.example', 'https://localhost:4000'])(
    'R49 is not opened for a page of %s',
    async (origin) => {
      const socket = new WebSocket(world.url.replace('http', 'ws'), 'graphql-transport-ws', {
        headers: { origin },
      })
      const error = await new Promise<Error>((resolve) => socket.on('error', resolve))
      expect(error.message).toContain('403')
    },
  )

  test('lets a stranger in and tells nothing', async () => {
    expect(codeOf(await subscribe(connect().client).next())).toEqual(['UNAUTHENTICATED'])
    expect(codeOf(await subscribe(connect({ authorization: 'Bearer ptc_wrong' }).client).next())).toEqual([
      'UNAUTHENTICATED',
    ])
  })

  test('records what it refused', async () => {
    const before = await world.db.query(`SELECT 1 FROM audit_events WHERE action = 'access.refused'`)
    await subscribe(connect().client).next()
    await until(
      async () =>
        (await world.db.query(`SELECT 1 FROM audit_events WHERE action = 'access.refused'`)).length >
        before.length,
    )
  })

  const refused: [string, string, string][] = [
    ['a query', '{ viewer { id } }', 'BAD_USER_INPUT'],
    ['a mutation', 'mutation { signOut { userErrors { code } } }', 'BAD_USER_INPUT'],
    ['no GraphQL', 'subscription {', 'BAD_USER_INPUT'],
    ['an unknown field', 'subscription { nothing }', 'BAD_USER_INPUT'],
    [
      'two fields',
      'subscription { a: viewerSessionsChanged { kind } b: viewerSessionsChanged { kind } }',
      'BAD_USER_INPUT',
    ],
    [
      'too many aliases',
      `subscription { viewerSessionsChanged { ${Array.from({ length: 16 }, (_, index) => `a${index}: kind`).join(' ')} } }`,
      'QUERY_TOO_EXPENSIVE',
    ],
    [
      'too many words',
      `subscription { viewerSessionsChanged { ${'kind '.repeat(1_000)} } }`,
      'QUERY_TOO_EXPENSIVE',
    ],
  ]

  test.each(refused)('R105 refuses %s as a request would be', async (_what, query, code) => {
    const person = await world.person()
    const { client } = connectAs(person)
    const failure = await subscribe(client, query)
      .next()
      .catch((errors: ExecutionResult['errors']) => ({ errors }))
    expect(codeOf(failure as ExecutionResult)).toContain(code)
    expect(JSON.stringify(failure)).not.toMatch(/Did you mean|node_modules|\bat \w+ \(/)
    expect(await person.api.data('{ viewer { username } }')).toEqual({
      viewer: { username: person.username },
    })
  })

  test('R65 refuses variables with characters that are none', async () => {
    const person = await world.person()
    const query = 'subscription ($a: Boolean!) { viewerSessionsChanged { kind @include(if: $a) } }'
    const failure = await subscribe(connectAs(person).client, query, { a: true, other: '\u0000' })
      .next()
      .catch((errors: ExecutionResult['errors']) => ({ errors }))
    expect(codeOf(failure as ExecutionResult)).toEqual(['BAD_USER_INPUT'])
  })

  test('holds twenty subscriptions and no more', async () => {
    const { client } = connectAs(await world.person())
    for (let count = 0; count < 20; count++) await begun(client)
    const failure = await subscribe(client)
      .next()
      .catch((errors: ExecutionResult['errors']) => ({ errors }))
    expect(codeOf(failure as ExecutionResult)).toEqual(['QUERY_TOO_EXPENSIVE'])
  })

  test('leaves no listener behind when a subscription is ended, nor when the socket is', async () => {
    const { client } = connectAs(await world.person())
    const one = await begun(client)
    await begun(client)
    expect(await listeners()).toBe(idle + 2)
    await one.end()
    await until(async () => (await listeners()) === idle + 1)
    client.terminate()
    await until(async () => (await listeners()) === idle)
  })

  test.each([
    ['no GraphQL protocol', (socket: WebSocket) => socket.send('hello'), 4400],
    ['more than 100 KB at once', (socket: WebSocket) => socket.send('x'.repeat(200_000)), 1009],
    [
      'a subscription before it has said hello',
      (socket: WebSocket) =>
        socket.send('{"id":"1","type":"subscribe","payload":{"query":"{ viewer { id } }"}}'),
      4401,
    ],
  ])('is closed when it brings %s', async (_what, send, code) => {
    const socket = new WebSocket(world.url.replace('http', 'ws'), 'graphql-transport-ws')
    const closed = new Promise((resolve) => socket.on('close', resolve))
    socket.on('open', () => send(socket))
    expect(await closed).toBe(code)
  })
})

describe('a socket lives no longer than its session', () => {
  let other: Portico
  beforeAll(async () => {
    other = await startSecondProcess(world)
  })
  afterAll(() => other.stop())

  const END: [string, (person: Person) => Promise<unknown>][] = [
    ['the person signs out', (person) => person.api.data('mutation { signOut { userErrors { code } } }')],
    [
      'it is ended from another device',
      async (person) => {
        const { token } = (await startSession(person, 'Other')).signIn
        const viewer = await world.anonymous
          .with({ authorization: `Bearer ${token}` })
          .data('{ viewer { sessions { nodes: edges { node { id isCurrent } } } } }')
        const { node } = viewer.viewer.sessions.nodes.find(
          (edge: { node: { isCurrent: boolean } }) => !edge.node.isCurrent,
        )
        await world.anonymous.with({ authorization: `Bearer ${token}` }).data(REVOKE, { id: node.id })
      },
    ],
    ['the person is suspended', (person) => world.suspend(person)],
  ]

  test.each(END)('R38 R105 it is closed at once when %s, on every process', async (_when, end) => {
    const person = await world.person({ password })
    const here = connectAs(person)
    const there = connectAs(person, { url: `${other.url}/graphql` })
    await begun(here.client)
    await begun(there.client, other)
    await end(person)
    expect(await Promise.all([here.closed, there.closed])).toEqual([
      expect.objectContaining({ code: 4401, reason: 'The session has ended.' }),
      expect.objectContaining({ code: 4401, reason: 'The session has ended.' }),
    ])
  })

  const RENEWALS: [string, string][] = [
    ['asks for a new token', 'mutation { rotateSession { token userErrors { code } } }'],
    [
      'proves again who they are',
      `mutation { reauthenticate(input: { password: "${password}" }) { token userErrors { code } } }`,
    ],
  ]

  test.each(RENEWALS)(
    'R105 it lives on when the person %s, and ends with the session',
    async (_when, renew) => {
      const person = await world.person({ password })
      const { client, closed } = connectAs(person)
      const subscription = await begun(client)
      const payload = Object.values(await person.api.data(renew))[0] as { token: string }
      expect((await subscription.first).data).toMatchObject({ viewerSessionsChanged: { kind: 'RENEWED' } })
      // The token that it was opened with is one by now that nobody may use.
      world.clock.advance(MINUTE)
      const started = subscription.next()
      await startSession(person, 'Second device')
      expect((await started).data).toMatchObject({
        viewerSessionsChanged: { kind: 'STARTED', session: { deviceName: 'Second device' } },
      })
      await world.anonymous
        .with({ authorization: `Bearer ${payload.token}` })
        .data('mutation { signOut { userErrors { code } } }')
      expect(await closed).toMatchObject({ code: 4401 })
    },
  )

  test('R105 the socket of another session stays open', async () => {
    const person = await world.person({ password })
    const { signIn } = await startSession(person, 'To be ended')
    const subscription = await begun(connectAs(person).client)
    await person.api.data(REVOKE, { id: signIn.session.id })
    expect((await subscription.first).data).toMatchObject({ viewerSessionsChanged: { kind: 'ENDED' } })
  })

  test('R105 it is closed also when its end was announced while nobody could hear', async () => {
    const person = await world.person()
    const { client, closed } = connectAs(person)
    await begun(client)
    // Ended as another process would, of which this one hears nothing.
    await world.db.query('UPDATE sessions SET ended_at = now(), end_reason = $1 WHERE id = $2', [
      'revoked',
      person.sessionId,
    ])
    await world.db.query(`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'portico-listen'`)
    expect(await closed).toMatchObject({ code: 4401 })
  })

  test('R105 it is refused what it asks for once its session has expired', async () => {
    const person = await world.person()
    const { client } = connectAs(person)
    await begun(client)
    world.clock.advance(31 * DAY)
    expect(codeOf(await subscribe(client).next())).toEqual(['UNAUTHENTICATED'])
    world.clock.advance(-31 * DAY)
  })

  test('a socket opened with a token that has ended is a stranger’s', async () => {
    const person = await world.person()
    await person.api.data('mutation { signOut { userErrors { code } } }')
    expect(codeOf(await subscribe(connectAs(person).client).next())).toEqual(['UNAUTHENTICATED'])
  })

  test('R76 R105 a socket is told to come back later while the database is away', async () => {
    const person = await world.person()
    const { client } = connectAs(person)
    await begun(client)
    const owner = new Client({ connectionString: world.portico.config.databaseOwnerUrl! })
    await owner.connect()
    await owner.query('ALTER TABLE sessions RENAME TO elsewhere')
    try {
      const late = connectAs(person)
      await subscribe(late.client)
        .next()
        .catch(() => undefined)
      expect(await late.closed).toMatchObject({ code: 1013 })
      const failure = await subscribe(client)
        .next()
        .catch((errors: ExecutionResult['errors']) => ({ errors }))
      expect(failure).toMatchObject({
        errors: [
          {
            message: 'Something went wrong on our side.',
            extensions: { code: 'INTERNAL', requestId: expect.stringMatching(/^req_/) },
          },
        ],
      })
    } finally {
      await owner.query('ALTER TABLE elsewhere RENAME TO sessions')
      await owner.end()
    }
  })
})
