import { newId, toGlobalId, type Id } from '../../src/core/id'
import { AuthorityService } from '../../src/modules/role/authority.service'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld()

const globalGroup = (id: Id) => toGlobalId('group', id)

/** What a mutation answered: its user errors' codes, or that of the error that refused it; nothing where it was done. */
async function outcome(person: Person, field: string, input: object): Promise<string[]> {
  const type = `${field[0]!.toUpperCase()}${field.slice(1)}Input`
  const document = `mutation ($input: ${type}!) { ${field}(input: $input) { userErrors { code } } }`
  const { data, errors = [] } = await person.api.send(document, { input })
  const refused = errors.map(({ extensions }) => extensions.code)
  return [...refused, ...(data?.[field]?.userErrors ?? []).map(({ code }: { code: string }) => code)]
}

const FIND_USER = 'query ($id: ID!) { user(id: $id) { username status email sessions { totalCount } } }'

/** What somebody sees of a person: the values, or the code of the refusal. */
async function sees(reader: Person, { globalId }: Person): Promise<Record<string, unknown>> {
  const { data, errors = [] } = await reader.api.send(FIND_USER, { id: globalId })
  const refusals = errors.map(({ path, extensions }) => [path!.at(-1), extensions.code])
  return { ...data.user, ...Object.fromEntries(refusals) }
}

const builtIn = async (name: string) => {
  const [row] = await world.db.query<{ id: Id }>('SELECT id FROM roles WHERE name = $1', [name])
  return toGlobalId('role', row!.id)
}

