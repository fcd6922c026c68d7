import { DAY, HOUR, later } from '../../src/core/clock'
import { newId, toGlobalId, type Id } from '../../src/core/id'
import { EmailService } from '../../src/modules/email/email.service'
import { RoleGrantService } from '../../src/modules/role/role-grant.service'
import { RoleService } from '../../src/modules/role/role.service'
import { UserStatus } from '../../src/modules/user/user-status'
import { UserService } from '../../src/modules/user/user.service'
import { storedAccessToken } from '../support/access-token'
import type { ApiClient } from '../support/api-client'
import { newNumber, phoneOf } from '../support/phones'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld()

const SEARCH = `query ($filter: UserFilter, $orderBy: UserOrder, $first: Int, $after: String, $last: Int, $before: String) {
  users(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { username } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
  }
}`

type Filter = Record<string, unknown>

let admin: Person
beforeAll(async () => (admin = await world.person({ role: 'admin' })))

/** Lets so much time pass that nobody is signed in any more. */
async function wait(time: number): Promise<void> {
  world.clock.advance(time)
  admin = await world.person({ role: 'admin' })
}

/** Somebody, a second younger than the one before. */
async function add(displayName: string, username = unique('u'), status = UserStatus.ACTIVE) {
  world.clock.advance(1_000)
  const user = { id: newId(world.clock.now()), username, displayName, locale: 'en', status }
  return new UserService(world.db).create(user)
}

const see = (id: Id, at: Date) => world.db.query('UPDATE users SET last_seen_at = $2 WHERE id = $1', [id, at])

const connection = async (filter: Filter, page: Record<string, unknown> = {}) =>
  (await admin.api.data(SEARCH, { filter, ...page })).users

/** The usernames that are found, in the order of the list, which the count has to agree with. */
async function find(filter: Filter, orderBy = 'OLDEST_FIRST'): Promise<string[]> {
  const { edges, totalCount } = await connection(filter, { orderBy, first: 100 })
  expect(totalCount).toBe(edges.length)
  return edges.map(({ node }: { node: { username: string } }) => node.username)
}

const refusal = async (api: ApiClient, filter: Filter) => {
  const { data, errors } = await api.send(SEARCH, { filter })
  return { users: data.users, told: errors!.map(({ message, extensions }) => [message, extensions]) }
}

