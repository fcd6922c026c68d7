import { createHash, randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { DAY, MINUTE } from '../../src/core/clock'
import { toGlobalId, type Id } from '../../src/core/id'
import { ApiClient } from '../support/api-client'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld()

const CREATE = `mutation ($input: CreatePostInput!) { createPost(input: $input) { post { id slug } userErrors { code } } }`

const withKey = (person: Person, key: string = randomUUID()) => ({
  api: person.api.with({ 'idempotency-key': key }),
  key,
})
const input = () => ({ input: { title: unique('Title '), body: 'Body' } })
const countPosts = async (person: Person) =>
  Number(
    (
      await world.db.query<{ count: string }>('SELECT count(*) FROM posts WHERE author_id = $1', [person.id])
    )[0]!.count,
  )

/** Everything of an answer but the headers, which name the request. */
const body = ({ status, data, errors }: { status: number; data?: unknown; errors?: unknown }) => ({
  status,
  data,
  errors,
})

describe('a mutation with an Idempotency-Key', () => {
  test('is carried out once, and answers alike when it is sent again', async () => {
    const person = await world.person()
    const { api } = withKey(person)
    const variables = input()
    const first = await api.send(CREATE, variables)
    const second = await api.send(CREATE, variables)
    expect(first.data.createPost.post.id).toMatch(/^post_/)
    expect(body(second)).toEqual(body(first))
    expect(await countPosts(person)).toBe(1)
  })

  test('is carried out once when fifty twins arrive together', async () => {
    const person = await world.person()
    const { api } = withKey(person)
    const variables = input()
    const answers = await Promise.all(Array.from({ length: 50 }, () => api.send(CREATE, variables)))
    const done = answers.filter((answer) => answer.data)
    expect(new Set(done.map((answer) => answer.data.createPost.post.id)).size).toBe(1)
    // Whoever was not answered was told to try again.
    expect(
      answers.filter((answer) => !answer.data).map((answer) => answer.errors![0]!.extensions.code),
    ).toEqual(answers.filter((answer) => !answer.data).map(() => 'UNAVAILABLE'))
    expect(await countPosts(person)).toBe(1)
  })

  test('stays done where something of what it did may not be shown', async () => {
    const clerk = await world.person({ permissions: ['roles:grant', 'posts:moderate'] })
    const [person, role] = [
      await world.person(),
      await world.db.query<{ id: string }>(
        `INSERT INTO roles (id, name, description, permissions, is_built_in, version, created_at)
       VALUES (gen_random_uuid(), $1, '', '{posts:moderate}', false, 1, now()) RETURNING id`,
        [unique('role ')],
      ),
    ]
    const { api } = withKey(clerk)
    const grant = () =>
      api.send(
        'mutation ($input: GrantRoleInput!) { grantRole(input: $input) { user { id email } userErrors { code } } }',
        { input: { userId: person.globalId, roleId: toGlobalId('role', role[0]!.id) } },
      )
    const first = await grant()
    expect(first.data.grantRole).toEqual({ user: { id: person.globalId, email: null }, userErrors: [] })
    expect(first.errors).toMatchObject([
      { path: ['grantRole', 'user', 'email'], extensions: { code: 'FORBIDDEN' } },
    ])
    const grants = await world.db.query('SELECT 1 FROM role_grants WHERE role_id = $1', [role[0]!.id])
    expect(grants).toHaveLength(1)
    expect(body(await grant())).toEqual(body(first))
  })

  test('is a CONFLICT when the key came with another request before', async () => {
    const person = await world.person()
    const { api } = withKey(person)
    await api.send(CREATE, input())
    expect(await api.errorCode(CREATE, input())).toBe('CONFLICT')
    expect(await countPosts(person)).toBe(1)
  })

  test('belongs to its caller: the same key of somebody else is another key', async () => {
    const [one, other] = [await world.person(), await world.person()]
    const variables = input()
    const { api, key } = withKey(one)
    const first = await api.data(CREATE, variables)
    const second = await withKey(other, key).api.data(CREATE, variables)
    expect(second.createPost.post.id).not.toBe(first.createPost.post.id)
  })

  test('answers a refusal that the user can mend alike, and leaves nothing behind', async () => {
    const person = await world.person()
    const { api } = withKey(person)
    const wrong = { input: { title: '', body: 'Body' } }
    const first = await api.send(CREATE, wrong)
    expect(first.data.createPost.userErrors).toEqual([{ code: 'REQUIRED' }])
    expect(body(await api.send(CREATE, wrong))).toEqual(body(first))
  })

  test('survives work that fails inside it: the failure is answered, recorded and kept', async () => {
    const taken = await world.person()
    const signUp = `mutation ($input: SignUpInput!) { signUp(input: $input) { challenge { id } userErrors { code field } } }`
    const variables = {
      input: {
        username: taken.username,
        email: `${unique('e')}@example.com`,
        password: 'a long enough sentence',
      },
    }
    const key = randomUUID()
    const first = await world.anonymous.with({ 'idempotency-key': key }).send(signUp, variables)
    expect(first.data.signUp.userErrors).toEqual([{ code: 'TAKEN', field: ['username'] }])
    expect(body(await world.anonymous.with({ 'idempotency-key': key }).send(signUp, variables))).toEqual(
      body(first),
    )
  })

  test('gives the same token and the same cookie again, and stores neither in plain text', async () => {
    const password = 'a long enough sentence'
    const person = await world.person({ password })
    const signIn = `mutation ($input: SignInInput!) { signIn(input: $input) { user { email } token userErrors { code } } }`
    for (const transport of ['BEARER', 'COOKIE']) {
      const key = randomUUID()
      const send = () =>
        world.anonymous
          .with({ 'idempotency-key': key })
          .send(signIn, { input: { login: person.username, password, transport } })
      const [first, second] = [await send(), await send()]
      expect(first.data.signIn.user.email).toBe(person.email)
      expect(body(second)).toEqual(body(first))
      expect(second.headers.get('set-cookie')).toBe(first.headers.get('set-cookie'))
      const secret =
        first.data.signIn.token ?? /__Host-portico=([^;]+)/.exec(first.headers.get('set-cookie')!)![1]
      const rows = await world.db.query<{ answer: Buffer }>('SELECT answer FROM idempotency_records')
      expect(rows.some(({ answer }) => answer.includes(secret))).toBe(false)
    }
  })

  test('does not keep an answer about an outage', async () => {
    const person = await world.person()
    const { api } = withKey(person)
    const variables = input()
    const owner = new Client({ connectionString: world.portico.config.databaseOwnerUrl! })
    await owner.connect()
    try {
      await owner.query('ALTER TABLE posts RENAME TO posts_away')
      expect(await api.errorCode(CREATE, variables)).toBe('INTERNAL')
      await owner.query('ALTER TABLE posts_away RENAME TO posts')
      expect((await api.data(CREATE, variables)).createPost.post.id).toMatch(/^post_/)
    } finally {
      await owner.end()
    }
    expect(await countPosts(person)).toBe(1)
  })

  test('does not keep an answer that asks to prove again who one is', async () => {
    const password = 'a password of some length'
    const admin = await world.person({ role: 'admin', password })
    const { globalId: userId } = await world.person()
    const [manager] = await world.db.query<{ id: Id }>(`SELECT id FROM roles WHERE name = 'manager'`)
    const GRANT = 'mutation ($input: GrantRoleInput!) { grantRole(input: $input) { userErrors { code } } }'
    const variables = { input: { userId, roleId: toGlobalId('role', manager!.id) } }
    const key = randomUUID()
    world.clock.advance(11 * MINUTE)
    const { errors } = await admin.api.with({ 'idempotency-key': key }).send(GRANT, variables)
    expect(errors![0]!.extensions.code).toBe('REAUTHENTICATION_REQUIRED')
    const { reauthenticate } = await admin.api.data(
      `mutation { reauthenticate(input: { password: "${password}" }) { token } }`,
    )
    const fresh = new ApiClient(world.url, reauthenticate.token).with({ 'idempotency-key': key })
    expect(await fresh.data(GRANT, variables)).toEqual({ grantRole: { userErrors: [] } })
  })

  test('R9 stores nothing by which a password in it could be guessed', async () => {
    const person = await world.person({ password: 'a password of some length' })
    const SIGN_IN = 'mutation ($input: SignInInput!) { signIn(input: $input) { token } }'
    const variables = { input: { login: person.username, password: 'a password of some length' } }
    const key = randomUUID()
    await world.anonymous.with({ 'idempotency-key': key }).data(SIGN_IN, variables)
    const request = JSON.stringify([SIGN_IN, null, variables])
    const stored = await world.db.query<{ request_hash: Buffer }>(
      'SELECT request_hash FROM idempotency_records',
    )
    expect(stored.map((row) => row.request_hash.toString('hex'))).not.toContain(
      createHash('sha256').update(request).digest('hex'),
    )
  })

  test('R26 of many who sign in with one, none takes the database away from the rest', async () => {
    const person = await world.person({ password: 'a password of some length' })
    const SIGN_IN = `mutation { signIn(input: { login: "${person.username}", password: "wrong" }) { userErrors { code } } }`
    const signIns = Array.from({ length: 60 }, () =>
      world.anonymous.with({ 'idempotency-key': randomUUID() }).send(SIGN_IN),
    )
    for (let query = 0; query < 5; query++) {
      const { errors } = await person.api.send('{ viewer { id } }')
      expect(errors).toBeUndefined()
    }
    const failures = (await Promise.all(signIns)).flatMap(({ errors }) => errors ?? [])
    expect(failures.filter(({ extensions }) => extensions.code !== 'RATE_LIMITED')).toEqual([])
  })

  test('is forgotten after a day', async () => {
    const person = await world.person()
    const { api } = withKey(person)
    const variables = input()
    const first = await api.data(CREATE, variables)
    world.clock.advance(DAY + 1)
    const second = await api.data(CREATE, variables)
    expect(second.createPost.post.id).not.toBe(first.createPost.post.id)
    world.clock.advance(-DAY - 1)
  })

  test('holds one mutation only, under a key that is one', async () => {
    const person = await world.person()
    const two = `mutation { a: signOut { userErrors { code } } b: signOut { userErrors { code } } }`
    expect(await withKey(person).api.errorCode(two)).toBe('BAD_USER_INPUT')
    expect(await withKey(person, 'short').api.errorCode(CREATE, input())).toBe('BAD_USER_INPUT')
    expect(await countPosts(person)).toBe(0)
  })

  test('writes the event of the change in the same transaction, once', async () => {
    const person = await world.person()
    const { api } = withKey(person)
    const variables = input()
    await api.data(CREATE, variables)
    await api.data(CREATE, variables)
    const events = await world.db.query(
      `SELECT 1 FROM audit_events WHERE actor_id = $1 AND action = 'post.created'`,
      [person.id],
    )
    expect(events).toHaveLength(1)
  })
})