describe('a role over a group', () => {
  test('reaches the members of the group, through whatever path, and nobody else', async () => {
    const [member, stranger] = [await world.person(), await world.person()]
    const group = await world.group(member)
    const manager = await world.person({ role: 'manager', over: group })
    expect(await sees(manager, member)).toEqual({
      username: member.username,
      status: 'ACTIVE',
      email: member.email,
      sessions: { totalCount: 1 },
    })
    const refused = { status: 'FORBIDDEN', email: 'FORBIDDEN', sessions: 'FORBIDDEN' }
    expect(await sees(manager, stranger)).toEqual({ username: stranger.username, ...refused })

    const session = (person: Person) => toGlobalId('session', person.sessionId)
    const { data } = await manager.api.send(
      `query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Session { deviceName } } }`,
      { ids: [session(member), session(stranger)] },
    )
    expect(data.nodes).toEqual([{ id: session(member), deviceName: 'Test device' }, null])

    const post = await world.post({ author: stranger })
    const nested = await manager.api.send(
      `query ($id: ID!) { post(id: $id) { author { ...Seen } again: author { seen: email } } } fragment Seen on User { email }`,
      { id: post.globalId },
    )
    expect(nested.data.post).toEqual({ author: { email: null }, again: { seen: null } })
    expect(nested.errors!.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN', 'FORBIDDEN'])
  })

  test('lists and counts the members alone', async () => {
    const members = [await world.person(), await world.person()]
    const group = await world.group(...members)
    const manager = await world.person({ role: 'manager', over: group })
    const { users } = await manager.api.data(
      '{ users(orderBy: OLDEST_FIRST) { totalCount edges { node { id email } } } }',
    )
    expect(users.totalCount).toBe(2)
    expect(users.edges.map(({ node }: { node: object }) => node)).toEqual(
      members.map(({ globalId, email }) => ({ id: globalId, email })),
    )
  })

  test('ends where the membership ends, at the next request', async () => {
    const member = await world.person()
    const group = await world.group(member)
    const [manager, admin] = [
      await world.person({ role: 'manager', over: group }),
      await world.person({ role: 'admin' }),
    ]
    expect((await sees(manager, member)).status).toBe('ACTIVE')
    const input = { groupId: globalGroup(group), userId: member.globalId }
    expect(await outcome(admin, 'removeGroupMember', input)).toEqual([])
    expect((await sees(manager, member)).status).toBe('FORBIDDEN')
    expect(await outcome(admin, 'addGroupMember', input)).toEqual([])
    expect((await sees(manager, member)).status).toBe('ACTIVE')
  })

  test('acts on members only: sessions, passwords and posts of others are out of reach', async () => {
    const [member, stranger] = [
      await world.person({ password: 'a password of some length' }),
      await world.person({ password: 'a password of some length' }),
    ]
    const manager = await world.person({ role: 'manager', over: await world.group(member) })
    const acts = async (person: Person) => [
      await outcome(manager, 'updatePost', {
        postId: (await world.post({ author: person, publish: false })).globalId,
        title: 'Another title',
      }),
      await outcome(manager, 'revokeSession', { sessionId: toGlobalId('session', person.sessionId) }),
      await outcome(manager, 'requirePasswordReset', { userId: person.globalId, reason: 'Found on a list' }),
    ]
    expect(await acts(member)).toEqual([[], [], []])
    expect(await acts(stranger)).toEqual([['NOT_FOUND'], ['NOT_FOUND'], ['FORBIDDEN']])
  })

  test('does not act on somebody who holds more, be it in another group only', async () => {
    const [group, other] = [await world.group(), await world.group()]
    const manager = await world.person({ role: 'manager', over: group })
    const [peer, elsewhere, above] = [
      await world.person({ role: 'manager', over: group, password: 'a password of some length' }),
      await world.person({ role: 'manager', over: other, password: 'a password of some length' }),
      await world.person({ role: 'admin', password: 'a password of some length' }),
    ]
    await world.join(group, peer, elsewhere, above)
    const reset = (person: Person) =>
      outcome(manager, 'requirePasswordReset', { userId: person.globalId, reason: 'Found on a list' })
    expect(await reset(peer)).toEqual([])
    expect(await reset(elsewhere)).toEqual(['NOT_PERMITTED'])
    expect(await reset(above)).toEqual(['NOT_PERMITTED'])
  })

  test('R58 is passed on within the group only, by whoever may grant there', async () => {
    const [member, stranger] = [await world.person(), await world.person()]
    const [group, other] = [await world.group(member), await world.group(member)]
    const leader = await world.person({ permissions: ['roles:grant', 'users:read'], over: group })
    const reader = await world.person({ permissions: ['users:read'] })
    const [held] = (
      await reader.api.data('{ viewer { roleGrants { role { id isBuiltIn } } } }')
    ).viewer.roleGrants
      .map(({ role }: { role: { id: string; isBuiltIn: boolean } }) => role)
      .filter(({ isBuiltIn }: { isBuiltIn: boolean }) => !isBuiltIn)
    const grant = (userId: string, groupId: Id | null) =>
      outcome(leader, 'grantRole', { userId, roleId: held.id, groupId: groupId && globalGroup(groupId) })
    expect(await grant(member.globalId, group)).toEqual([])
    expect(await grant(member.globalId, other)).toEqual(['NOT_PERMITTED'])
    expect(await grant(member.globalId, null)).toEqual(['NOT_PERMITTED'])
    expect(await grant(stranger.globalId, group)).toEqual(['FORBIDDEN'])
    expect(await grant(member.globalId, newId())).toEqual(['NOT_PERMITTED'])
  })

  test('R60 is asked for again when the change is made: whoever leaves the group meanwhile is out of reach', async () => {
    const member = await world.person()
    const group = await world.group(member)
    const manager = await world.person({ role: 'manager', over: group })
    const asManager = await world.asViewer(manager)
    const leaves = () => world.db.query('DELETE FROM group_members WHERE user_id = $1', [member.id])
    await asManager.transaction(async (tx) => {
      await new AuthorityService(tx).assertMayActOn(member.id, 'users:reset-password')
      const impatient = world.db.transaction(async (other) => {
        await other.query(`SET LOCAL lock_timeout = '20ms'`)
        await other.query('DELETE FROM group_members WHERE user_id = $1', [member.id])
      })
      await expect(impatient).rejects.toMatchObject({ driverError: { code: '55P03' } })
    })
    await leaves()
    await expect(
      asManager.transaction((tx) =>
        new AuthorityService(tx).assertMayActOn(member.id, 'users:reset-password'),
      ),
    ).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })
})

describe('grants', () => {
  test('say over whom, why, by whom and until when, to the person and to staff', async () => {
    const [admin, person] = [await world.person({ role: 'admin' }), await world.person()]
    const group = await world.group(person)
    const [roleId, expiresAt] = [await builtIn('manager'), '2040-01-01T00:00:00.000Z']
    const input = {
      userId: person.globalId,
      roleId,
      groupId: globalGroup(group),
      reason: 'Leads it',
      expiresAt,
    }
    expect(await outcome(admin, 'grantRole', input)).toEqual([])
    const { viewer } = await person.api.data(`{ viewer { permissions roles { name } roleGrants {
      role { name } group { id } reason expiresAt grantedBy { id } } } }`)
    expect(viewer.roles.map(({ name }: { name: string }) => name)).toEqual(['user', 'manager'])
    // Over everybody there is nothing that they may do.
    expect(viewer.permissions).toEqual([])
    expect(viewer.roleGrants[1]).toEqual({
      role: { name: 'manager' },
      group: { id: globalGroup(group) },
      reason: 'Leads it',
      expiresAt,
      grantedBy: { id: admin.globalId },
    })
  })

  test('of one role over two groups and over everybody are three, each revoked by itself', async () => {
    const [admin, person] = [await world.person({ role: 'admin' }), await world.person()]
    const roleId = await builtIn('manager')
    const groups = [globalGroup(await world.group()), globalGroup(await world.group()), null]
    const change = (field: string, groupId: string | null) =>
      outcome(admin, field, { userId: person.globalId, roleId, groupId })
    for (const groupId of groups) expect(await change('grantRole', groupId)).toEqual([])
    const held = async () =>
      (await person.api.data('{ viewer { roleGrants { role { name } group { id } } } }')).viewer.roleGrants
        .filter(({ role }: { role: { name: string } }) => role.name === 'manager')
        .map(({ group }: { group: { id: string } | null }) => group?.id ?? null)
    expect(await held()).toEqual(groups)
    expect(await change('revokeRole', groups[1]!)).toEqual([])
    expect(await held()).toEqual([groups[0], null])
    expect(await change('revokeRole', groups[1]!)).toEqual(['NOT_FOUND'])
  })

  test('that end by time are gone at that moment, though nothing happens', async () => {
    const member = await world.person()
    const manager = await world.person({ role: 'manager', over: await world.group(member) })
    await world.db.query('UPDATE role_grants SET expires_at = $2 WHERE user_id = $1', [
      manager.id,
      new Date(world.clock.now().getTime() + 60_000),
    ])
    expect((await sees(manager, member)).status).toBe('ACTIVE')
    world.clock.advance(60_000)
    expect((await sees(manager, member)).status).toBe('FORBIDDEN')
  })

  test('are the members of their role, as a connection', async () => {
    const admin = await world.person({ role: 'admin' })
    const holders = [
      await world.person({ permissions: ['posts:moderate'] }),
      await world.person(),
      await world.person(),
    ]
    const [{ role }] = (
      await holders[0]!.api.data('{ viewer { roleGrants { role { id isBuiltIn } } } }')
    ).viewer.roleGrants.filter((grant: { role: { isBuiltIn: boolean } }) => !grant.role.isBuiltIn)
    for (const { globalId: userId } of holders.slice(1))
      expect(await outcome(admin, 'grantRole', { userId, roleId: role.id })).toEqual([])
    const page = async (after: string | null) =>
      (
        await admin.api.data(
          `query ($id: ID!, $after: String) { node(id: $id) { ... on Role { members(first: 2, after: $after) {
            totalCount pageInfo { hasNextPage endCursor } edges { node { user { id } } } } } } }`,
          { id: role.id, after },
        )
      ).node.members
    const first = await page(null)
    const second = await page(first.pageInfo.endCursor)
    expect([first.totalCount, first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([
      3,
      true,
      false,
    ])
    const ids = [...first.edges, ...second.edges].map(
      ({ node }: { node: { user: { id: string } } }) => node.user.id,
    )
    expect(ids).toEqual(holders.map(({ globalId }) => globalId))
  })
})

describe('groups', () => {
  const CREATE = `mutation ($input: CreateGroupInput!) { createGroup(input: $input) {
    group { id name version } userErrors { code field } } }`

  test('are made, changed and deleted by whoever may write them, and what was granted over them goes with them', async () => {
    const admin = await world.person({ role: 'admin' })
    const name = unique('Team ')
    const { createGroup } = await admin.api.data(CREATE, { input: { name, description: 'A team.' } })
    expect(createGroup).toEqual({ group: { id: expect.any(String), name, version: 1 }, userErrors: [] })
    const again = await admin.api.data(CREATE, { input: { name: name.toUpperCase(), description: '' } })
    expect(again.createGroup.userErrors).toEqual([{ code: 'TAKEN', field: ['name'] }])
    const groupId = createGroup.group.id
    expect(
      await outcome(admin, 'updateGroup', { groupId, name: unique('Team '), expectedVersion: 1 }),
    ).toEqual([])
    expect(await outcome(admin, 'updateGroup', { groupId, name, expectedVersion: 1 })).toEqual(['CONFLICT'])

    const [member, leader] = [await world.person(), await world.person()]
    expect(await outcome(admin, 'addGroupMember', { groupId, userId: member.globalId })).toEqual([])
    const grant = { userId: leader.globalId, roleId: await builtIn('manager'), groupId }
    expect(await outcome(admin, 'grantRole', grant)).toEqual([])
    expect((await sees(leader, member)).status).toBe('ACTIVE')
    expect(await outcome(admin, 'deleteGroup', { groupId })).toEqual([])
    expect((await sees(leader, member)).status).toBe('FORBIDDEN')
    expect(await outcome(admin, 'deleteGroup', { groupId })).toEqual(['NOT_FOUND'])
  })

  test('are seen by their members, and their members by whoever may read them', async () => {
    const member = await world.person()
    const group = await world.group(member)
    const [manager, stranger] = [await world.person({ role: 'manager', over: group }), await world.person()]
    const find = async ({ api }: Person) =>
      (
        await api.send('query ($id: ID!) { node(id: $id) { ... on Group { id members { totalCount } } } }', {
          id: globalGroup(group),
        })
      ).data.node
    expect(await find(member)).toEqual({ id: globalGroup(group), members: null })
    expect(await find(manager)).toEqual({ id: globalGroup(group), members: { totalCount: 1 } })
    expect(await find(stranger)).toBeNull()
    expect((await member.api.data('{ viewer { groups { id } } }')).viewer.groups).toEqual([
      { id: globalGroup(group) },
    ])
    const { groups } = await manager.api.data('{ groups { totalCount edges { node { id } } } }')
    expect(groups).toEqual({ totalCount: 1, edges: [{ node: { id: globalGroup(group) } }] })
  })

  test('nobody puts into a group, and so under its managers, somebody above themselves', async () => {
    const writer = await world.person({ permissions: ['groups:write'] })
    const above = await world.person({ role: 'manager' })
    const group = globalGroup(await world.group())
    const input = { groupId: group, userId: above.globalId }
    expect(await outcome(writer, 'addGroupMember', input)).toEqual(['NOT_PERMITTED'])
    const leader = await world.person({ permissions: ['groups:write'], over: await world.group() })
    expect(await outcome(leader, 'addGroupMember', input)).toEqual(['FORBIDDEN'])
  })
})
