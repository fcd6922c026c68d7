import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, chmodSync, realpathSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DemoAccounts } from '../../src/cli/demo/demo'
import { ApiClient } from '../support/api-client'
import { PorticoProcess, ROOT, START } from './portico-process'

let folder: string
let environment: Record<string, string>
let running: PorticoProcess | undefined
let port: number

/** `npm start` on the data folder of this file. */
const start = (): PorticoProcess => (running = new PorticoProcess(environment))

const postmaster = () =>
  Number(
    readFileSync(
      join(realpathSync(join(environment.DATA_DIR!, 'postgres')), 'data/postmaster.pid'),
      'utf8',
    ).split('\n')[0],
  )

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  return !existsSync(`/proc/${pid}/stat`) || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

beforeAll(async () => {
  execFileSync(process.execPath, ['scripts/build.js'], { cwd: ROOT, stdio: 'ignore' })
  folder = mkdtempSync(join(tmpdir(), 'portico start '))
  // Root runs PostgreSQL as somebody else, who must be able to pass.
  chmodSync(folder, 0o755)
  mkdirSync(join(folder, 'a data folder'))
  port = await freePort()
  environment = {
    PORT: String(port),
    DATA_DIR: join(folder, 'a data folder'),
    BCRYPT_COST: '10',
    LANG: 'xx_XX.ISO-8859-1',
    LC_ALL: 'C',
  }
}, 60_000)

afterAll(async () => {
  await running?.end('SIGTERM')
  rmSync(folder, { recursive: true, force: true })
})

// One life of an installation, in order: each test goes on from where the one before stopped.
describe('npm start', () => {
  test('the first start makes everything, shows the demo accounts and says where it is ready', async () => {
    const portico = start()
    await portico.ready()
    const accounts = JSON.parse(
      readFileSync(join(environment.DATA_DIR!, 'demo-accounts.json'), 'utf8'),
    ) as DemoAccounts
    expect(portico.stderr).toBe('')
    expect(portico.stdout.split('\n')).toEqual([
      'Demo accounts:',
      ...(['admin', 'manager', 'user'] as const).map((role) => {
        const { username, email, password } = accounts[role]
        return `  ${username.padEnd(9)}${email.padEnd(22)}${password}`
      }),
      `They are kept in ${join(environment.DATA_DIR!, 'demo-accounts.json')}; their passwords are shown this once.`,
      '',
      `Portico is ready at http://localhost:${port}/graphql`,
      '',
    ])
    const { data } = await new ApiClient(`http://localhost:${port}/graphql`).send(
      '{ posts(first: 1) { totalCount } }',
    )
    expect(data.posts.totalCount).toBeGreaterThan(150)
  }, 60_000)

  test('a copy on the same data folder is refused in one sentence', async () => {
    const { code, stdout, stderr } = await new PorticoProcess({
      ...environment,
      PORT: String(await freePort()),
    }).end()
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe(
      `The data folder ${environment.DATA_DIR} is in use by the running Portico process ${running!.child.pid}: ` +
        'stop that one, or give this one another DATA_DIR.\n',
    )
  }, 30_000)

  test('a copy on the same port is refused in one line, before it makes a database', async () => {
    const DATA_DIR = join(folder, 'another')
    const { code, stdout, stderr } = await new PorticoProcess({ ...environment, DATA_DIR }).end()
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: '',
      stderr: `Port ${port} is taken by another program. Set PORT to a free one, e.g. PORT=${port + 1}.\n`,
    })
    expect(existsSync(DATA_DIR)).toBe(false)
  }, 30_000)

  test('commands work beside it', async () => {
    const command = new PorticoProcess(environment, [
      process.execPath,
      'bin/portico.js',
      'user',
      'create',
      'first_admin',
      'first@example.com',
      '--role',
      'admin',
      '--password-stdin',
    ])
    command.child.stdin!.end('three unrelated nouns\n')
    const { code, stdout } = await command.end()
    expect(stdout).toMatch(/^Made first_admin \(user_[0-9a-z]{26}\), who is admin and user\.\n$/)
    expect(code).toBe(0)
    const { signIn } = await new ApiClient(`http://localhost:${port}/graphql`).data(
      `mutation { signIn(input: { login: "first@example.com", password: "three unrelated nouns" }) { user { roles { name } } userErrors { code } } }`,
    )
    expect(signIn.userErrors).toEqual([])
    expect(signIn.user.roles.map(({ name }: { name: string }) => name).sort()).toEqual(['admin', 'user'])
  }, 30_000)

  test('Ctrl-C, sent twice as npm does, stops it and its PostgreSQL with exit code 0', async () => {
    const pid = postmaster()
    expect(isAlive(pid)).toBe(true)
    running!.child.kill('SIGINT')
    const { code, stderr } = await running!.end('SIGINT')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(isAlive(pid)).toBe(false)
  }, 30_000)

  test('a later start tells where the accounts are, and no passwords', async () => {
    await start().ready()
    expect(running!.stdout).toBe(
      `The demo accounts are in ${join(environment.DATA_DIR!, 'demo-accounts.json')}.\n` +
        `Portico is ready at http://localhost:${port}/graphql\n`,
    )
    expect(running!.stderr).toBe('')
  }, 30_000)

  test('after kill -9 the next start recovers by itself', async () => {
    await running!.end('SIGKILL')
    await start().ready()
    const { data } = await new ApiClient(`http://localhost:${port}/graphql`).send(
      '{ userByUsername(username: "first_admin") { username } }',
    )
    expect(data).toEqual({ userByUsername: { username: 'first_admin' } })
  }, 30_000)

  test('a signal for npm alone, whose shell hands nothing on, stops it too', async () => {
    await running!.end('SIGTERM')
    // Such a shell, which does more than one thing and so does not become Portico.
    const shell = ['sh', '-c', '"$0" "$@" && true', ...START]
    running = new PorticoProcess({ ...environment, npm_lifecycle_event: 'start' }, shell)
    await running.ready()
    const server = postmaster()
    running.child.kill('SIGTERM')
    // Its output ends when Portico has ended, too.
    await running.end()
    expect(isAlive(server)).toBe(false)
  }, 30_000)

  test('SIGTERM during the start is obeyed with exit code 0', async () => {
    await running!.end('SIGTERM')
    const portico = start()
    while (!existsSync(join(environment.DATA_DIR!, 'postgres.lock')))
      await new Promise((resolve) => setTimeout(resolve, 5))
    const { code, stderr } = await portico.end('SIGTERM')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(existsSync(join(environment.DATA_DIR!, 'postgres.lock'))).toBe(false)
  }, 30_000)
})