describe('a search', () => {
  test('finds parts of usernames and of display names, whatever their case', async () => {
    const mark = unique()
    const { username: byUsername } = await add('Somebody', `a${mark}`)
    const { username: byName } = await add(`Ada Xx${mark.toUpperCase()}xX Byron`)
    const both = [byUsername, byName]
    expect(await find({ search: mark })).toEqual(both)
    expect(await find({ search: mark.toUpperCase() })).toEqual(both)
    expect(await find({ search: mark.slice(2, -2) })).toEqual(both)
    expect(await find({ search: `${mark}xx` })).toEqual([byName])
    expect(await find({ search: `  ${mark}  ` })).toEqual(both)
    expect(await find({ search: `${mark}y` })).toEqual([])
  })

  test.each([
    ['Jürgen Größe', ['jurgen', 'JÜRGEN', 'grosse', 'GRÖSSE', 'größe']],
    ['Zoë Ångström', ['zoe', 'angstrom', 'A\u030angstro\u0308m']],
    ['Łukasz Sørensen', ['lukasz', 'sorensen', 'SØREN']],
    ['Ægir Đorđević', ['aegir', 'đorđević', 'dordevic']],
    ['Νίκος Παππάς', ['νικοσ', 'ΝΊΚΟΣ', 'παππας']],
    ['Алёна Йорк', ['алена', 'АЛЁНА', 'йорк']],
    ['ﬁona Ｗｉｄｅ', ['fiona', 'wide']],
    ['王小明', ['王小明', '王小', '王']],
  ])('finds %s by %j', async (name, searches) => {
    const mark = unique()
    const { username } = await add(`${name} ${mark}`)
    await add(`Somebody else ${mark}`)
    for (const search of searches)
      expect([search, await find({ search: `${search} ${mark}` })]).toEqual([search, [username]])
  })

  test('finds who has all of its words, in whatever order and wherever each stands', async () => {
    const mark = unique()
    const { username } = await add(`Grace Brewster Hopper ${mark}`, `g_hopper_${unique('').slice(0, 8)}`)
    expect(await find({ search: `hopper grace ${mark}` })).toEqual([username])
    expect(await find({ search: `rews ${mark} hopp grac` })).toEqual([username])
    expect(await find({ search: `grace & ${mark}` })).toEqual([username])
    expect(await find({ search: `grace lovelace ${mark}` })).toEqual([])
    // An underscore separates words, where it is searched and where it is found.
    expect(await find({ search: `g_hopper ${mark}` })).toEqual([username])
    expect(await find({ search: `hopper g ${mark}` })).toEqual([username])
  })

  test('for one or two letters finds the beginnings of words', async () => {
    const mark = unique()
    const { username } = await add(`Xavier Quill ${mark}`, `zed_yak_${unique('').slice(0, 8)}`)
    for (const search of ['x', 'XA', 'q', 'qu', 'z', 'ze', 'ya', 'x q', 'Ÿ'])
      expect([search, await find({ search: `${search} ${mark}` })]).toEqual([search, [username]])
    for (const search of ['v', 'av', 'ui', 'ed', 'x v'])
      expect([search, await find({ search: `${search} ${mark}` })]).toEqual([search, []])
    expect(await find({ search: 'xa' })).toContain(username)
  })

  test('takes signs of patterns for what they are', async () => {
    const mark = unique()
    const percent = (await add(`100%sure ${mark}`)).username
    const backslash = (await add(`back\\slash ${mark}`)).username
    await add(`100 and sure ${mark}`)
    await add(`backslash ${mark}`)
    expect(await find({ search: `100%sure ${mark}` })).toEqual([percent])
    expect(await find({ search: `100%s ${mark}` })).toEqual([percent])
    // U+FF05 becomes a percent sign when it is folded.
    expect(await find({ search: `100％sure ${mark}` })).toEqual([percent])
    expect(await find({ search: `1%e ${mark}` })).toEqual([])
    expect(await find({ search: `back\\slash ${mark}` })).toEqual([backslash])
    expect(await find({ search: `b_c ${mark}` })).toEqual([])
    expect(await find({ search: `' OR true -- ${mark}` })).toEqual([])
  })

  test.each(['%', '_', '%%%', '\\', '- . -', '😀'])(
    'of signs alone, %j, is refused, with the place named',
    async (search) => {
      const { users, told } = await refusal(admin.api, { search })
      expect(users).toBeNull()
      expect(told).toEqual([
        [
          'Use a letter or a digit at least.',
          {
            code: 'BAD_USER_INPUT',
            problems: [
              { code: 'INVALID', field: ['filter', 'search'], message: 'Use a letter or a digit at least.' },
            ],
          },
        ],
      ])
    },
  )

  test('that is empty or null says nothing', async () => {
    const everybody = await connection({}, { first: 1 })
    expect((await admin.api.data(SEARCH, { filter: null })).users.totalCount).toBe(everybody.totalCount)
    for (const search of ['', '   ', null])
      expect((await connection({ search }, { first: 1 })).totalCount).toBe(everybody.totalCount)
  })

  test('R57 tells nothing of what else is known of a person', async () => {
    const mark = unique()
    const id = newId(world.clock.now())
    await new UserService(world.db).create({
      id,
      username: unique('u'),
      displayName: 'Somebody',
      locale: 'en',
      bio: `Bio ${mark}`,
    })
    await new EmailService(world.db).addPrimary(id, `${mark}@example.com`)
    for (const search of [mark, `${mark}@example.com`, `Bio ${mark}`, id, toGlobalId('user', id)])
      expect([search, await find({ search })]).toEqual([search, []])
  })

  test('finds what has just changed, and not what was', async () => {
    const person = await world.person()
    const [before, after] = [unique('before'), unique('after')]
    const rename = (name: string) =>
      person.api.data(
        'mutation ($name: String) { updateProfile(input: { displayName: $name }) { user { id } } }',
        { name },
      )
    await rename(before)
    expect(await find({ search: before })).toEqual([person.username])
    await rename(after)
    expect(await find({ search: before })).toEqual([])
    expect(await find({ search: after })).toEqual([person.username])
    expect(await find({ search: after, status: 'SUSPENDED' })).toEqual([])
    await world.suspend(person)
    expect(await find({ search: after, status: 'SUSPENDED' })).toEqual([person.username])
    expect(await find({ search: after, status: 'ACTIVE' })).toEqual([])
  })
})

