import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http'
import { Agent as HttpsAgent, createServer as createHttpsServer } from 'node:https'
import {
  createServer as createTcpServer,
  Socket,
  type AddressInfo,
  type LookupFunction,
  type Server,
} from 'node:net'
import { WebhookFailure } from '../../src/core/webhook-transport'
import { isPublicAddress } from '../../src/core/address'
import { GuardedTransport, type GuardedTransportOptions } from '../../src/modules/webhook/guarded-transport'
import { certificateFor } from '../support/certificate'
import { until } from '../support/until'

const MESSAGE = { headers: { 'content-type': 'application/json' }, body: '{"type":"post.published"}' }

const transport = (options: Partial<GuardedTransportOptions> = {}) =>
  new GuardedTransport({ allowedHosts: [], allowsHttp: false, ...options })

const never = new AbortController().signal

const post = (url: string, options: Partial<GuardedTransportOptions> = {}) =>
  transport(options).post(url, MESSAGE, never)

const ADDRESSES = {
  'this network': ['0.0.0.0', '0.1.2.3'],
  'this machine': ['127.0.0.1', '127.255.255.254', '::1'],
  'private networks': [
    '10.0.0.1',
    '10.255.255.255',
    '172.16.0.1',
    '172.31.255.254',
    '192.168.0.1',
    'fc00::1',
    'fd12::1',
  ],
  'a provider’s own network (CGNAT)': ['100.64.0.1', '100.127.255.254', '100.100.100.200'],
  'the link alone': ['169.254.0.1', '169.254.169.254', 'fe80::1', 'febf::1', 'fe80::1%eth0'],
  'what was a site once': ['fec0::1'],
  'metadata of clouds': ['168.63.129.16', 'fd00:ec2::254', '192.0.0.192'],
  'protocol assignments': ['192.0.0.8', '2001::1', '2001:1::1'],
  documentation: ['192.0.2.1', '198.51.100.7', '203.0.113.9', '2001:db8::1', '3fff::1'],
  benchmarking: ['198.18.0.1', '198.19.255.254', '2001:2::1'],
  'relays, and what else stands for another address': [
    '192.88.99.1',
    '2002:7f00:1::',
    '2002:a00:1::',
    '2001:0:4136:e378::1',
  ],
  'many at once': ['224.0.0.1', '239.255.255.250', '255.255.255.255', 'ff02::1'],
  nobody: ['240.0.0.1', '::', '100::1', '5f00::1', '4000::1', '::7f00:1'],
  'IPv4 in IPv6': [
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:10.0.0.1',
    '::ffff:169.254.169.254',
    '::ffff:0:127.0.0.1',
    '64:ff9b::127.0.0.1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::a00:1',
  ],
  'no address at all': ['', 'example.com', '2130706433', '1.2.3'],
}

const PUBLIC = [
  '1.1.1.1',
  '9.255.255.255',
  '11.0.0.1',
  '100.63.255.255',
  '100.128.0.1',
  '172.15.255.255',
  '172.32.0.1',
  '192.167.255.255',
  '192.169.0.1',
  '223.255.255.254',
  '2606:4700:4700::1111',
  '::ffff:1.1.1.1',
  '64:ff9b::808:808',
]

describe('an address that is refused', () => {
  describe.each(Object.entries(ADDRESSES))('is that of %s', (_kind, addresses) => {
    test.each(addresses)('%s', (address) => {
      expect(isPublicAddress(address)).toBe(false)
    })
    test.each(addresses.filter(Boolean))('%s, where a name leads to it', async (address) => {
      const answer = await post('https://receiver.test/', { resolve: async () => [address] })
      expect(answer).toEqual({ failure: WebhookFailure.ADDRESS_REFUSED })
    })
  })

  test.each(PUBLIC)('is not the public %s', (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })
})

