import { useWorld } from '../support/world'
import { raw, sendRaw, type RawResponse } from '../support/raw-http'

const world = useWorld()

const JSON_TYPE = { 'content-type': 'application/json' }
const VIEWER = JSON.stringify({ query: '{ viewer { username } }' })

const post = (headers: Record<string, string>, body: string | Buffer = VIEWER, method = 'POST') =>
  fetch(world.url, { method, headers, body })

const get = (query: string, headers: Record<string, string> = {}) =>
  fetch(`${world.url}?${new URLSearchParams({ query }).toString()}`, { headers })

const host = () => new URL(world.url).host

async function contentOf(response: Response): Promise<unknown> {
  return JSON.parse(await response.text()) as unknown
}

/** Whether a `createPost` with this title was carried out. */
const wasWritten = async (title: string) =>
  (await world.db.query('SELECT 1 FROM posts WHERE title = $1', [title])).length > 0

const createPost = (title: string) =>
  `mutation { createPost(input: { title: "${title}", body: "x" }) { post { id } } }`

describe('a mutation', () => {
  test('R46 is refused by GET with 405 and the method that would do', async () => {
    const person = await world.person()
    const response = await get(createPost('By GET'), { authorization: `Bearer ${person.token}` })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('POST')
    expect(await wasWritten('By GET')).toBe(false)
  })

  test('R46 is refused by GET also where the document holds a query beside it', async () => {
    const person = await world.person()
    const query = `query Read { viewer { id } } ${createPost('Beside').replace('mutation', 'mutation Write')}`
    const parameters = new URLSearchParams({ query, operationName: 'Write' })
    const response = await fetch(`${world.url}?${parameters.toString()}`, {
      headers: { authorization: `Bearer ${person.token}` },
    })
    expect(response.status).toBe(405)
    expect(await wasWritten('Beside')).toBe(false)
  })

  test('is not carried out for a client that does not accept its answer', async () => {
    const person = await world.person()
    const body = JSON.stringify({ query: createPost('Unwanted') })
    const response = await post(
      { ...JSON_TYPE, accept: 'text/html', authorization: `Bearer ${person.token}` },
      body,
    )
    expect(response.status).toBe(406)
    expect(await wasWritten('Unwanted')).toBe(false)
  })
})

describe('a body', () => {
  test.each([
    ['text/plain', VIEWER],
    ['text/plain;charset=UTF-8', VIEWER],
    ['application/x-www-form-urlencoded', 'query={viewer{username}}'],
    [
      'multipart/form-data; boundary=x',
      `--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n${VIEWER}\r\n--x--`,
    ],
    ['application/graphql', '{ viewer { username } }'],
    ['application/json-patch+json', VIEWER],
    ['*/*', VIEWER],
    ['nonsense', VIEWER],
  ])('R47 of type %s is refused unread', async (type, body) => {
    expect((await post({ 'content-type': type }, body)).status).toBe(415)
    // Were it read, it would be found to be no JSON.
    expect((await post({ 'content-type': type }, '{')).status).toBe(415)
  })

  test('R47 of no type is refused unread', async () => {
    const response = await sendRaw(
      world.url,
      raw(['POST /graphql HTTP/1.1', `Host: ${host()}`, `Content-Length: ${VIEWER.length}`], VIEWER),
    )
    expect(response.status).toBe(415)
  })

  test.each(['gzip', 'br', 'deflate', 'x-unknown'])('R63 compressed with %s is refused', async (encoding) => {
    expect((await post({ ...JSON_TYPE, 'content-encoding': encoding })).status).toBe(415)
  })

  test('R63 of 100 KB is read, of one byte more not, whether its length is announced or not', async () => {
    const padded = (bytes: number) => VIEWER + ' '.repeat(bytes - VIEWER.length)
    expect((await post(JSON_TYPE, padded(100 * 1024))).status).toBe(200)
    expect((await post(JSON_TYPE, padded(100 * 1024 + 1))).status).toBe(413)
    const stream = new Blob([padded(100 * 1024 + 1)]).stream()
    const streamed = await fetch(world.url, {
      method: 'POST',
      headers: JSON_TYPE,
      body: stream,
      duplex: 'half',
    })
    expect(streamed.status).toBe(413)
  })

  test('R63 of a megabyte is answered, not cut off', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 20 }, async () => (await post(JSON_TYPE, 'x'.repeat(1_000_000))).status),
    )
    expect(new Set(statuses)).toEqual(new Set([413]))
  })

  test('R65 that is not UTF-8 is a client error', async () => {
    const [start, end] = JSON.stringify({
      query: 'query ($slug: String!) { postBySlug(slug: $slug) { id } }',
      variables: { slug: '#' },
    }).split('#')
    for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]]) {
      const body = Buffer.concat([Buffer.from(start!), Buffer.from(bytes), Buffer.from(end!)])
      const response = await post(JSON_TYPE, body)
      expect(response.status).toBe(400)
      expect(await contentOf(response)).toMatchObject({
        errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
      })
    }
  })

  test.each([
    '',
    '{',
    'NaN',
    'null',
    '[]',
    '"text"',
    '{"query":',
    '{"query":"{ viewer { id } }","variables":NaN}',
  ])('R67 that is no request is a client error: %s', async (body) => {
    const response = await post(JSON_TYPE, body)
    expect(response.status).toBe(400)
    expect(await contentOf(response)).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] })
  })
})