describe('a filter', () => {
  test('by the beginning of usernames takes every case, and signs of patterns for what they are', async () => {
    const stem = unique('p').slice(0, 12)
    const names = [`${stem}_a`, `${stem}_b`, `${stem}x`]
    for (const name of names) await add('Somebody', name)
    expect(await find({ usernamePrefix: stem.toUpperCase() })).toEqual(names)
    expect(await find({ usernamePrefix: `${stem}_` })).toEqual(names.slice(0, 2))
    expect(await find({ usernamePrefix: `${stem}_` }, 'USERNAME')).toEqual(names.slice(0, 2))
    expect(await find({ usernamePrefix: `${stem.slice(0, -1)}_` })).toEqual([])
    expect(await find({ usernamePrefix: stem.slice(1) })).toEqual([])
    expect(await find({ usernamePrefix: '%' })).toEqual([])
  })

  test('by e-mail address finds its owner alone, however it is spelled', async () => {
    const person = await world.person()
    for (const email of [person.email, person.email.toUpperCase(), ` ${person.email} `])
      expect(await find({ email })).toEqual([person.username])
    for (const email of [`x${person.email}`, person.email.slice(1), '%@example.com'])
      expect(await find({ email })).toEqual([])
    expect(await find({ email: person.email, status: 'SUSPENDED' })).toEqual([])
    expect(await find({ email: person.email, search: person.username })).toEqual([person.username])
    await new EmailService(world.db).replacePrimary(person.id, `${unique('new')}@example.com`)
    expect(await find({ email: person.email })).toEqual([])
  })

  test.each(['nobody', 'ada@', 'a@b', '@'])('by what is no address, %j, is refused', async (email) => {
    const { users, told } = await refusal(admin.api, { email })
    expect(users).toBeNull()
    const problems = [{ code: 'INVALID', field: ['filter', 'email'] }]
    expect(told).toMatchObject([
      [expect.stringContaining('e-mail address'), { code: 'BAD_USER_INPUT', problems }],
    ])
  })

  test('by role finds who holds it at this moment', async () => {
    const asAdmin = await world.asViewer(admin)
    const [roles, grants] = [new RoleService(asAdmin), new RoleGrantService(asAdmin)]
    const role = await roles.create({
      name: unique('role '),
      description: '',
      permissions: [],
      requiresReason: false,
    })
    const [forGood, forADay, revoked, other] = await Promise.all([1, 2, 3, 4].map(() => world.person()))
    const grant = (person: Person, expiresAt?: Date) =>
      grants.grant({ userId: person.id, roleId: role.id, expiresAt })
    await grant(forGood!)
    await grant(forADay!, later(world.clock.now(), DAY))
    await grant(revoked!)
    await grants.revoke({ userId: revoked!.id, roleId: role.id })
    const roleId = toGlobalId('role', role.id)
    const holders = async (filter: Filter = {}) => new Set(await find({ roleId, ...filter }))
    expect(await holders()).toEqual(new Set([forGood!.username, forADay!.username]))
    expect(await holders({ search: forADay!.username })).toEqual(new Set([forADay!.username]))
    expect(await holders({ search: other!.username })).toEqual(new Set())
    await wait(DAY)
    expect(await holders()).toEqual(new Set([forGood!.username]))
    for (const nothing of [toGlobalId('role', newId()), forGood!.globalId, 'role_x'])
      expect(await find({ roleId: nothing })).toEqual([])
  })

  test('by moments takes what lies from the first up to the second', async () => {
    const mark = unique()
    const search = mark
    const [first, second, third] = [await add(mark), await add(mark), await add(mark)]
    const names = [first, second, third].map(({ username }) => username)
    const created = (createdSince: Date | null, createdBefore: Date | null) =>
      find({ search, createdSince, createdBefore })
    expect(await created(first.createdAt, null)).toEqual(names)
    expect(await created(second.createdAt, third.createdAt)).toEqual([names[1]])
    expect(await created(null, second.createdAt)).toEqual([names[0]])
    expect(await created(third.createdAt, first.createdAt)).toEqual([])

    await wait(2 * DAY)
    const now = world.clock.now()
    await see(first.id, later(now, -HOUR))
    await see(second.id, later(now, -DAY))
    const seen = (lastSeenSince: Date | null, lastSeenBefore: Date | null) =>
      find({ search, lastSeenSince, lastSeenBefore })
    expect(await seen(later(now, -HOUR), null)).toEqual([names[0]])
    expect(await seen(later(now, -DAY), null)).toEqual([names[0], names[1]])
    // The third was never seen: made two days ago, it counts as seen then.
    expect(await seen(null, later(now, -HOUR))).toEqual([names[1], names[2]])
    expect(await seen(null, later(now, -DAY))).toEqual([names[2]])
    expect(await seen(null, third.createdAt)).toEqual([])
    expect(await seen(later(now, -DAY), later(now, -HOUR))).toEqual([names[1]])
  })

  test('adds up with all others', async () => {
    const mark = unique()
    const asAdmin = await world.asViewer(admin)
    const [roles, grants] = [new RoleService(asAdmin), new RoleGrantService(asAdmin)]
    const role = await roles.create({
      name: unique('role '),
      description: '',
      permissions: [],
      requiresReason: false,
    })
    const wanted = await add(mark, `w${mark}`)
    const others = [
      await add('Another name', `w${mark.slice(0, -1)}`),
      await add(mark, `v${mark}`),
      await add(mark, `w${mark}1`, UserStatus.SUSPENDED),
      await add(mark, `w${mark}2`),
      await add(mark, `w${mark}3`),
    ]
    const [, , , withoutRole, unseen] = others
    const now = world.clock.now()
    for (const { id } of [wanted, ...others]) {
      await see(id, id === unseen!.id ? later(now, -DAY) : now)
      if (id !== withoutRole!.id) await grants.grant({ userId: id, roleId: role.id })
    }
    const filter = {
      search: mark,
      usernamePrefix: 'w',
      status: 'ACTIVE',
      roleId: toGlobalId('role', role.id),
      createdSince: wanted.createdAt,
      createdBefore: later(now, 1),
      lastSeenSince: now,
      lastSeenBefore: later(now, 1),
    }
    for (const order of ['NEWEST_FIRST', 'OLDEST_FIRST', 'USERNAME'])
      expect(await find(filter, order)).toEqual([wanted.username])
    expect(await find({ ...filter, search: undefined })).toHaveLength(2)
    expect(await find({ ...filter, status: undefined })).toHaveLength(2)
    expect(await find({ ...filter, roleId: undefined })).toHaveLength(2)
    expect(await find({ ...filter, lastSeenSince: undefined })).toHaveLength(2)
    expect(await find({ ...filter, usernamePrefix: undefined })).toHaveLength(2)
  })
})

