import { HOUR, later } from '../../src/core/clock'
import { MailService } from '../../src/modules/mail/mail.service'
import { publishDuePosts } from '../../src/modules/post/post.task'
import { codes, SIGN_IN } from '../support/account'
import { ApiClient } from '../support/api-client'
import { useWorld, type Person } from '../support/world'

const world = useWorld()

const PASSWORD = 'harbour lantern at dusk'
const DEACTIVATE = 'mutation { deactivateAccount { user { id deactivatedAt } userErrors { code } } }'

const deactivate = async (person: Pick<Person, 'api'>) =>
  (await person.api.data(DEACTIVATE)).deactivateAccount

const find = async (by: Pick<Person, 'api'>, { globalId }: { globalId: string }) =>
  (await by.api.data(`{ user(id: "${globalId}") { id } }`)).user

const signIn = async (login: string, password = PASSWORD) =>
  (await world.anonymous.data(SIGN_IN, { input: { login, password } })).signIn

const subjects = ({ email }: Person) => world.portico.mailbox!.read(email).map(({ subject }) => subject)

test('whoever deactivates their account is gone for others at once, with all that they have written; signing in brings it back', async () => {
  const [person, other] = [await world.person({ password: PASSWORD }), await world.person()]
  const stranger = { api: world.anonymous }
  const post = await world.post({ author: person })
  const shown = async (by: Pick<Person, 'api'>) => [
    await find(by, person),
    (await by.api.data(`{ userByUsername(username: "${person.username}") { id } }`)).userByUsername,
    (await by.api.data(`{ post(id: "${post.globalId}") { id } }`)).post,
    (await by.api.data(`{ posts(filter: { authorId: "${person.globalId}" }) { totalCount } }`)).posts
      .totalCount,
  ]
  const all = [{ id: person.globalId }, { id: person.globalId }, { id: post.globalId }, 1]
  expect([await shown(other), await shown(stranger)]).toEqual([all, all])

  expect(await deactivate(person)).toEqual({
    user: { id: person.globalId, deactivatedAt: expect.any(String) },
    userErrors: [],
  })
  const none = [null, null, null, 0]
  expect([await shown(other), await shown(stranger)]).toEqual([none, none])
  expect(subjects(person)[0]).toBe('Your account is deactivated')

  const { user, token, userErrors } = await signIn(person.username)
  expect([user.id, userErrors]).toEqual([person.globalId, []])
  expect(subjects(person)).toContain('Your account is active again')
  expect([await shown(other), await shown(stranger)]).toEqual([all, all])
  const { viewer } = await new ApiClient(world.url, token).data('{ viewer { deactivatedAt } }')
  expect(viewer.deactivatedAt).toBeNull()
})

test('all that is signed in ends, sessions and access tokens', async () => {
  const person = await world.person({ password: PASSWORD })
  const { token: other } = await signIn(person.username)
  const { createAccessToken } = await person.api.data(
    'mutation { createAccessToken(input: { name: "Backup", scopes: [] }) { token userErrors { code } } }',
  )
  await deactivate(person)
  for (const token of [person.token, other, createAccessToken.token]) {
    const { data } = await new ApiClient(world.url, token).send('{ viewer { id } }')
    expect(data?.viewer ?? null).toBeNull()
  }
  const rows = await world.db.query(
    'SELECT end_reason FROM sessions WHERE user_id = $1 UNION ALL SELECT end_reason FROM access_tokens WHERE user_id = $1',
    [person.id],
  )
  expect(rows).toEqual([1, 2, 3].map(() => ({ end_reason: 'deactivated' })))
})

test('a wrong password brings nothing back, and answers as it does of anybody', async () => {
  const [person, other] = [
    await world.person({ password: PASSWORD }),
    await world.person({ password: PASSWORD }),
  ]
  await deactivate(person)
  const [ofGone, ofOther] = [await signIn(person.username, 'wrong'), await signIn(other.username, 'wrong')]
  expect(ofGone).toEqual(ofOther)
  expect(await find(other, person)).toBeNull()
})