describe('the cookie', () => {
  const SIGN_IN = `mutation ($input: SignInInput!) { signIn(input: $input) { token user { username } userErrors { code } } }`
  const password = 'a password of some length'

  async function signIn() {
    const person = await world.person({ password })
    const response = await world.anonymous.send(SIGN_IN, {
      input: { login: person.username, password, transport: 'COOKIE' },
    })
    const header = response.headers.get('set-cookie')!
    return { person, response, header, cookie: header.split(';')[0]! }
  }

  test('R48 carries the token where the answer does not, and is for our host, our scripts and secure ways only', async () => {
    const { response, header, person } = await signIn()
    expect(response.data?.signIn).toEqual({
      token: null,
      user: { username: person.username },
      userErrors: [],
    })
    const [value, ...attributes] = header.split('; ')
    expect(value).toMatch(/^__Host-portico=ptc_[\w-]{43}$/)
    expect(attributes.filter((attribute) => !attribute.startsWith('Expires=')).sort()).toEqual([
      'HttpOnly',
      'Path=/',
      'SameSite=Lax',
      'Secure',
    ])
    expect(header.length).toBeLessThan(4096)
  })

  test('R48 is taken away at sign-out, and its token is dead', async () => {
    const { cookie } = await signIn()
    const response = await post(
      { ...JSON_TYPE, cookie },
      JSON.stringify({ query: 'mutation { signOut { userErrors { code } } }' }),
    )
    const [value, ...attributes] = response.headers.get('set-cookie')!.split('; ')
    expect(value).toBe('__Host-portico=')
    expect(attributes.sort()).toEqual(['HttpOnly', 'Max-Age=0', 'Path=/', 'SameSite=Lax', 'Secure'])
    expect(await contentOf(await post({ ...JSON_TYPE, cookie }))).toMatchObject({ data: { viewer: null } })
  })

  test('R48 is set by nothing but a sign-in', async () => {
    const { cookie } = await signIn()
    expect((await post({ ...JSON_TYPE, cookie })).headers.get('set-cookie')).toBeNull()
    expect((await post(JSON_TYPE)).headers.get('set-cookie')).toBeNull()
  })

  test.each([
    ['no page', {}],
    ['a page of ours', { origin: 'http://localhost:4000' }],
    ['a page of ours that says so', { origin: 'http://localhost:4000', 'sec-fetch-site': 'same-origin' }],
  ])('serves by POST for %s', async (_who, headers) => {
    const { cookie, person } = await signIn()
    const response = await post({ ...JSON_TYPE, cookie, ...headers })
    expect(await contentOf(response)).toMatchObject({ data: { viewer: { username: person.username } } })
  })

  test.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['no origin at all', { origin: 'null' }],
    ['our name with a suffix', { origin: 'http://localhost:4000.evil.example' }],
    ['our name as a suffix', { origin: 'http://evil-localhost:4000' }],
    ['our name as credentials', { origin: 'http://localhost:4000@evil.example' }],
    ['our host on another port', { origin: 'http://localhost:4001' }],
    ['our host in another scheme', { origin: 'https://localhost:4000' }],
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a sibling of our host', { 'sec-fetch-site': 'same-site' }],
  ])('R49 serves nobody from %s', async (_who, headers) => {
    const { cookie } = await signIn()
    for (const response of [
      await post({ ...JSON_TYPE, cookie, ...headers }),
      await get('{ viewer { id } }', { cookie, ...headers }),
    ]) {
      expect(response.status).toBe(403)
      expect(response.headers.get('access-control-allow-origin')).toBeNull()
      expect(await contentOf(response)).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] })
    }
  })

  test('R49 serves by GET only where the browser says that the page is ours', async () => {
    const { cookie, person } = await signIn()
    expect((await get('{ viewer { username } }', { cookie })).status).toBe(403)
    for (const site of ['same-origin', 'none']) {
      const response = await get('{ viewer { username } }', { cookie, 'sec-fetch-site': site })
      expect(await contentOf(response)).toMatchObject({ data: { viewer: { username: person.username } } })
    }
  })

  test('counts for nothing beside a bearer token', async () => {
    const { cookie } = await signIn()
    const other = await world.person()
    const response = await get('{ viewer { username } }', {
      cookie,
      authorization: `Bearer ${other.token}`,
      origin: 'https://evil.example',
    })
    expect(await contentOf(response)).toMatchObject({ data: { viewer: { username: other.username } } })
  })
})

