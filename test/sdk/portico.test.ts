import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import { WebSocket } from 'ws'
import { MINUTE } from '../../src/core/clock'
import { SessionService } from '../../src/modules/session/session.service'
import { Transport } from '../../src/modules/session/transport'
import { createPortico, PorticoError, RejectedError, resultOf, type Portico } from '../../src/sdk/portico'
import { plain, RED } from '../support/avatars'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld()
const PASSWORD = 'a lamp beside the seventh door'

const stranger = (): Portico => createPortico({ url: world.portico.url })
const as = ({ token }: Person): Portico =>
  createPortico({ url: world.portico.url, token, webSocket: WebSocket })
const failure = async (call: Promise<unknown>): Promise<PorticoError> => {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof PorticoError)) throw new Error(`Not a PorticoError: ${inspect(error)}`)
  return error
}

test('an avatar is uploaded as a file, and what is wrong with one is told', async () => {
  const person = await world.person()
  const portico = as(person)
  const file = new Blob([new Uint8Array(await plain(RED).png().toBuffer())])
  const urls = await portico.uploadAvatar(file)
  expect(urls.LARGE).toMatch(/-512\.webp$/)
  expect(await portico.viewer()).toMatchObject({ avatarUrl: urls.MEDIUM })
  const wrong = await failure(portico.uploadAvatar(new Uint8Array([1, 2, 3])))
  expect([wrong.code, wrong.problem]).toEqual(['BAD_USER_INPUT', 'UNSUPPORTED_FORMAT'])
  expect((await failure(stranger().uploadAvatar(file))).code).toBe('UNAUTHENTICATED')
  expect((await portico.removeAvatar()).user).toMatchObject({ avatarUrl: null })
  const gone = createPortico({ url: 'http://127.0.0.1:9', token: person.token })
  expect((await failure(gone.uploadAvatar(file))).code).toBe('UNAVAILABLE')
})

describe('the token', () => {
  test('of a sign-up is sent from then on, renewed by a re-authentication, and forgotten at sign-out', async () => {
    const told: (string | null)[] = []
    const portico = createPortico({ url: world.portico.url, onToken: (token) => told.push(token) })
    const username = unique('u')
    const email = `${username}@example.com`
    const challenge = resultOf(await portico.signUp({ username, email, password: PASSWORD }), 'challenge')
    expect(portico.token).toBeNull()

    const { code } = world.portico.mailbox!.read(email)[0]!
    const { user, token } = await portico.completeSignUp({ challengeId: challenge.id, code: code! })
    expect(user).toMatchObject({ username })
    expect(portico.token).toBe(token)
    expect(await portico.viewer()).toMatchObject({
      username,
      email,
      status: 'ACTIVE',
      roles: [{ name: 'user' }],
    })

    const renewed = resultOf(await portico.reauthenticate({ password: PASSWORD }), 'token')
    expect(portico.token).toBe(renewed)
    expect(await portico.viewer()).toMatchObject({ username })

    await portico.signOut()
    expect(portico.token).toBeNull()
    expect(told).toEqual([token, renewed, null])
    expect(await portico.viewer()).toBeNull()
  })

  test('that is not fresh enough is renewed by a proof that the application gives, and the calls are sent again', async () => {
    const person = await world.person({ password: PASSWORD })
    const asked: (readonly string[])[] = []
    let password: string | null = PASSWORD
    const portico = createPortico({
      url: world.portico.url,
      token: person.token,
      onReauthenticate: async (methods) => {
        asked.push(methods)
        return password === null ? null : { method: 'PASSWORD', password }
      },
    })
    world.clock.advance(10 * MINUTE)
    const [totp, passkey] = await Promise.all([portico.startTotp(), portico.startPasskeyRegistration()])
    expect([totp.enrolment?.uri, passkey.challenge?.kind]).toEqual([
      expect.stringMatching(/^otpauth:/),
      'PASSKEY_REGISTRATION',
    ])
    expect(asked).toEqual([['PASSWORD']])
    expect(portico.token).not.toBe(person.token)

    world.clock.advance(10 * MINUTE)
    password = 'not this one, I fear'
    await expect(portico.startTotp()).rejects.toBeInstanceOf(RejectedError)
    password = null
    expect(await failure(portico.startTotp())).toMatchObject({
      code: 'REAUTHENTICATION_REQUIRED',
      methods: ['PASSWORD'],
    })
  })

  test('of an earlier sign-in brings the viewer back', async () => {
    const person = await world.person()
    expect(await as(person).viewer()).toMatchObject({ id: person.globalId })
  })

  test('is replaced by a new one on request, by one only when it is asked for twice at once', async () => {
    const person = await world.person()
    const portico = as(person)
    const answers = await Promise.all([portico.rotateSession(), portico.rotateSession(), portico.viewer()])
    expect(answers[0]).toBe(answers[1])
    expect(answers[2]).toMatchObject({ id: person.globalId })
    expect(portico.token).toBe(answers[0].token)
    expect(portico.token).not.toBe(person.token)
    world.clock.advance(60_000)
    expect(await portico.viewer()).toMatchObject({ id: person.globalId })
    await portico.rotateSession()
    expect(portico.token).not.toBe(answers[0].token)
  })

  test('stays in a cookie where the client says so', async () => {
    const person = await world.person({ password: PASSWORD })
    const sent: RequestInit[] = []
    const cookies: (string | null)[] = []
    const portico = createPortico({
      url: world.portico.url,
      transport: 'COOKIE',
      fetch: async (input, init) => {
        sent.push(init!)
        const response = await fetch(input, init)
        cookies.push(response.headers.get('set-cookie'))
        return response
      },
    })
    const { session, token } = await portico.signIn({ login: person.email, password: PASSWORD })
    expect(session).toMatchObject({ transport: 'COOKIE' })
    expect([token, portico.token]).toEqual([null, null])
    expect(cookies[0]).toContain('__Host-portico=ptc_')
    expect(sent[0]!.credentials).toBe('include')
  })
})