test('somebody suspended meanwhile does not come back by signing in', async () => {
  const person = await world.person({ password: PASSWORD })
  await deactivate(person)
  await world.suspend(person)
  expect(codes(await signIn(person.username))).toEqual(['INVALID_CREDENTIALS'])
  expect(await find({ api: world.anonymous }, person)).toBeNull()
})

test('staff who look after people find them, see since when, and nobody else is told', async () => {
  const [person, other] = [await world.person(), await world.person()]
  const manager = await world.person({ role: 'manager' })
  await deactivate(person)
  const query = `{ users(filter: { search: "${person.username}" }) { edges { node { id deactivatedAt status } } } }`
  const { users } = await manager.api.data(query)
  expect(users.edges).toEqual([
    { node: { id: person.globalId, deactivatedAt: expect.any(String), status: 'ACTIVE' } },
  ])
  const over = await world.group(person)
  const reader = await world.person({ permissions: ['users:read'], over })
  expect(await find(reader, person)).toEqual({ id: person.globalId })
  const elsewhere = await world.person({ permissions: ['users:read'], over: await world.group() })
  expect(await find(elsewhere, person)).toBeNull()
  expect(await find(await world.person({ permissions: ['preferences:read'] }), person)).toBeNull()
  expect(await find(other, person)).toBeNull()
})

test('a person can be deactivated and restricted: signing in ends the one and not the other', async () => {
  const person = await world.person({ password: PASSWORD })
  await person.api.data('mutation { restrictProcessing(input: {}) { userErrors { code } } }')
  await deactivate(person)
  const [reader, officer] = [
    await world.person({ permissions: ['users:read'] }),
    await world.person({ permissions: ['privacy:manage'] }),
  ]
  expect([await find(reader, person), await find(officer, person)]).toEqual([null, { id: person.globalId }])
  expect(codes(await signIn(person.username))).toEqual([])
  expect(await find({ api: world.anonymous }, person)).toBeNull()
})

test('what was to be published meanwhile is published when they are back', async () => {
  const person = await world.person({ password: PASSWORD })
  const scheduled = await world.scheduledPost({ author: person })
  await deactivate(person)
  await world.db.query('UPDATE posts SET publish_at = $2 WHERE id = $1', [
    scheduled.id,
    later(world.clock.now(), -HOUR),
  ])
  const status = async () => {
    await world.do(publishDuePosts, {})
    return (await world.db.query('SELECT status FROM posts WHERE id = $1', [scheduled.id]))[0]
  }
  expect(await status()).toEqual({ status: 'scheduled' })
  await signIn(person.username)
  expect(await status()).toEqual({ status: 'published' })
})

test('meanwhile they are written to about the safety of their account, and about nothing else', async () => {
  const person = await world.person()
  await deactivate(person)
  await world.db.transaction(async (tx) => {
    await new MailService(tx).send(person.id, 'webhookDisabled', { host: 'hooks.example.com' })
    await new MailService(tx).send(person.id, 'passwordReset', {
      code: 'x',
      link: 'https://x.example',
      minutes: 5,
      codeMinutes: 5,
    })
  })
  expect(subjects(person)).toHaveLength(2)
  expect(subjects(person).join()).not.toContain('Webhooks')
})

test('the last admin does not leave everybody alone, be the other one deactivated', async () => {
  const [one, two] = [await world.person({ role: 'admin' }), await world.person({ role: 'admin' })]
  await world.db.query(
    `DELETE FROM role_grants USING roles WHERE roles.id = role_id AND roles.name = 'admin' AND user_id <> ALL($1)`,
    [[one.id, two.id]],
  )
  expect(codes(await deactivate(one))).toEqual([])
  expect(codes(await deactivate(two))).toEqual(['LAST_ADMIN'])
})

test('asks for a fresh proof', async () => {
  const person = await world.person({ password: PASSWORD })
  world.clock.advance(HOUR)
  expect(await person.api.errorCode(DEACTIVATE)).toBe('REAUTHENTICATION_REQUIRED')
})
