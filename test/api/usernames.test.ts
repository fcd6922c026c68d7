import { DAY } from '../../src/core/clock'
import { newId } from '../../src/core/id'
import { UserService } from '../../src/modules/user/user.service'
import {
  applicant,
  beginSignUp,
  codes,
  codeSentTo,
  completeSignUp,
  SIGN_IN,
  SIGN_UP,
} from '../support/account'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld({ RESERVED_USERNAMES: 'Acme, shop_keeper' })

const CHANGE =
  'mutation ($input: ChangeUsernameInput!) { changeUsername(input: $input) { user { id username version } userErrors { code field message } } }'

const change = async (person: Pick<Person, 'api'>, username: string, input: object = {}) =>
  (await person.api.data(CHANGE, { input: { username, ...input } })).changeUsername

const find = async (username: string, by: Pick<Person, 'api'> = { api: world.anonymous }) =>
  (
    await by.api.data('query ($username: String!) { userByUsername(username: $username) { id username } }', {
      username,
    })
  ).userByUsername

const TAKEN = { code: 'TAKEN', field: ['username'], message: 'This username is taken. Choose another.' }

describe('another username', () => {
  test('is had at once, the old one leads to it for 90 days, and signs nobody in', async () => {
    const password = `${unique()} harbour lantern`
    const person = await world.person({ password })
    const post = await world.post({ author: person })
    const username = unique('n')
    const { user, userErrors } = await change(person, username.toUpperCase())
    expect({ user, userErrors }).toEqual({
      user: { id: person.globalId, username, version: 2 },
      userErrors: [],
    })

    expect(await find(person.username)).toEqual({ id: person.globalId, username })
    expect(await find(username)).toEqual({ id: person.globalId, username })
    const { post: shown } = await world.anonymous.data(
      `{ post(id: "${post.globalId}") { author { username } } }`,
    )
    expect(shown.author).toEqual({ username })
    const signIn = async (login: string) =>
      codes((await world.anonymous.data(SIGN_IN, { input: { login, password } })).signIn)
    expect([await signIn(username), await signIn(person.username)]).toEqual([[], ['INVALID_CREDENTIALS']])

    const query = '{ viewer { formerUsernames { username changedAt reservationEndsAt } } }'
    const [former] = (await person.api.data(query)).viewer.formerUsernames
    expect(former.username).toBe(person.username)
    expect(Date.parse(former.reservationEndsAt) - Date.parse(former.changedAt)).toBe(90 * DAY)

    await world.db.query('UPDATE former_usernames SET reservation_ends_at = $2 WHERE username = $1', [
      person.username,
      world.clock.now(),
    ])
    expect(await find(person.username)).toBeNull()
    expect((await change(await world.person(), person.username)).userErrors).toEqual([])
  })

  test('is told by mail, with a way to say that it was somebody else', async () => {
    const person = await world.person()
    const username = unique('n')
    await change(person, username)
    const [mail] = world.portico.mailbox!.read(person.email)
    expect(mail).toMatchObject({
      subject: `Your username is ${username} now`,
      link: expect.stringContaining('#token='),
    })
  })

  test('that was given up can be had again by its owner, and by nobody else, in whatever way', async () => {
    const [person, other] = [await world.person(), await world.person()]
    await change(person, unique('n'))
    const { username } = person
    expect((await change(other, username)).userErrors).toEqual([TAKEN])
    const { signUp } = await world.anonymous.data(SIGN_UP, { input: applicant({ username }) })
    expect(signUp.userErrors).toEqual([TAKEN])
    const make = new UserService(world.db).create({ id: newId(), username, displayName: 'x', locale: 'en' })
    await expect(make).rejects.toThrow(TAKEN.message)
    const admin = await world.person({ role: 'admin' })
    const { updateUser } = await admin.api.data(
      'mutation ($input: UpdateUserInput!) { updateUser(input: $input) { userErrors { code field message } } }',
      { input: { userId: other.globalId, username } },
    )
    expect(updateUser.userErrors).toEqual([TAKEN])

    expect((await change(person, username)).user).toMatchObject({ username })
    expect(await find(username)).toEqual({ id: person.globalId, username })
  })

  test('that was given up while somebody signed up with it stays with its owner', async () => {
    const person = await world.person()
    const [held, wanted] = [unique('h'), unique('w')]
    const input = applicant({ username: held })
    const challengeId = await beginSignUp(world, input)
    await change(person, held)
    await change(person, wanted)
    const answer = await completeSignUp(world.anonymous, challengeId, codeSentTo(world, input.email))
    expect(codes(answer.data.completeSignUp)).toEqual(['TAKEN'])
  })

  test('can be chosen three times in 30 days, and staff can give one all the same', async () => {
    const person = await world.person()
    for (let turn = 0; turn < 3; turn++) expect((await change(person, unique('n'))).userErrors).toEqual([])
    const response = await person.api.send(CHANGE, { input: { username: unique('n') } })
    expect(response.errors![0]!.extensions).toMatchObject({
      code: 'RATE_LIMITED',
      retryAfter: expect.any(Number),
    })
    expect(response.errors![0]!.extensions.retryAfter).toBeGreaterThan((29 * DAY) / 1000)
    const admin = await world.person({ role: 'admin' })
    const { updateUser } = await admin.api.data(
      'mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { username } userErrors { code } } }',
      { input: { userId: person.globalId, username: unique('n') } },
    )
    expect(updateUser.userErrors).toEqual([])
  })

  test('of three at the same moment as many are counted as are made', async () => {
    const person = await world.person()
    await change(person, unique('n'))
    await change(person, unique('n'))
    const answers = await Promise.all(
      [1, 2, 3].map(() => person.api.send(CHANGE, { input: { username: unique('n') } })),
    )
    expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(1)
  })

  test('that is the same changes nothing; a change on top of another one is a conflict', async () => {
    const person = await world.person()
    expect((await change(person, person.username)).user).toMatchObject({ version: 1 })
    expect(world.portico.mailbox!.read(person.email)).toEqual([])
    const { errors } = await person.api.send(CHANGE, { input: { username: unique('n'), expectedVersion: 7 } })
    expect(errors![0]!.extensions.code).toBe('CONFLICT')
    expect(await find(person.username)).toMatchObject({ username: person.username })
  })

  test('of somebody restricted leads strangers nowhere, from the old one neither', async () => {
    const person = await world.person()
    await change(person, unique('n'))
    await new UserService(world.db).restrict(person.id)
    expect(await find(person.username)).toBeNull()
    expect(await find(person.username, person)).toMatchObject({ id: person.globalId })
  })

  test('is not shown to others as a former one', async () => {
    const [person, other] = [await world.person(), await world.person()]
    await change(person, unique('n'))
    const query = `{ user(id: "${person.globalId}") { formerUsernames { username } } }`
    const { data, errors } = await other.api.send(query)
    expect([data.user.formerUsernames, errors![0]!.extensions.code]).toEqual([null, 'FORBIDDEN'])
    const reader = await world.person({ permissions: ['users:read'] })
    expect((await reader.api.data(query)).user.formerUsernames).toEqual([{ username: person.username }])
  })
})