describe('a URL', () => {
  const NOT_SENT = [
    'http://127.0.0.1/',
    'https://127.0.0.1/',
    'https://127.0.0.1./',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0x7f.0.0.1/',
    'https://0177.0.0.1/',
    'https://127.1/',
    'https://127.0.1/',
    'https://0/',
    'https://１２７.０.０.１/',
    'https://127。0。0。1/',
    'https://①②⑦.⓪.⓪.①/',
    'https://%31%32%37.0.0.1/',
    'https://[::1]/',
    'https://[0:0:0:0:0:0:0:1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[fe80::1%25eth0]/',
    'https://[fd00:ec2::254]/',
    'https://localhost/',
    'https://LOCALHOST./',
    'https://anything.localhost/',
    'https://169.254.169.254/latest/meta-data/',
    'https://10.0.0.1:8443/',
  ]

  test.each(NOT_SENT)('%s leads into a private network, or nowhere', async (url) => {
    expect(transport().read(url)).toEqual({
      problem: expect.stringMatching(/private|https|no URL/) as string,
    })
    if (URL.canParse(url)) expect(await post(url)).toEqual({ failure: WebhookFailure.ADDRESS_REFUSED })
  })

  test.each([
    ['example.com/webhooks', 'no URL'],
    ['//example.com', 'no URL'],
    ['http://example.com/', 'https://'],
    ['ftp://example.com/', 'https://'],
    ['file:///etc/passwd', 'https://'],
    ['gopher://example.com/', 'https://'],
    ['https://user@example.com/', 'user'],
    ['https://:secret@example.com/', 'password'],
    ['https://example.com@10.0.0.1/', 'user'],
    ['https://example.com/#part', '#'],
    ['https://example.com:25/', 'Port 25'],
    ['https://example.com:6667/', 'Port 6667'],
    [`https://example.com/${'x'.repeat(2_048)}`, '2048'],
  ])('%s is refused with what is wrong with it', (url, words) => {
    expect(transport().read(url)).toEqual({ problem: expect.stringContaining(words) as string })
  })

  test.each([
    ['https://example.com', 'https://example.com/'],
    ['https://EXAMPLE.com:443/Hooks?to=1', 'https://example.com/Hooks?to=1'],
    ['https://example.com./', 'https://example.com/'],
    ['https://bücher.example/', 'https://xn--bcher-kva.example/'],
    ['https://example.com:8443/', 'https://example.com:8443/'],
    ['https://1.1.1.1/', 'https://1.1.1.1/'],
    ['https://[2606:4700:4700:0::1111]/', 'https://[2606:4700:4700::1111]/'],
  ])('%s is kept as %s', (given, url) => {
    expect(transport().read(given)).toEqual({ url })
  })

  test('without TLS is for this machine, where it is developed on and allowed', () => {
    const url = 'http://localhost:3000/'
    const allowed = { allowedHosts: ['localhost', 'intranet.example'] }
    expect(transport({ ...allowed, allowsHttp: true }).read(url)).toEqual({ url })
    expect(transport({ ...allowed, allowsHttp: false }).read(url)).toHaveProperty('problem')
    expect(transport({ allowsHttp: true }).read(url)).toHaveProperty('problem')
    expect(transport({ ...allowed, allowsHttp: true }).read('http://intranet.example/')).toHaveProperty(
      'problem',
    )
  })
})

describe('a name', () => {
  /** Where a call would have gone to; nothing leaves. */
  const watched = () => {
    const called: { name: string; addresses: unknown }[] = []
    class Agent extends HttpsAgent {
      override createConnection(options: { host: string; lookup: LookupFunction }) {
        options.lookup(options.host, { all: true }, (_, addresses) =>
          called.push({ name: options.host, addresses }),
        )
        const socket = new Socket()
        setImmediate(() => socket.destroy(new Error('Nothing leaves.')))
        return socket
      }
    }
    return { called, connection: { agent: new Agent() } }
  }

  test.each([
    [['1.1.1.1', '10.0.0.1']],
    [['127.0.0.1', '1.1.1.1']],
    [['2606:4700:4700::1111', '::1']],
    [['1.1.1.1', '::ffff:10.0.0.1']],
    [['1.1.1.1', '169.254.169.254', '1.0.0.1']],
  ])('that leads to %p is not called at all', async (addresses) => {
    const { called, connection } = watched()
    const answer = await post('https://receiver.test/', { resolve: async () => addresses, connection })
    expect(answer).toEqual({ failure: WebhookFailure.ADDRESS_REFUSED })
    expect(called).toEqual([])
  })

  test('that leads elsewhere a moment later is called where it led when it was looked at', async () => {
    const { called, connection } = watched()
    let lookUps = 0
    const resolve = async () => (++lookUps === 1 ? ['1.1.1.1', '2606:4700:4700::1111'] : ['127.0.0.1'])
    await post('https://receiver.test/', { resolve, connection })
    expect(called).toEqual([
      {
        name: 'receiver.test',
        addresses: [
          { address: '1.1.1.1', family: 4 },
          { address: '2606:4700:4700::1111', family: 6 },
        ],
      },
    ])
    expect(lookUps).toBe(1)
    expect(await post('https://receiver.test/', { resolve, connection })).toEqual({
      failure: WebhookFailure.ADDRESS_REFUSED,
    })
    expect(called).toHaveLength(1)
  })

  test('that nobody knows is told apart', async () => {
    const notFound = { failure: WebhookFailure.NAME_NOT_FOUND }
    expect(await post('https://receiver.test/', { resolve: async () => [] })).toEqual(notFound)
    const failing = { resolve: () => Promise.reject(new Error('SERVFAIL')) }
    expect(await post('https://receiver.test/', failing)).toEqual(notFound)
  })

  test('whose look-up never ends is given up', async () => {
    const endless = { resolve: () => new Promise<never>(() => undefined), timeout: 50 }
    expect(await post('https://receiver.test/', endless)).toEqual({ failure: WebhookFailure.TIMED_OUT })
  })

  test('of a private network is called where the operator allows it', async () => {
    const { called, connection } = watched()
    const resolve = async () => ['10.0.0.1']
    await post('https://crm.internal.example/', {
      allowedHosts: ['crm.internal.example'],
      resolve,
      connection,
    })
    expect(called).toHaveLength(1)
  })
})

