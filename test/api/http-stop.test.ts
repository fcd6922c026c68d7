import { Agent, request, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { Client } from 'pg'
import { beginSignUp, applicant } from '../support/account'
import { MailServer } from '../support/mail-server'
import { until } from '../support/until'
import { World } from '../support/world'

let world: World
beforeEach(async () => {
  world = new World()
  await world.start()
})

interface Answer {
  status: number
  isLast: boolean
  body: string
}

/** Asks on a connection that is kept open for the next question. */
function ask(agent: Agent, path = '/graphql', query?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = query === undefined ? {} : { 'content-type': 'application/json' }
    const sent = request(
      `${world.portico.url}${path}`,
      { agent, method: query === undefined ? 'GET' : 'POST', headers },
      (response: IncomingMessage) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            isLast: response.headers.connection === 'close',
            body: Buffer.concat(chunks).toString(),
          }),
        )
      },
    )
    sent.on('error', reject)
    sent.end(query === undefined ? undefined : JSON.stringify({ query }))
  })
}

const keepAlive = () => new Agent({ keepAlive: true, maxSockets: 1 })

const isRefused = async () => {
  const { hostname, port } = new URL(world.portico.url)
  const socket: Socket = connect({
    host: hostname === 'localhost' ? '127.0.0.1' : hostname,
    port: Number(port),
  })
  return new Promise<boolean>((resolve) => {
    socket.on('connect', () => resolve(!socket.destroy()))
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'))
  })
}

describe('a stop', () => {
  test('fails no request of those that come while it lasts', async () => {
    const answers: Answer[] = []
    const failures: unknown[] = []
    let isStopping = false

    async function client(): Promise<void> {
      const agent = keepAlive()
      for (;;) {
        try {
          answers.push(
            await ask(
              agent,
              '/graphql',
              '{ posts(first: 5) { edges { node { title author { username } } } } }',
            ),
          )
        } catch (error) {
          // A client whose connection was ended politely finds nobody to connect to.
          if (isStopping && (error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return
          failures.push(error)
          return
        }
      }
    }

    const clients = Array.from({ length: 10 }, client)
    await until(() => answers.length >= 50)
    isStopping = true
    await world.stop()
    await Promise.all(clients)
    expect(failures).toEqual([])
    expect(answers.filter(({ status }) => status !== 200)).toEqual([])
    expect(answers.filter(({ isLast }) => isLast)).toHaveLength(10)
  })

  test('is known to whoever asks before the connection ends, and takes no new ones', async () => {
    const agent = keepAlive()
    expect(await ask(agent, '/health/ready')).toMatchObject({ status: 200, isLast: false })
    const stopped = world.stop()
    expect(await isRefused()).toBe(true)
    const { status, isLast, body } = await ask(agent, '/health/ready')
    expect({ status, isLast, body: JSON.parse(body) as unknown }).toEqual({
      status: 503,
      isLast: true,
      body: { ready: false, reason: 'shutting down' },
    })
    await stopped
  })

  test('lets what has begun come to its end', async () => {
    const owner = new Client({ connectionString: world.portico.config.databaseOwnerUrl! })
    await owner.connect()
    await owner.query('BEGIN')
    await owner.query('LOCK TABLE posts IN ACCESS EXCLUSIVE MODE')
    const answer = ask(keepAlive(), '/graphql', '{ posts { totalCount } }')
    const isWaiting = async () =>
      (
        await world.db.query(
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        )
      ).length > 0
    await until(isWaiting)
    const stopped = world.stop()
    expect(await isRefused()).toBe(true)
    await owner.query('ROLLBACK')
    await owner.end()
    expect(await answer).toMatchObject({
      status: 200,
      isLast: true,
      body: expect.stringContaining('"totalCount":0'),
    })
    await stopped
  })

  test('loses no mail that is being sent', async () => {
    await world.stop()
    const mailServer = new MailServer()
    world = new World()
    await world.start({ SMTP_URL: await mailServer.start() })
    let take!: () => void
    mailServer.slowness = new Promise<void>((resolve) => (take = resolve))
    await beginSignUp(world, applicant())
    await until(() => mailServer.handed === 1)
    const stopped = world.stop()
    await until(() => !world.portico.http.server.listening)
    setTimeout(take, 1_000)
    await stopped
    expect(mailServer.taken).toHaveLength(1)
    expect(world.logLines.join('')).not.toContain('Work behind a request failed')
    await mailServer.stop()
  })

  test('loses no refusal that is being recorded', async () => {
    const owner = new Client({ connectionString: world.portico.config.databaseOwnerUrl! })
    await owner.connect()
    await owner.query('BEGIN')
    await owner.query('LOCK TABLE audit_events IN ACCESS EXCLUSIVE MODE')
    await world.anonymous.send('{ users { totalCount } }')
    const stopped = world.portico.stop()
    await until(() => !world.portico.http.server.listening)
    setTimeout(() => void owner.query('COMMIT'), 1_000)
    await stopped
    const { rows } = await owner.query(`SELECT details FROM audit_events WHERE action = 'access.refused'`)
    await owner.end()
    expect(rows).toEqual([{ details: { fields: ['Query.users'] } }])
  })
})