describe('a GET', () => {
  test('serves strangers and holders of a bearer token freely', async () => {
    const person = await world.person()
    expect(await contentOf(await get('{ viewer { username } }'))).toMatchObject({ data: { viewer: null } })
    expect(
      await contentOf(await get('{ viewer { username } }', { authorization: `Bearer ${person.token}` })),
    ).toMatchObject({
      data: { viewer: { username: person.username } },
    })
  })

  test('R45 finds no token in the address', async () => {
    const { token } = await world.person()
    for (const name of ['token', 'access_token', 'authorization']) {
      const parameters = new URLSearchParams({ query: '{ viewer { username } }', [name]: token })
      expect(await contentOf(await fetch(`${world.url}?${parameters.toString()}`))).toMatchObject({
        data: { viewer: null },
      })
    }
  })
})

describe('a page of another origin', () => {
  const preflight = (origin: string) =>
    fetch(world.url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    })

  test('R49 is named in the answer when it is ours', async () => {
    const response = await preflight('http://localhost:4000')
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-origin')).toBe('http://localhost:4000')
    expect(response.headers.get('access-control-allow-credentials')).toBe('true')
    expect(response.headers.get('vary')).toMatch(/origin/i)
  })

  test.each([
    'https://evil.example',
    'null',
    'http://localhost:4000.evil.example',
    'http://evil-localhost:4000',
    'https://localhost:4000',
    '*',
  ])('R49 gets no leave: %s', async (origin) => {
    for (const response of [await preflight(origin), await post({ ...JSON_TYPE, origin })]) {
      expect(response.headers.get('access-control-allow-origin')).toBeNull()
      expect(response.headers.get('access-control-allow-credentials')).toBeNull()
      expect(response.headers.get('vary')).toMatch(/origin/i)
    }
  })
})