describe('a receiver', () => {
  const servers: Server[] = []
  const sockets = new Set<Socket>()
  afterEach(() => {
    for (const socket of sockets) socket.destroy()
    for (const server of servers.splice(0)) server.close()
  })

  const listening = async (server: Server): Promise<number> => {
    servers.push(server)
    server.on('connection', (socket) => sockets.add(socket))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  }

  const LOCAL = { allowedHosts: ['127.0.0.1'], allowsHttp: true }

  const callTo = async (listener: RequestListener, options: Partial<GuardedTransportOptions> = {}) =>
    post(`http://127.0.0.1:${await listening(createHttpServer(listener))}/hooks`, { ...LOCAL, ...options })

  test('gets the message as it is', async () => {
    let seen: Partial<IncomingMessage> = {}
    let body = ''
    const answer = await callTo((request, response) => {
      seen = request
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => response.writeHead(204).end())
    })
    expect(answer).toEqual({ status: 204, retryAfter: null })
    expect(seen).toMatchObject({
      method: 'POST',
      url: '/hooks',
      headers: { ...MESSAGE.headers, 'content-length': '25', connection: 'close' },
    })
    expect(body).toBe(MESSAGE.body)
  })

  test.each([301, 302, 303, 307, 308])(
    'that answers %d to somewhere else is not followed there',
    async (status) => {
      let calls = 0
      const answer = await callTo((_request, response) => {
        calls++
        response.writeHead(status, { location: '/elsewhere' }).end()
      })
      expect([answer, calls]).toEqual([{ status, retryAfter: null }, 1])
    },
  )

  test('may say when to come again', async () => {
    const answer = await callTo((_request, response) =>
      response.writeHead(429, { 'retry-after': '120' }).end(),
    )
    expect(answer).toEqual({ status: 429, retryAfter: '120' })
  })

  test('that never answers is given up', async () => {
    expect(await callTo(() => undefined, { timeout: 100 })).toEqual({ failure: WebhookFailure.TIMED_OUT })
  })

  test('that sends its headers byte by byte is given up', async () => {
    const port = await listening(
      createTcpServer((socket) => {
        socket.on('error', () => undefined)
        const words = `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(10_000)}`
        let place = 0
        const timer = setInterval(() => socket.write(words[place++]!), 5)
        socket.on('close', () => clearInterval(timer))
      }),
    )
    const answer = await post(`http://127.0.0.1:${port}/`, { ...LOCAL, timeout: 200 })
    expect(answer).toEqual({ failure: WebhookFailure.TIMED_OUT })
  })

  test('that sends its body byte by byte has answered', async () => {
    let isClosed = false
    const answer = await callTo((_request, response) => {
      response.writeHead(200)
      const timer = setInterval(() => response.write('.'), 5)
      response.on('close', () => {
        isClosed = true
        clearInterval(timer)
      })
    })
    expect(answer).toEqual({ status: 200, retryAfter: null })
    await until(() => isClosed)
  })

  test('that sends 10 GB has answered, and is read no further', async () => {
    let sent = 0
    let isClosed = false
    const answer = await callTo((_request, response) => {
      response.writeHead(200, { 'content-length': 10 * 2 ** 30 })
      const chunk = Buffer.alloc(64 * 1024)
      const send = () => {
        while (!isClosed && response.write(chunk)) sent += chunk.length
      }
      response.on('drain', send).on('close', () => (isClosed = true))
      send()
    })
    expect(answer).toEqual({ status: 200, retryAfter: null })
    await until(() => isClosed)
    expect(sent).toBeLessThan(32 * 2 ** 20)
  })

  test('that sends endless headers has not answered', async () => {
    const answer = await callTo((_request, response) => {
      response.socket!.write('HTTP/1.1 200 OK\r\n')
      for (let count = 0; count < 5_000; count++) response.socket!.write(`x-${count}: ${'y'.repeat(100)}\r\n`)
    })
    expect(answer).toEqual({ failure: WebhookFailure.NO_ANSWER })
  })

  test.each([
    ['hangs up', (socket: Socket) => socket.end()],
    ['resets the connection', (socket: Socket) => socket.resetAndDestroy()],
    ['speaks another protocol', (socket: Socket) => socket.write('220 mail.example ESMTP\r\n')],
    [
      'says that it will answer, without end',
      (socket: Socket) => socket.end('HTTP/1.1 102 Processing\r\n\r\n'),
    ],
    [
      'switches protocols',
      (socket: Socket) => socket.write('HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    ],
  ])('that %s has not answered', async (_what, answer) => {
    const port = await listening(
      createTcpServer((socket) => {
        socket.on('error', () => undefined)
        socket.once('data', () => answer(socket))
      }),
    )
    const url = `http://127.0.0.1:${port}/`
    expect(await post(url, LOCAL)).toEqual({ failure: WebhookFailure.NO_ANSWER })
  })

  test('whose answer is broken after the status has answered', async () => {
    const port = await listening(
      createTcpServer((socket) => {
        socket.on('error', () => undefined)
        socket.once('data', () =>
          socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nnonsense\r\n'),
        )
      }),
    )
    expect(await post(`http://127.0.0.1:${port}/`, LOCAL)).toEqual({ status: 200, retryAfter: null })
  })

  test('that is not there is unreachable', async () => {
    const port = await listening(createTcpServer())
    await new Promise((resolve) => servers.pop()!.close(resolve))
    expect(await post(`http://127.0.0.1:${port}/`, LOCAL)).toEqual({ failure: WebhookFailure.UNREACHABLE })
  })

  test('is left when whoever sends has to stop', async () => {
    const stopping = new AbortController()
    const port = await listening(createHttpServer(() => stopping.abort(new Error('Stopped.'))))
    const call = transport(LOCAL).post(`http://127.0.0.1:${port}/`, MESSAGE, stopping.signal)
    await expect(call).rejects.toThrow('Stopped.')
  })

  describe('with TLS', () => {
    const resolve = async () => ['127.0.0.1']
    const allowedHosts = ['receiver.test', 'other.test']

    const listeningWith = async (certificate: { cert: string; key: string }) => {
      const names: (string | undefined)[] = []
      const server = createHttpsServer(certificate, (request, response) => {
        names.push(request.headers.host, (request.socket as { servername?: string }).servername)
        response.writeHead(200).end()
      })
      return { port: await listening(server), names }
    }

    test('is asked by its name for a certificate of its name', async () => {
      const certificate = await certificateFor('receiver.test')
      const { port, names } = await listeningWith(certificate)
      const options = { allowedHosts, resolve, connection: { ca: certificate.cert } }
      expect(await post(`https://receiver.test:${port}/`, options)).toEqual({ status: 200, retryAfter: null })
      expect(names).toEqual([`receiver.test:${port}`, 'receiver.test'])
      expect(await post(`https://other.test:${port}/`, options)).toEqual({
        failure: WebhookFailure.NOT_TRUSTED,
      })
      expect(names).toHaveLength(2)
    })

    test('is not trusted where nobody vouches for it, whatever the environment says', async () => {
      const { port } = await listeningWith(await certificateFor('receiver.test'))
      const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED
      process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
      try {
        const answer = await post(`https://receiver.test:${port}/`, { allowedHosts, resolve })
        expect(answer).toEqual({ failure: WebhookFailure.NOT_TRUSTED })
      } finally {
        if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
        else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before
      }
    })

    test('is not trusted where it speaks without', async () => {
      const port = await listening(createHttpServer((_request, response) => response.writeHead(200).end()))
      const answer = await post(`https://receiver.test:${port}/`, { allowedHosts, resolve })
      expect(answer).toEqual({ failure: WebhookFailure.NOT_TRUSTED })
    })
  })

  test('is called without a proxy, whatever the environment says', async () => {
    let proxied = 0
    const proxy = await listening(createHttpServer((_request, response) => (proxied++, response.end())))
    const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'NODE_USE_ENV_PROXY'] as const
    const before = names.map((name) => [name, process.env[name]] as const)
    for (const name of names)
      process.env[name] = name === 'NODE_USE_ENV_PROXY' ? '1' : `http://127.0.0.1:${proxy}`
    try {
      expect(await callTo((_request, response) => response.writeHead(200).end())).toHaveProperty(
        'status',
        200,
      )
      expect(proxied).toBe(0)
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name]
        else process.env[name] = value
      }
    }
  })
})