describe('paging through what is found', () => {
  const mark = unique()
  const filter = { search: mark, status: 'ACTIVE' }
  let names: string[]

  beforeAll(async () => {
    const found = []
    for (const letter of 'qjxzkvbpygfwm') {
      found.push(await add(`${mark} ${letter}`, `${letter}${unique('')}`))
      await add(mark, unique('u'), UserStatus.SUSPENDED)
      await add('Somebody else')
    }
    names = found.map(({ username }) => username)
  })

  test.each([
    ['OLDEST_FIRST', () => names],
    ['NEWEST_FIRST', () => names.toReversed()],
    ['USERNAME', () => names.toSorted()],
  ])('by %s meets everybody once, forwards and backwards', async (orderBy, expected) => {
    const forwards: string[] = []
    const backwards: string[] = []
    let page = { hasNextPage: true, hasPreviousPage: true, startCursor: null, endCursor: null }
    while (page.hasNextPage) {
      const after = page.endCursor
      const { edges, pageInfo, totalCount } = await connection(filter, { orderBy, first: 4, after })
      expect([totalCount, pageInfo.hasPreviousPage]).toEqual([names.length, after !== null])
      forwards.push(...edges.map(({ node }: { node: { username: string } }) => node.username))
      page = pageInfo
    }
    expect(forwards).toEqual(expected())
    page = { hasNextPage: true, hasPreviousPage: true, startCursor: null, endCursor: null }
    while (page.hasPreviousPage) {
      const before = page.startCursor
      const { edges, pageInfo } = await connection(filter, { orderBy, last: 4, before })
      expect(pageInfo.hasNextPage).toBe(before !== null)
      backwards.unshift(...edges.map(({ node }: { node: { username: string } }) => node.username))
      page = pageInfo
    }
    expect(backwards).toEqual(expected())
  })

  test('between two cursors stays between them, and knows of what lies beyond', async () => {
    const { edges } = await connection(filter, { orderBy: 'OLDEST_FIRST', first: 13 })
    const { cursor: after } = edges[2]
    const { cursor: before } = edges[6]
    const between = await connection(filter, { orderBy: 'OLDEST_FIRST', first: 10, after, before })
    expect(between.edges.map(({ node }: { node: { username: string } }) => node.username)).toEqual(
      names.slice(3, 6),
    )
    expect(between.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true })
  })

  test('goes on from somebody who is found no more', async () => {
    const { edges } = await connection({ search: mark, status: 'SUSPENDED' }, { first: 1 })
    const { edges: onward } = await connection(filter, { first: 3, after: edges[0].cursor })
    expect(onward.map(({ node }: { node: { username: string } }) => node.username)).toEqual(
      names.toReversed().slice(0, 3),
    )
  })
})