describe('every answer', () => {
  const line =
    (text: string, ...headers: string[]) =>
    () =>
      sendRaw(world.url, raw([text, `Host: ${host()}`, ...headers]))
  const bytes = (text: string) => () => sendRaw(world.url, text)
  const upgrade = (path: string, ...headers: string[]) =>
    line(
      `GET ${path} HTTP/1.1`,
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      ...headers,
    )
  const request = (lines: string[], body: string) => () =>
    sendRaw(
      world.url,
      raw(['POST /graphql HTTP/1.1', `Host: ${host()}`, `Content-Length: ${body.length}`, ...lines], body),
    )

  const answers: [status: number, what: string, send: () => Promise<RawResponse>][] = [
    [200, 'a query', request(['Content-Type: application/json'], VIEWER)],
    [400, 'no query', request(['Content-Type: application/json'], '{}')],
    [400, 'no JSON', request(['Content-Type: application/json'], '{')],
    [415, 'no JSON by its type', request(['Content-Type: text/plain'], VIEWER)],
    [413, 'a large body', request(['Content-Type: application/json'], ' '.repeat(200_000))],
    [
      406,
      'a client that wants something else',
      request(['Content-Type: application/json', 'Accept: text/css'], VIEWER),
    ],
    [
      403,
      'a strange page with a cookie',
      request(
        [`Cookie: __Host-portico=ptc_${'x'.repeat(43)}`, 'Origin: null', 'Content-Type: application/json'],
        VIEWER,
      ),
    ],
    [
      204,
      'a preflight',
      line(
        'OPTIONS /graphql HTTP/1.1',
        'Origin: http://localhost:4000',
        'Access-Control-Request-Method: POST',
      ),
    ],
    [404, 'an unknown path', line('GET /nothing HTTP/1.1')],
    [400, 'a path that cannot be read', line('GET /%zz HTTP/1.1')],
    [405, 'TRACE', line('TRACE /graphql HTTP/1.1')],
    [405, 'PUT', line('PUT /graphql HTTP/1.1')],
    [405, 'DELETE', line('DELETE /graphql HTTP/1.1')],
    [405, 'HEAD', line('HEAD /graphql HTTP/1.1')],
    [405, 'PROPFIND', line('PROPFIND /graphql HTTP/1.1')],
    [405, 'a method that nobody knows', line('FETCH /graphql HTTP/1.1')],
    [200, 'health', line('GET /health/live HTTP/1.1')],
    [200, 'metrics', line('GET /metrics HTTP/1.1')],
    [400, 'noise', bytes('GET /graphql\r\n\r\n')],
    [400, 'no host', bytes('GET /graphql HTTP/1.1\r\nConnection: close\r\n\r\n')],
    [
      400,
      'a host that is none',
      bytes('GET /graphql?query={__typename} HTTP/1.1\r\nHost: [\r\nConnection: close\r\n\r\n'),
    ],
    [
      421,
      'a stranger’s name for us',
      bytes('GET /graphql HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n'),
    ],
    [431, 'long headers', line('GET /graphql HTTP/1.1', `X-Long: ${'x'.repeat(20_000)}`)],
    [
      417,
      'an expectation that nobody knows',
      line('POST /graphql HTTP/1.1', 'Expect: wonders', 'Content-Length: 0'),
    ],
    [
      400,
      'two lengths',
      line(
        'POST /graphql HTTP/1.1',
        'Content-Type: application/json',
        'Content-Length: 2',
        'Content-Length: 3',
      ),
    ],
    [
      400,
      'a length and chunks',
      line(
        'POST /graphql HTTP/1.1',
        'Content-Type: application/json',
        'Content-Length: 2',
        'Transfer-Encoding: chunked',
      ),
    ],
    [
      400,
      'chunks that are no chunks',
      line(
        'POST /graphql HTTP/1.1',
        'Content-Type: application/json',
        'Transfer-Encoding: chunked, identity',
      ),
    ],
    [404, 'a socket elsewhere', upgrade('/elsewhere', 'Connection: Upgrade')],
    [
      403,
      'a socket of a strange page',
      upgrade('/graphql', 'Connection: Upgrade', 'Origin: https://evil.example'),
    ],
    [
      400,
      'a socket of another version',
      upgrade('/graphql', 'Connection: Upgrade', 'Sec-WebSocket-Version: 1'),
    ],
  ]

  test.each(answers)(
    'R50 R51 %i to %s protects its reader and does not say who wrote it',
    async (status, _what, send) => {
      const response = await send()
      expect(response.status).toBe(status)
      expect(response.headers).toMatchObject({
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'strict-transport-security': 'max-age=31536000; includeSubDomains',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
      })
      expect(response.headers).not.toHaveProperty('server')
      expect(response.headers).not.toHaveProperty('x-powered-by')
      expect(response.body).not.toMatch(/fastify|apollo|graphql-js|node_modules|[^0]\.\d+\.\d+/i)
    },
  )

  test.each(['X-Forwarded-For', 'X-Forwarded-Host', 'X-Real-IP', 'Forwarded', 'Via'])(
    'R101 to what a proxy on this machine passes on, which %s shows, is no page for developers',
    async (name) => {
      const browse = (path: string, ...headers: string[]) =>
        line(`GET ${path} HTTP/1.1`, 'Accept: text/html,*/*', ...headers)()
      for (const path of ['/dev/mailbox.json', '/dev/mailbox', '/explore']) {
        expect((await browse(path)).status).toBe(200)
        expect((await browse(path, `${name}: 203.0.113.9`)).status).toBe(404)
      }
      expect((await browse('/graphql')).headers['content-type']).toContain('text/html')
      expect((await browse('/graphql', `${name}: 203.0.113.9`)).headers['content-type']).not.toContain(
        'text/html',
      )
    },
  )

  test('R51 to a wrong method says which are right', async () => {
    expect((await line('PUT /graphql HTTP/1.1')()).headers.allow).toBe('GET, POST')
    expect((await line('POST /health/live HTTP/1.1', 'Content-Length: 0')()).headers.allow).toBe('GET')
    expect((await line('POST /avatar HTTP/1.1', 'Content-Length: 0')()).headers.allow).toBe('PUT')
    expect((await line('FETCH /graphql HTTP/1.1')()).headers.allow).toBe('GET, POST, PUT')
  })

  test('R51 to a smuggled request is one answer', async () => {
    const smuggled = `GET /health/live HTTP/1.1\r\nHost: ${host()}\r\n\r\n`
    const text = `POST /graphql HTTP/1.1\r\nHost: ${host()}\r\nContent-Type: application/json\r\nContent-Length: ${smuggled.length + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`
    const response = await sendRaw(world.url, text)
    expect(response.status).toBe(400)
    expect(response.body).toBe('')
  })
})