describe('a username that speaks for others', () => {
  test.each([
    'admin',
    'adm1n',
    'a_d_m_i_n',
    'Root',
    'r00t',
    'supp0rt',
    'rnoderator',
    'acme',
    'acrne',
    'sh0pkeeper',
    'no_reply',
  ])('%s is refused where one chooses: at sign-up and at a change', async (username) => {
    const refusal = { code: 'INVALID', field: ['username'], message: expect.stringContaining('is kept for') }
    const { signUp } = await world.anonymous.data(SIGN_UP, { input: applicant({ username }) })
    expect(signUp.userErrors).toEqual([refusal])
    expect((await change(await world.person(), username)).userErrors).toEqual([refusal])
  })

  test('a look-alike of one of the staff is taken, of anybody else it is not', async () => {
    const letters = () =>
      unique('n')
        .replace(/[^a-z]/g, 'x')
        .slice(0, 12)
    const [staff, person] = [await world.person({ role: 'manager' }), await world.person()]
    const [ofStaff, ofPerson] = [`mo_${letters()}`, `mo_${letters()}z`]
    for (const [who, username] of [
      [staff, ofStaff],
      [person, ofPerson],
    ] as const)
      await new UserService(world.db).change(who.id, { username }, undefined)
    const like = (username: string) => username.replace('mo_', 'rn0')
    const { signUp } = await world.anonymous.data(SIGN_UP, { input: applicant({ username: like(ofStaff) }) })
    expect(signUp.userErrors).toEqual([TAKEN])
    expect((await change(person, like(ofStaff))).userErrors).toEqual([TAKEN])
    expect((await change(staff, like(ofStaff))).userErrors).toEqual([])
    expect((await change(await world.person(), like(ofPerson))).userErrors).toEqual([])
  })

  test('staff may give one', async () => {
    const admin = await world.person({ role: 'admin' })
    const { createUser } = await admin.api.data(
      'mutation ($input: CreateUserInput!) { createUser(input: $input) { userErrors { code } } }',
      {
        input: { username: 'help_desk', displayName: 'Help', locale: 'en', email: `${unique()}@example.com` },
      },
    )
    expect(createUser.userErrors).toEqual([])
  })
})

test('look-alikes are found on an index', async () => {
  const rows = await world.db.transaction(async (tx) => {
    await tx.query('SET LOCAL enable_seqscan = off')
    return tx.query<Record<string, string>>(
      `EXPLAIN SELECT id FROM users WHERE username_skeleton(username) = username_skeleton('rnona')`,
    )
  })
  expect(JSON.stringify(rows)).toContain('users_username_skeleton_index')
})