describe('R57 R32 nobody finds out by a filter what they may not read', () => {
  const FORBIDDEN = {
    users: null,
    told: [[expect.stringMatching(/^You may not see or do this\./), { code: 'FORBIDDEN' }]],
  }

  test.each([
    ['email', 'users:read-contact'],
    ['phone', 'users:read-contact'],
    ['roleId', 'roles:read'],
  ])('%s needs %s, whether anybody is there or not', async (field, permission) => {
    const reader = await world.person({ permissions: ['users:read'] })
    const allowed = await world.person({ permissions: ['users:read', permission] })
    const somebody = await world.person()
    const [held] = await new RoleGrantService(world.db).ofUsers([somebody.id])
    const number = newNumber()
    await phoneOf(world, somebody, number)
    const values = {
      phone: [number, newNumber(), 'no number', ''],
      email: [somebody.email, `${unique()}@example.com`, 'no address', ''],
      roleId: [toGlobalId('role', held!.roleId), toGlobalId('role', newId()), 'no id'],
    }[field]!
    for (const value of values) {
      const answer = await refusal(reader.api, { [field]: value })
      expect([value, answer]).toEqual([value, FORBIDDEN])
      // With whatever else is asked.
      expect(await refusal(reader.api, { [field]: value, search: somebody.username })).toEqual(FORBIDDEN)
      const counted = await reader.api.send(
        'query ($filter: UserFilter) { users(filter: $filter) { totalCount } }',
        { filter: { [field]: value } },
      )
      expect(counted.data).toEqual({ users: null })
      expect(counted.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    }
    const { users } = await allowed.api.data(SEARCH, {
      filter: { [field]: values[0], search: somebody.username },
    })
    expect(users.totalCount).toBe(1)
    for (const filter of [{ [field]: null }, { search: somebody.username }, {}])
      expect((await reader.api.data(SEARCH, { filter })).users.totalCount).toBeGreaterThan(0)
  })

  test('nor with an access token whose scopes leave the permission out', async () => {
    const manager = await world.person({ role: 'manager' })
    const program = async (scopes: string[]) =>
      (await storedAccessToken(world, manager.id, { scopes })).api.send(SEARCH, {
        filter: { email: manager.email },
      })
    const told = (await program(['users:read'])).errors
    expect(told).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    expect((await program(['users:read', 'users:read-contact'])).data.users.totalCount).toBe(1)
  })

  test('and whoever may not browse people finds nobody, with or without a filter', async () => {
    const { api, username } = await world.person({ permissions: ['users:read-contact', 'roles:read'] })
    for (const filter of [{}, { search: username }, { email: `${username}@example.com` }])
      expect(await refusal(api, filter)).toEqual(FORBIDDEN)
    const { errors } = await world.anonymous.send(SEARCH, { filter: { search: username } })
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
  })
})
