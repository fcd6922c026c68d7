import { connect } from 'node:net'
import { Client } from 'pg'
import { createLog } from '../../src/server/log'
import { applicant, beginSignUp, codeSentTo } from '../support/account'
import { MailServer } from '../support/mail-server'
import { until } from '../support/until'
import { useWorld, World } from '../support/world'

const world = useWorld({ LOG_LEVEL: 'trace' })

type Line = Record<string, unknown>
const lines = () => world.logLines.map((line) => JSON.parse(line) as Line)
const requests = () => lines().filter(({ msg }) => msg === 'request')

/** The line of a request, which is written when its connection is done with it. */
async function lineOf(requestId: string | null): Promise<Line> {
  const found = () => requests().filter((line) => line.requestId === requestId)
  await until(() => found().length > 0)
  expect(found()).toHaveLength(1)
  return found()[0]!
}

const post = (body: object | string, headers: Record<string, string> = {}) =>
  fetch(world.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

describe('a request', () => {
  test('leaves one line, which says what was asked, how it went and how long it took', async () => {
    const response = await post({ query: 'query Feed { posts(first: 3) { edges { node { title } } } }' })
    expect(await lineOf(response.headers.get('x-request-id'))).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      msg: 'request',
      requestId: expect.stringMatching(/^req_[\w-]{16}$/),
      method: 'POST',
      route: '/graphql',
      status: 200,
      durationMs: expect.any(Number),
      operation: 'Feed',
      kind: 'query',
      cost: 80 + 3 * 3,
    })
  })

  test('that fails says with which codes', async () => {
    const response = await post({ query: 'query Everyone { users { totalCount } a: users { totalCount } }' })
    expect(await lineOf(response.headers.get('x-request-id'))).toMatchObject({
      operation: 'Everyone',
      errorCodes: ['UNAUTHENTICATED'],
    })
  })

  test('that is no operation says so by its status', async () => {
    const response = await post('{')
    expect(await lineOf(response.headers.get('x-request-id'))).toMatchObject({
      route: '/graphql',
      status: 400,
    })
  })

  test('cannot choose what its line says: the name of an operation is cut, a path or query that we do not have is left out', async () => {
    const named = await post({ query: `query ${'n'.repeat(5_000)} { __typename }` })
    expect(await lineOf(named.headers.get('x-request-id'))).toMatchObject({ operation: 'n'.repeat(64) })
    const lost = await fetch(`${world.portico.url}/canary-path?canary-query=1`)
    expect(await lineOf(lost.headers.get('x-request-id'))).toMatchObject({ route: null, status: 404 })
    expect(world.logLines.join('')).not.toMatch(/canary-(path|query)/)
  })

  test('whose sender hangs up leaves its line too', async () => {
    const owner = new Client({ connectionString: world.portico.config.databaseOwnerUrl! })
    await owner.connect()
    await owner.query('BEGIN')
    await owner.query('LOCK TABLE posts IN ACCESS EXCLUSIVE MODE')
    const { hostname, port } = new URL(world.url)
    const body = JSON.stringify({ query: 'query Impatient { posts { totalCount } }' })
    const socket = connect({ host: hostname, port: Number(port) })
    socket.write(
      `POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    const isWaiting = async () =>
      (
        await world.db.query(
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        )
      ).length > 0
    await until(isWaiting)
    socket.destroy()
    await until(() => requests().some(({ aborted }) => aborted === true))
    await owner.query('ROLLBACK')
    await owner.end()
    expect(requests().filter(({ aborted }) => aborted)).toEqual([
      expect.objectContaining({ route: '/graphql', aborted: true }),
    ])
  })
})

describe('the log', () => {
  test('R45 R83 holds no password, token, code, cookie or address, whatever happens to them', async () => {
    const input = applicant()
    const challengeId = await beginSignUp(world, input)
    const code = codeSentTo(world, input.email)
    const COMPLETE =
      'mutation ($input: CompleteSignUpInput!) { completeSignUp(input: $input) { token userErrors { code } } }'
    const SIGN_IN = 'mutation ($input: SignInInput!) { signIn(input: $input) { token userErrors { code } } }'
    await world.anonymous.data(COMPLETE, { input: { challengeId, code: '2345-6789' } })
    const { completeSignUp } = await world.anonymous.data(COMPLETE, { input: { challengeId, code } })
    const { email, password } = input
    const { token } = completeSignUp as { token: string }
    const wrong = 'wrong-canary-password'
    await world.anonymous.send(SIGN_IN, { input: { login: email, password: wrong } })
    await world.anonymous.send(SIGN_IN, { input: { login: email, password: [password] } })
    await world.anonymous.send(
      `mutation { signIn(input: { login: "${email}", password: "${password}", nothing: 1 }) { token } }`,
    )
    const cookie = (
      await world.anonymous.send(SIGN_IN, { input: { login: email, password, transport: 'COOKIE' } })
    ).headers
      .get('set-cookie')!
      .split(';')[0]!
    await post({ query: '{ viewer { email } }' }, { cookie })
    await post({ query: '{ viewer { email } }' }, { cookie, origin: 'https://evil.example' })
    await post({ query: '{ viewer { email } }' }, { authorization: `Bearer ${token}` })
    await fetch(`${world.url}?query={viewer{id}}&token=${token}`)
    await fetch(`${world.portico.url}/${token}/${email}`)

    const owner = new Client({ connectionString: world.portico.config.databaseOwnerUrl! })
    await owner.connect()
    for (const table of ['sessions', 'users', 'emails', 'data_keys', 'passwords']) {
      await owner.query(`ALTER TABLE ${table} RENAME TO elsewhere`)
      await post({ query: '{ viewer { email } }' }, { authorization: `Bearer ${token}` })
      await world.anonymous.send(SIGN_IN, { input: { login: email, password } })
      await world.anonymous.send(SIGN_IN, { input: { login: input.username, password } })
      await owner.query(`ALTER TABLE elsewhere RENAME TO ${table}`)
    }
    await owner.end()

    const log = world.logLines.join('')
    expect(log).toContain('does not exist')
    for (const secret of [
      password,
      wrong,
      token,
      code,
      code.replace('-', ''),
      cookie.split('=')[1]!,
      email,
      email.split('@')[0]!,
    ]) {
      expect({ secret, isLogged: log.includes(secret) }).toEqual({ secret, isLogged: false })
    }
  })

  test('R83 holds no address that a mail server repeats when it does not take a mail', async () => {
    const mailServer = new MailServer()
    const posting = new World()
    await posting.start({ SMTP_URL: await mailServer.start() })
    const input = applicant()
    mailServer.recipient = `550 5.1.1 <${input.email}> is unknown here`
    await beginSignUp(posting, input)
    await until(() => posting.logLines.some((line) => line.includes('A message was refused for good')))
    const log = posting.logLines.join('')
    await posting.stop()
    await mailServer.stop()
    expect(log).toContain('"response":"550 5.1.1 (RCPT TO)"')
    expect(log).not.toContain(input.email.split('@')[0])
  })

  test('R84 is one line an entry, whatever the entry holds', () => {
    const written: string[] = []
    const log = createLog(
      { logLevel: 'info' },
      {
        write: (line: string) => void written.push(line),
      },
    )
    const text = 'a\r\nb\u001b[2Jc\u0000d\u007fe\u009b31mf\u2028g\u2029h\u0085i'
    log.info({ text, err: new Error(text) }, text)
    expect(written).toHaveLength(1)
    expect(written[0]).toMatch(/^[^\p{Cc}\u2028\u2029]*\n$/u)
    expect(JSON.parse(written[0]!)).toMatchObject({ text, msg: text })
  })

  test('R83 redacts what is logged by mistake', () => {
    const written: string[] = []
    const log = createLog(
      { logLevel: 'info' },
      {
        write: (line: string) => void written.push(line),
      },
    )
    const secrets = {
      password: 'canary',
      token: 'canary',
      code: 'canary',
      email: 'canary',
      authorization: 'canary',
      cookie: 'canary',
    }
    log.info({ ...secrets, input: secrets })
    log.error({
      err: Object.assign(new Error('failed'), {
        parameters: ['canary'],
        driverError: { code: '23505', detail: 'canary' },
      }),
    })
    expect(written.join('')).not.toContain('canary')
    expect(written.join('')).toContain('23505')
  })
})
