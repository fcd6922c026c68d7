import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepareDemo, type DemoAccounts } from '../../src/cli/demo/demo'
import { DAY } from '../../src/core/clock'
import type { Foundation } from '../../src/server/portico'
import { useWorld } from '../support/world'

const world = useWorld()
let dataDir: string
let made: DemoAccounts

/** The world's foundation, with a data folder of its own. */
const foundation = (folder = dataDir): Foundation => ({
  ...world.portico,
  config: { ...world.portico.config, dataDir: folder },
})

const count = async (sql: string): Promise<number> => {
  const [row] = await world.db.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${sql}`)
  return row!.count
}

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'portico-demo-'))
})

afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

// In this order: the first test needs the database empty, the others what the second has made.
describe('demo data', () => {
  test('leaves nothing behind when its accounts cannot be kept', async () => {
    const file = join(dataDir, 'a-file')
    writeFileSync(file, '')
    await expect(prepareDemo(foundation(file))).rejects.toThrow('ENOTDIR')
    expect(await count('users')).toBe(0)
    expect(await count('audit_events')).toBe(0)
  })

  test('is made once when two processes begin together', async () => {
    const results = await Promise.all([prepareDemo(foundation()), prepareDemo(foundation())])
    const [accounts, ...others] = results.filter((result) => result !== null)
    expect(others).toEqual([])
    made = accounts!
    expect(await count('users')).toBe(53)
    expect(await count('posts')).toBe(200)
    expect(await prepareDemo(foundation())).toBeNull()
  })

  test('keeps the accounts in a file that only its owner reads', () => {
    const file = join(dataDir, 'demo-accounts.json')
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(made)
    expect(Object.keys(made)).toEqual(['admin', 'manager', 'user'])
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  test.each(['admin', 'manager', 'user'] as const)(
    'lets the %s sign in, with the powers of that role',
    async (role) => {
      const { username, email, password } = made[role]
      for (const login of [username, email]) {
        const { signIn } = await world.anonymous.data(
          `mutation ($input: SignInInput!) { signIn(input: $input) { user { username roles { name } } userErrors { message } } }`,
          { input: { login, password } },
        )
        expect(signIn.userErrors).toEqual([])
        expect(signIn.user.username).toBe(username)
        const names = signIn.user.roles.map(({ name }: { name: string }) => name)
        expect(names.sort()).toEqual([...new Set(['user', role])].sort())
      }
    },
  )

  test('R62 leaves no password that could be guessed, and none at all to invented people', async () => {
    // 24 characters out of 28 are 115 random bits.
    const passwords = Object.values(made).map(({ password }) => password)
    for (const password of passwords) expect(password).toMatch(/^([2-9bcdfghjkmnpqrstvwxyz]{8}(-|$)){3}$/)
    expect(new Set(passwords).size).toBe(3)
    expect(await count('passwords')).toBe(3)
    for (const login of ['admin', 'manager', 'user', 'ngozi']) {
      for (const password of ['password', login]) {
        const { signIn } = await world.anonymous.data(
          `mutation ($input: SignInInput!) { signIn(input: $input) { token userErrors { code } } }`,
          { input: { login, password } },
        )
        expect(signIn).toEqual({ token: null, userErrors: [{ code: 'INVALID_CREDENTIALS' }] })
      }
    }
  })

  test('spreads over a year that has passed, with some posts still drafts', async () => {
    const [span] = await world.db.query<{ first: Date; last: Date; months: number }>(
      `SELECT min(published_at) AS first, max(published_at) AS last,
              count(DISTINCT date_trunc('month', published_at))::int AS months FROM posts`,
    )
    expect(world.clock.now().getTime() - span!.first.getTime()).toBeLessThan(366 * DAY)
    expect(span!.last.getTime()).toBeLessThan(world.clock.now().getTime())
    expect(span!.months).toBeGreaterThanOrEqual(10)
    const drafts = await count(`posts WHERE status = 'draft'`)
    expect(drafts).toBeGreaterThan(10)
    expect(drafts).toBeLessThan(50)
    expect(await count('posts WHERE created_at > now() OR updated_at > now()')).toBe(0)
    expect(
      await count('posts JOIN users ON users.id = author_id WHERE posts.created_at < users.created_at'),
    ).toBe(0)
    expect(await count('(SELECT DISTINCT title FROM posts) titles')).toBe(200)
    expect(await count('(SELECT DISTINCT body FROM posts) bodies')).toBe(200)
  })

  test('is talked about: people answer, mention and react to each other, after what they are about', async () => {
    expect(await count('comments')).toBeGreaterThan(80)
    expect(await count('comments WHERE parent_id IS NOT NULL')).toBeGreaterThan(15)
    expect(await count('mentions')).toBeGreaterThan(5)
    expect(await count('reactions')).toBeGreaterThan(50)
    expect(await count('(SELECT DISTINCT author_id FROM comments) people')).toBeGreaterThan(25)
    expect(
      await count(
        `comments JOIN posts ON posts.id = post_id WHERE posts.status <> 'published' OR comments.created_at <= posts.published_at`,
      ),
    ).toBe(0)
    expect(
      await count('comments JOIN users ON users.id = author_id WHERE comments.created_at < users.created_at'),
    ).toBe(0)
    expect(
      await count(
        'threads WHERE comment_count <> (SELECT count(*) FROM comments WHERE post_id = threads.post_id)',
      ),
    ).toBe(0)
  })

  test('comes with the events, sessions, preferences and keys that real use leaves', async () => {
    const [events] = await world.db.query<Record<string, number>>(
      `SELECT count(*) FILTER (WHERE action = 'account.created')::int AS accounts,
              count(*) FILTER (WHERE action = 'post.created')::int AS posts,
              count(*) FILTER (WHERE action = 'role.granted')::int AS grants FROM audit_events`,
    )
    expect(events).toEqual({ accounts: 53, posts: 200, grants: 55 })
    expect(await count('emails')).toBe(53)
    expect(await count('(SELECT DISTINCT owner_id FROM data_keys) owners')).toBeGreaterThanOrEqual(53)
    expect(await count('(SELECT DISTINCT user_id FROM sessions) owners')).toBe(53)
    expect(await count('sessions WHERE ended_at IS NOT NULL')).toBeGreaterThan(5)
    expect(await count('(SELECT DISTINCT user_id FROM preferences) owners')).toBeGreaterThan(20)
    expect(
      await count(
        `audit_events WHERE action = 'session.sign-in-failed' AND occurred_at < now() - interval '1 day'`,
      ),
    ).toBeGreaterThan(3)
    expect(await count('audit_events WHERE occurred_at < (SELECT min(created_at) FROM users)')).toBe(0)
  })

  test('stays away from people who are there already', async () => {
    rmSync(join(dataDir, 'demo-accounts.json'))
    expect(await prepareDemo(foundation())).toBeNull()
    expect(await count('users')).toBe(53)
  })
})