describe('what goes wrong', () => {
  test('and can be put right is in the payload, and resultOf throws it', async () => {
    const portico = as(await world.person())
    const payload = await portico.createPost({ title: '', body: 'x' })
    expect(payload).toMatchObject({ post: null, userErrors: [{ code: 'REQUIRED', field: ['title'] }] })
    expect(() => resultOf(payload, 'post')).toThrow(RejectedError)
    expect(() => resultOf(payload, 'post')).toThrow('title: This must not be empty.')
  })

  test('and is for programs is a PorticoError with its code', async () => {
    expect(await failure(stranger().createPost({ title: 'x', body: 'x' }))).toMatchObject({
      code: 'UNAUTHENTICATED',
    })
    expect(await failure(as(await world.person()).users())).toMatchObject({
      code: 'FORBIDDEN',
      data: { users: null },
    })
  })

  test('in one field only leaves the other fields in data', async () => {
    const reader = as(await world.person({ permissions: ['users:read'] }))
    expect((await reader.users({ first: 1 }))?.edges).toHaveLength(1)
    const error = await failure(reader.users({ first: 1, orderBy: 'OLDEST_FIRST', withContact: true }))
    expect(error).toMatchObject({
      code: 'FORBIDDEN',
      errors: [{ path: ['users', 'edges', 0, 'node', 'email'] }],
    })
    expect(error.data).toMatchObject({
      users: { edges: [{ node: { username: expect.any(String), email: null } }] },
    })
  })

  test('never repeats the variables, which hold passwords', async () => {
    const person = await world.person({ password: PASSWORD })
    const secret = unique('a wrong password ')
    const refused = await failure(as(person).reauthenticate({ password: secret, method: 'SPELL' as never }))
    expect(refused.code).toBe('BAD_USER_INPUT')
    expect(inspect(refused, { depth: null })).not.toContain(secret)
  })

  test('on the way is UNAVAILABLE, with the cause', async () => {
    const error = await failure(createPortico({ url: 'http://127.0.0.1:9' }).viewer())
    expect(error.code).toBe('UNAVAILABLE')
    expect(error.cause).toMatchObject({ name: 'TypeError', message: 'fetch failed' })
    const proxy = createPortico({
      url: world.url,
      fetch: async () => new Response('<html>', { status: 502 }),
    })
    expect(await failure(proxy.viewer())).toMatchObject({
      code: 'UNAVAILABLE',
      message: 'The server answered 502 and nothing else.',
    })
  })

  test('because the caller gave up is the reason that the caller gave', async () => {
    await expect(stranger().viewer({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    })
  })
})

test('a mutation with an idempotency key is carried out once', async () => {
  const portico = as(await world.person())
  const idempotencyKey = crypto.randomUUID()
  const create = () => portico.createPost({ title: 'Once', body: 'Only once.' }, { idempotencyKey })
  expect(resultOf(await create(), 'post')).toEqual(resultOf(await create(), 'post'))
})

describe('lists', () => {
  const titles = ['One', 'Two', 'Three', 'Four', 'Five']
  let author: Person
  let fetches: number
  let portico: Portico
  let mine: { filter: { authorId: string }; orderBy: 'OLDEST_FIRST' }

  beforeAll(async () => {
    author = await world.person()
    for (const title of titles) {
      await world.post({ author, title })
      world.clock.advance(1)
    }
    mine = { filter: { authorId: author.globalId }, orderBy: 'OLDEST_FIRST' }
  })
  beforeEach(() => {
    fetches = 0
    portico = createPortico({
      url: world.portico.url,
      fetch: (input, init) => {
        fetches++
        return fetch(input, init)
      },
    })
  })

  test('answer one page when called, counted on request', async () => {
    const page = await portico.posts({ ...mine, first: 2, withTotalCount: true })
    expect(page).toMatchObject({
      totalCount: 5,
      edges: [{ node: { title: 'One' } }, { node: { title: 'Two' } }],
    })
    expect(await portico.posts({ ...mine, first: 2 })).not.toHaveProperty('totalCount')
    const back = await portico.posts({ ...mine, last: 2 })
    expect(back.edges.map(({ node }) => node.title)).toEqual(['Four', 'Five'])
  })

  test('give page after page', async () => {
    const sizes: number[] = []
    for await (const { edges } of portico.posts.pages({ ...mine, first: 2 })) sizes.push(edges.length)
    expect(sizes).toEqual([2, 2, 1])
    expect(fetches).toBe(3)
  })

  test('give item after item, and fetch no page that nobody wants', async () => {
    const read: string[] = []
    for await (const { title } of portico.posts.each({ ...mine, first: 2 })) read.push(title)
    expect(read).toEqual(titles)
    fetches = 0
    for await (const { title } of portico.posts.each({ ...mine, first: 2 })) if (title === 'Two') break
    expect(fetches).toBe(1)
  })

  test('of the viewer are empty for a stranger', async () => {
    expect(await portico.viewerSessions()).toBeNull()
    for await (const session of portico.viewerSessions.each())
      throw new Error(`A stranger has the session ${session.id}`)
    const own: boolean[] = []
    for await (const { isCurrent } of as(author).viewerSessions.each()) own.push(isCurrent)
    expect(own).toEqual([true])
  })
})

describe('subscriptions', () => {
  const signInElsewhere = ({ id }: Person) =>
    world.db.transaction((tx) => new SessionService(tx).start(id, Transport.BEARER, 'Kitchen tablet'))

  /** Does it again until the event is there: what happened before the server had subscribed, nobody is told. */
  async function until<Event>(event: Promise<Event>, doing: () => Promise<unknown>): Promise<Event> {
    const heard = event.then(() => true)
    while (!(await Promise.race([heard, doing().then(() => sleep(20))]))) continue
    return event
  }

  test('tell what happens from now on', async () => {
    const person = await world.person()
    const changes = as(person).viewerSessionsChanged()
    const change = await until(changes.next(), () => signInElsewhere(person))
    expect(change.value).toMatchObject({ kind: 'STARTED', session: { deviceName: 'Kitchen tablet' } })
    expect(await changes.return!()).toEqual({ done: true, value: undefined })
    expect(await changes.next()).toEqual({ done: true, value: undefined })
  })

  test('R105 end with UNAUTHENTICATED when the session does, also while nobody waits for events', async () => {
    const person = await world.person()
    let tellCode: (code: number) => void
    const closed = new Promise<number>((resolve) => (tellCode = resolve))
    class webSocket extends WebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols)
        this.on('close', tellCode)
      }
    }
    const portico = createPortico({ url: world.portico.url, token: person.token, webSocket })
    const changes = portico.viewerSessionsChanged()
    await until(changes.next(), () => signInElsewhere(person))
    await portico.signOut()
    expect(await closed).toBe(4401)
    await setImmediate()
    const rest = async () => {
      for await (const { kind } of changes) expect(['STARTED', 'ENDED']).toContain(kind)
    }
    expect(await failure(rest())).toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(await changes.next()).toEqual({ done: true, value: undefined })
  })

  test('are refused to strangers', async () => {
    const portico = createPortico({ url: world.portico.url, webSocket: WebSocket })
    expect(await failure(portico.viewerSessionsChanged().next())).toMatchObject({ code: 'UNAUTHENTICATED' })
  })
})
