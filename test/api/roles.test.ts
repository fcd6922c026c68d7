import { later, MINUTE } from '../../src/core/clock'
import { ALL_PERMISSIONS, type Permission } from '../../src/core/permission'
import { newId, toGlobalId } from '../../src/core/id'
import { PubSub } from '../../src/db/pub-sub'
import { BUILT_IN_ROLES } from '../../src/modules/role/built-in-role'
import { PERMISSIONS_CHANGED } from '../../src/modules/role/permissions-changed'
import { ApiClient } from '../support/api-client'
import { columnsHolding } from '../support/database-bytes'
import { leaveOnlyAdmins, meetingUncommitted as meeting } from '../support/race'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld()

const OPERATIONS = {
  createRole:
    'mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id name permissions version isBuiltIn } userErrors { code field message } } }',
  updateRole:
    'mutation ($input: UpdateRoleInput!) { updateRole(input: $input) { role { id name permissions version } userErrors { code field message } } }',
  deleteRole:
    'mutation ($input: DeleteRoleInput!) { deleteRole(input: $input) { deletedRoleId userErrors { code field message } } }',
  grantRole:
    'mutation ($input: GrantRoleInput!) { grantRole(input: $input) { user { id } userErrors { code field message } } }',
  revokeRole:
    'mutation ($input: RevokeRoleInput!) { revokeRole(input: $input) { user { id } userErrors { code field message } } }',
}
type Operation = keyof typeof OPERATIONS

/** What a mutation answered: `OK`, the codes of its user errors, or that of the error that refused it. */
async function outcome(
  person: Person,
  operation: Operation,
  input: Record<string, unknown>,
): Promise<string> {
  const { data, errors } = await person.api.send(OPERATIONS[operation], { input })
  if (errors) return errors[0]!.extensions.code
  const { userErrors } = data[operation] as { userErrors: { code: string }[] }
  return userErrors.map(({ code }) => code).join() || 'OK'
}

const role = async (admin: Person, permissions: string[]) =>
  (
    await admin.api.data(OPERATIONS.createRole, {
      input: { name: unique('role '), description: '', permissions },
    })
  ).createRole.role as {
    id: string
    name: string
    version: number
  }

const permissionsOf = async (person: Person): Promise<string[]> =>
  (await person.api.data('{ viewer { permissions } }')).viewer.permissions

/** The global ids of the built-in roles. */
async function builtIn(): Promise<Record<string, string>> {
  const rows = await world.db.query<{ id: string; name: string }>(
    'SELECT id, name FROM roles WHERE is_built_in',
  )
  return Object.fromEntries(rows.map(({ id, name }) => [name, toGlobalId('role', id)]))
}

const leaveOnly = (...admins: Person[]) => leaveOnlyAdmins(world, ...admins)

const meetingUncommitted = <Result>(sql: string, parameters: unknown[], request: () => Promise<Result>) =>
  meeting(world, [sql, ...parameters], request)

describe('R58 what a role can be made to do', () => {
  let roles: Record<string, string>
  let admin: Person
  beforeAll(async () => {
    roles = await builtIn()
    admin = await world.person({ role: 'admin' })
  })

  const POWERS: Permission[] = ['roles:read', 'roles:write', 'roles:grant', 'posts:moderate']

  test('nobody raises their own role, on whatever way', async () => {
    const climber = await world.person({ permissions: POWERS })
    const own = await role(climber, ['posts:moderate'])
    const foreign = await role(admin, ['audit:read'])
    expect(await outcome(climber, 'grantRole', { userId: climber.globalId, roleId: own.id })).toBe('OK')

    const before = await permissionsOf(climber)
    expect(await outcome(climber, 'grantRole', { userId: climber.globalId, roleId: roles.admin })).toBe(
      'NOT_PERMITTED',
    )
    expect(await outcome(climber, 'grantRole', { userId: climber.globalId, roleId: roles.manager })).toBe(
      'NOT_PERMITTED',
    )
    expect(await outcome(climber, 'grantRole', { userId: climber.globalId, roleId: foreign.id })).toBe(
      'NOT_PERMITTED',
    )
    expect(
      await outcome(climber, 'updateRole', { roleId: own.id, permissions: ['posts:moderate', 'audit:read'] }),
    ).toBe('NOT_PERMITTED')
    expect(await outcome(climber, 'updateRole', { roleId: foreign.id, permissions: [] })).toBe(
      'NOT_PERMITTED',
    )
    expect(await outcome(climber, 'updateRole', { roleId: foreign.id, name: unique('mine ') })).toBe(
      'NOT_PERMITTED',
    )
    expect(await outcome(climber, 'deleteRole', { roleId: foreign.id })).toBe('NOT_PERMITTED')
    expect(
      await outcome(climber, 'createRole', {
        name: unique('r'),
        description: '',
        permissions: ['audit:read'],
      }),
    ).toBe('NOT_PERMITTED')
    expect(await permissionsOf(climber)).toEqual(before)
    expect(before).toEqual([...POWERS].sort())
  })

  test('a refusal names what is missing', async () => {
    const climber = await world.person({ permissions: POWERS })
    const input = {
      name: unique('r'),
      description: '',
      permissions: ['users:read', 'posts:moderate', 'audit:read'],
    }
    const { createRole } = await climber.api.data(OPERATIONS.createRole, { input })
    expect(createRole).toMatchObject({ role: null, userErrors: [{ field: ['permissions'] }] })
    expect(createRole.userErrors[0].message).toMatch(/you lack audit:read, users:read\.$/)
  })

  test('a manager grants nothing, and makes no role', async () => {
    const manager = await world.person({ role: 'manager' })
    const person = await world.person()
    expect(await outcome(manager, 'grantRole', { userId: person.globalId, roleId: roles.user })).toBe(
      'FORBIDDEN',
    )
    expect(await outcome(manager, 'revokeRole', { userId: person.globalId, roleId: roles.user })).toBe(
      'FORBIDDEN',
    )
    expect(
      await outcome(manager, 'createRole', { name: unique('r'), description: '', permissions: [] }),
    ).toBe('FORBIDDEN')
  })

  test('nobody acts on somebody above them', async () => {
    const lesser = await world.person({ permissions: POWERS })
    const equal = await world.person({ permissions: POWERS })
    const shared = await role(lesser, ['posts:moderate'])
    for (const person of [admin, equal]) {
      expect(await outcome(admin, 'grantRole', { userId: person.globalId, roleId: shared.id })).toBe('OK')
    }
    expect(await outcome(lesser, 'grantRole', { userId: admin.globalId, roleId: roles.user })).toBe(
      'NOT_PERMITTED',
    )
    expect(await outcome(lesser, 'revokeRole', { userId: admin.globalId, roleId: roles.user })).toBe(
      'NOT_PERMITTED',
    )
    expect(await outcome(lesser, 'revokeRole', { userId: equal.globalId, roleId: shared.id })).toBe('OK')
    // The role's holders are people as well: an admin would lose what the role gives.
    expect(await outcome(lesser, 'updateRole', { roleId: shared.id, permissions: [] })).toBe('NOT_PERMITTED')
    expect(await outcome(lesser, 'deleteRole', { roleId: shared.id })).toBe('NOT_PERMITTED')
    expect(await outcome(lesser, 'updateRole', { roleId: shared.id, name: unique('renamed ') })).toBe('OK')
    expect(await outcome(admin, 'revokeRole', { userId: admin.globalId, roleId: shared.id })).toBe('OK')
    expect(await outcome(lesser, 'updateRole', { roleId: shared.id, permissions: [] })).toBe('OK')
    expect(await outcome(lesser, 'deleteRole', { roleId: shared.id })).toBe('OK')
  })

  test('what is held until a moment is passed on until that moment, and no longer', async () => {
    const temporary = await world.person({ permissions: ['roles:read', 'roles:grant', 'roles:write'] })
    const colleague = await world.person()
    const own = await role(temporary, [])
    const lent = await role(admin, ['audit:read'])
    const end = later(world.clock.now(), 30 * MINUTE)
    for (const roleId of [own.id, lent.id]) {
      const expiresAt = roleId === lent.id ? end : undefined
      expect(await outcome(admin, 'grantRole', { userId: temporary.globalId, roleId, expiresAt })).toBe('OK')
    }
    expect(await permissionsOf(temporary)).toContain('audit:read')
    const forever = [undefined, null, later(end, 1)]
    for (const person of [temporary, colleague]) {
      for (const expiresAt of forever) {
        expect(
          await outcome(temporary, 'grantRole', { userId: person.globalId, roleId: lent.id, expiresAt }),
        ).toBe('NOT_PERMITTED')
      }
      expect(
        await outcome(temporary, 'grantRole', { userId: person.globalId, roleId: lent.id, expiresAt: end }),
      ).toBe('OK')
    }
    expect(await outcome(temporary, 'updateRole', { roleId: own.id, permissions: ['audit:read'] })).toBe(
      'NOT_PERMITTED',
    )
    expect(await outcome(temporary, 'revokeRole', { userId: colleague.globalId, roleId: lent.id })).toBe('OK')
  })

  test('built-in roles cannot be changed or deleted by anybody', async () => {
    for (const [name, { permissions }] of Object.entries(BUILT_IN_ROLES)) {
      const roleId = roles[name]
      expect(await outcome(admin, 'updateRole', { roleId, description: 'Changed.' })).toBe('NOT_PERMITTED')
      expect(await outcome(admin, 'updateRole', { roleId, permissions: [] })).toBe('NOT_PERMITTED')
      expect(await outcome(admin, 'deleteRole', { roleId })).toBe('NOT_PERMITTED')
      const { node } = await admin.api.data(
        `query ($id: ID!) { node(id: $id) { ... on Role { name permissions isBuiltIn version } } }`,
        { id: roleId },
      )
      expect(node).toEqual({ name, permissions, isBuiltIn: true, version: 1 })
    }
  })
})

describe('R58 the last admin', () => {
  const ofAdmin = async (person: Person) => ({ userId: person.globalId, roleId: (await builtIn()).admin })
  const isAdmin = async (person: Person) => (await permissionsOf(person)).length === ALL_PERMISSIONS.length

  test('stays, and nobody who is suspended or admin for a time stands in for them', async () => {
    const last = await world.person({ role: 'admin' })
    const suspended = await world.person({ role: 'admin' })
    const temporary = await world.person({ role: 'admin' })
    await leaveOnly(last, suspended, temporary)
    await world.suspend(suspended)
    const expiresAt = later(world.clock.now(), 60 * MINUTE)
    expect(await outcome(last, 'grantRole', { ...(await ofAdmin(temporary)), expiresAt })).toBe('OK')

    expect(await outcome(last, 'revokeRole', await ofAdmin(last))).toBe('LAST_ADMIN')
    expect(await outcome(temporary, 'revokeRole', await ofAdmin(last))).toBe('LAST_ADMIN')
    expect(await outcome(last, 'grantRole', { ...(await ofAdmin(last)), expiresAt })).toBe('LAST_ADMIN')
    expect(await isAdmin(last)).toBe(true)

    expect(await outcome(last, 'grantRole', await ofAdmin(temporary))).toBe('OK')
    expect(await outcome(last, 'revokeRole', await ofAdmin(last))).toBe('OK')
    expect(await isAdmin(last)).toBe(false)
    expect(await outcome(temporary, 'revokeRole', await ofAdmin(temporary))).toBe('LAST_ADMIN')
  })

  test('two admins who revoke each other at the same time: one of them stays', async () => {
    for (let round = 0; round < 5; round++) {
      const [first, second] = [await world.person({ role: 'admin' }), await world.person({ role: 'admin' })]
      await leaveOnly(first, second)
      const outcomes = await Promise.all([
        outcome(first, 'revokeRole', await ofAdmin(second)),
        outcome(second, 'revokeRole', await ofAdmin(first)),
      ])
      expect(outcomes.sort()).toEqual(['FORBIDDEN', 'OK'])
      expect([await isAdmin(first), await isAdmin(second)].sort()).toEqual([false, true])
    }
  })

  test('two admins who resign at the same time: one of them stays', async () => {
    const people = [await world.person({ role: 'admin' }), await world.person({ role: 'admin' })]
    await leaveOnly(...people)
    const resign = async (person: Person) => outcome(person, 'revokeRole', await ofAdmin(person))
    expect((await Promise.all(people.map(resign))).sort()).toEqual(['LAST_ADMIN', 'OK'])
  })
})

describe('R60 the check and what it allows are one', () => {
  const LOSES = 'DELETE FROM role_grants WHERE user_id = $1'

  test('whoever loses the permission between the policy and the change is refused, and nothing has changed', async () => {
    const admin = await world.person({ role: 'admin' })
    const target = await world.person()
    const made = await role(admin, ['posts:moderate'])
    const spare = await role(admin, [])
    await outcome(admin, 'grantRole', { userId: target.globalId, roleId: made.id })
    const state = () =>
      world.db.query(
        `SELECT (SELECT json_agg(roles ORDER BY id) FROM roles) AS roles,
        (SELECT json_agg(role_grants ORDER BY id) FROM role_grants WHERE user_id = $1) AS grants`,
        [target.id],
      )
    const before = await state()

    const attempts: [Operation, Record<string, unknown>][] = [
      ['createRole', { name: unique('r'), description: '', permissions: [] }],
      ['updateRole', { roleId: spare.id, description: 'Changed.' }],
      ['deleteRole', { roleId: spare.id }],
      ['grantRole', { userId: target.globalId, roleId: spare.id }],
      ['revokeRole', { userId: target.globalId, roleId: made.id }],
    ]
    for (const [operation, input] of attempts) {
      const loser = await world.person({ role: 'admin' })
      const answer = await meetingUncommitted(LOSES, [loser.id], () => outcome(loser, operation, input))
      expect([operation, answer]).toEqual([operation, 'FORBIDDEN'])
    }
    expect(await state()).toEqual(before)
  })

  test('so is a moderator, and staff who end the session of another', async () => {
    const { globalId, author } = await world.post()
    const changes = {
      updatePost: `mutation ($id: ID!) { updatePost(input: { postId: $id, title: "Changed" }) { userErrors { code } } }`,
      closeThread: `mutation ($id: ID!) { closeThread(input: { postId: $id }) { userErrors { code } } }`,
      deletePost: `mutation ($id: ID!) { deletePost(input: { postId: $id }) { userErrors { code } } }`,
    }
    for (const change of Object.values(changes)) {
      const manager = await world.person({ role: 'manager' })
      const code = await meetingUncommitted(LOSES, [manager.id], () =>
        manager.api.errorCode(change, { id: globalId }),
      )
      expect(code).toBe('NOT_FOUND')
    }
    const manager = await world.person({ role: 'manager' })
    const revoke = `mutation ($id: ID!) { revokeSession(input: { sessionId: $id }) { userErrors { code } } }`
    const id = toGlobalId('session', author.sessionId)
    expect(await meetingUncommitted(LOSES, [manager.id], () => manager.api.errorCode(revoke, { id }))).toBe(
      'FORBIDDEN',
    )
    expect(
      (await author.api.data('{ viewer { posts { edges { node { title version } } } } }')).viewer.posts.edges,
    ).toMatchObject([{ node: { version: 1 } }])
  })

  test('and whoever is suspended meanwhile', async () => {
    const admin = await world.person({ role: 'admin' })
    const spare = await role(admin, [])
    const suspend = `UPDATE users SET status = 'suspended' WHERE id = $1`
    const answer = await meetingUncommitted(suspend, [admin.id], () =>
      outcome(admin, 'updateRole', { roleId: spare.id, description: 'Changed.' }),
    )
    expect(answer).toBe('FORBIDDEN')
  })
})

describe('R44 what changes in a role', () => {
  test('takes effect on the next request of every open session of its holders', async () => {
    const admin = await world.person({ role: 'admin' })
    const moderator = await world.person()
    const draft = await world.post({ publish: false })
    const made = await role(admin, ['posts:moderate'])
    const sees = async () =>
      (await moderator.api.data(`query ($id: ID!) { post(id: $id) { id } }`, { id: draft.globalId })).post !==
      null

    expect(await sees()).toBe(false)
    await outcome(admin, 'grantRole', { userId: moderator.globalId, roleId: made.id })
    expect(await sees()).toBe(true)
    await outcome(admin, 'updateRole', { roleId: made.id, permissions: ['users:read'] })
    expect(await sees()).toBe(false)
    expect(await permissionsOf(moderator)).toEqual(['users:read'])
    await outcome(admin, 'updateRole', { roleId: made.id, permissions: ['users:read', 'posts:moderate'] })
    expect(await sees()).toBe(true)
    await outcome(admin, 'deleteRole', { roleId: made.id })
    expect(await sees()).toBe(false)
    const { viewer } = await moderator.api.data('{ viewer { roles { name } permissions } }')
    expect(viewer).toEqual({ roles: [{ name: 'user' }], permissions: [] })
  })

  test('is told to every process', async () => {
    const admin = await world.person({ role: 'admin' })
    const person = await world.person()
    const pubSub = new PubSub(world.portico.databaseUrl, () => undefined)
    await pubSub.start()
    const messages = pubSub.stream(PERMISSIONS_CHANGED)
    const made = await role(admin, [])
    await outcome(admin, 'grantRole', { userId: person.globalId, roleId: made.id })
    await outcome(admin, 'updateRole', { roleId: made.id, permissions: ['users:read'] })
    await outcome(admin, 'revokeRole', { userId: person.globalId, roleId: made.id })
    await outcome(admin, 'deleteRole', { roleId: made.id })
    for (const userId of [person.id, null, person.id, null])
      expect((await messages.next()).value).toEqual({ userId })
    await pubSub.stop()
  })
})

describe('the time of a grant', () => {
  test('a grant ends by itself at its moment', async () => {
    const admin = await world.person({ role: 'admin' })
    const person = await world.person()
    const made = await role(admin, ['posts:moderate'])
    const expiresAt = later(world.clock.now(), 5 * MINUTE)
    expect(await outcome(admin, 'grantRole', { userId: person.globalId, roleId: made.id, expiresAt })).toBe(
      'OK',
    )
    const read = `query ($id: ID!) { viewer { roles { id } permissions } node(id: $id) { id } }`
    expect(await person.api.data(read, { id: made.id })).toMatchObject({
      viewer: { permissions: ['posts:moderate'] },
      node: { id: made.id },
    })
    world.clock.advance(5 * MINUTE)
    const after = await person.api.data(read, { id: made.id })
    expect(after.viewer.permissions).toEqual([])
    expect(after.viewer.roles.map(({ id }: { id: string }) => id)).not.toContain(made.id)
    expect(after.node).toBeNull()
  })

  test('a moment that has passed is refused, and granting anew moves the end', async () => {
    const admin = await world.person({ role: 'admin' })
    const person = await world.person()
    const made = await role(admin, ['posts:moderate'])
    const grant = (expiresAt?: Date) =>
      outcome(admin, 'grantRole', { userId: person.globalId, roleId: made.id, expiresAt })
    expect(await grant(later(world.clock.now(), -1))).toBe('INVALID')
    expect(await permissionsOf(person)).toEqual([])
    expect(await grant(later(world.clock.now(), 2 * MINUTE))).toBe('OK')
    expect(await grant()).toBe('OK')
    world.clock.advance(3 * MINUTE)
    expect(await permissionsOf(person)).toEqual(['posts:moderate'])
    const [{ count } = { count: '' }] = await world.db.query<{ count: string }>(
      'SELECT count(*) FROM role_grants WHERE user_id = $1',
      [person.id],
    )
    expect(count).toBe('2')
  })
})

describe('R41 granting and revoking', () => {
  test('need a proof of identity that is less than ten minutes old', async () => {
    const password = 'a quiet morning by the sea'
    const admin = await world.person({ role: 'admin', password })
    const person = await world.person()
    const made = await role(admin, ['posts:moderate'])
    const input = { userId: person.globalId, roleId: made.id }
    world.clock.advance(10 * MINUTE)
    for (const operation of ['grantRole', 'revokeRole'] as const) {
      const { errors } = await admin.api.send(OPERATIONS[operation], { input })
      expect(errors).toMatchObject([
        { extensions: { code: 'REAUTHENTICATION_REQUIRED', methods: ['PASSWORD'] } },
      ])
    }
    expect(await permissionsOf(person)).toEqual([])
    // Whoever lacks the permission is not asked to prove anything.
    expect(await outcome(person, 'grantRole', input)).toBe('FORBIDDEN')

    const again = `mutation ($password: String!) { reauthenticate(input: { password: $password }) { token userErrors { code } } }`
    const { reauthenticate } = await admin.api.data(again, { password })
    const fresh: Person = { ...admin, api: new ApiClient(world.url, reauthenticate.token) }
    expect(await outcome(fresh, 'grantRole', input)).toBe('OK')
    expect(await permissionsOf(person)).toEqual(['posts:moderate'])
  })
})

describe('the input of roles', () => {
  let admin: Person
  beforeAll(async () => {
    admin = await world.person({ role: 'admin' })
  })

  test('permissions that Portico does not know are refused, with those that it knows', async () => {
    const made = await role(admin, [])
    for (const permissions of [
      ['posts:rule'],
      ['users:read', ''],
      ['constructor'],
      ['__proto__'],
      ['USERS:READ'],
    ]) {
      const create = await admin.api.data(OPERATIONS.createRole, {
        input: { name: unique('r'), description: '', permissions },
      })
      const update = await admin.api.data(OPERATIONS.updateRole, { input: { roleId: made.id, permissions } })
      expect(create.createRole.role).toBeNull()
      expect(update.updateRole.role).toBeNull()
    }
    const { createRole } = await admin.api.data(OPERATIONS.createRole, {
      input: { name: unique('r'), description: '', permissions: ['posts:rule'] },
    })
    expect(createRole.userErrors).toMatchObject([{ code: 'INVALID', field: ['permissions'] }])
    for (const permission of ALL_PERMISSIONS) expect(createRole.userErrors[0].message).toContain(permission)
  })

  test('a name that another role has is refused, also where two ask for it at the same time', async () => {
    const made = await role(admin, [])
    const other = await role(admin, [])
    expect(await outcome(admin, 'createRole', { name: made.name, description: '', permissions: [] })).toBe(
      'TAKEN',
    )
    expect(
      await outcome(admin, 'createRole', { name: `  ${made.name} `, description: '', permissions: [] }),
    ).toBe('TAKEN')
    for (const name of ['admin', 'Admin', made.name.toUpperCase()]) {
      expect(await outcome(admin, 'createRole', { name, description: '', permissions: [] })).toBe('TAKEN')
    }
    expect(await outcome(admin, 'updateRole', { roleId: other.id, name: made.name })).toBe('TAKEN')
    const name = unique('wanted ')
    const twins = [1, 2, 3, 4].map(() =>
      outcome(admin, 'createRole', { name, description: '', permissions: [] }),
    )
    expect((await Promise.all(twins)).sort()).toEqual(['OK', 'TAKEN', 'TAKEN', 'TAKEN'])
  })

  test('a change on top of another one is a conflict that shows the role as it is', async () => {
    const made = await role(admin, ['users:read'])
    expect(
      await outcome(admin, 'updateRole', { roleId: made.id, description: 'First.', expectedVersion: 1 }),
    ).toBe('OK')
    const input = { roleId: made.id, description: 'Second.', expectedVersion: 1 }
    const { errors } = await admin.api.send(OPERATIONS.updateRole, { input })
    const current = { name: made.name, description: 'First.', permissions: ['users:read'] }
    expect(errors).toMatchObject([{ extensions: { code: 'CONFLICT', currentVersion: 2, current } }])
    expect(await outcome(admin, 'updateRole', { ...input, expectedVersion: 2 })).toBe('OK')
    expect(await outcome(admin, 'updateRole', { ...input, expectedVersion: undefined })).toBe('OK')
  })

  test('a change that changes nothing is none', async () => {
    const made = await role(admin, ['users:read'])
    const changes = [{}, { name: made.name, description: '', permissions: ['users:read'] }]
    for (const change of changes) {
      const input = { roleId: made.id, ...change }
      const { updateRole } = await admin.api.data(OPERATIONS.updateRole, { input })
      expect(updateRole).toMatchObject({ role: { version: 1 }, userErrors: [] })
    }
    const events = `SELECT 1 FROM audit_events WHERE action = 'role.updated' AND target = $1`
    expect(await world.db.query(events, [made.id])).toEqual([])
  })

  test('what is left out stays, what is null is refused, and permissions are kept once and in order', async () => {
    const made = await role(admin, ['users:read', 'audit:read', 'users:read'])
    const { updateRole } = await admin.api.data(OPERATIONS.updateRole, {
      input: { roleId: made.id, description: 'Changed.' },
    })
    expect(updateRole.role).toMatchObject({
      name: made.name,
      permissions: ['audit:read', 'users:read'],
      version: 2,
    })
    for (const field of ['name', 'description', 'permissions']) {
      expect(await outcome(admin, 'updateRole', { roleId: made.id, [field]: null })).toBe('REQUIRED')
    }
  })

  test('a role or person that is not there is told, and a role that is not held cannot be taken', async () => {
    const person = await world.person()
    const made = await role(admin, [])
    const noRole = toGlobalId('role', newId())
    const noUser = toGlobalId('user', newId())
    for (const roleId of [noRole, 'nonsense', person.globalId]) {
      expect(await outcome(admin, 'updateRole', { roleId, description: '' })).toBe('NOT_FOUND')
      expect(await outcome(admin, 'deleteRole', { roleId })).toBe('NOT_FOUND')
      expect(await outcome(admin, 'grantRole', { userId: person.globalId, roleId })).toBe('NOT_FOUND')
      expect(await outcome(admin, 'revokeRole', { userId: person.globalId, roleId })).toBe('NOT_FOUND')
    }
    for (const userId of [noUser, 'nonsense', made.id]) {
      expect(await outcome(admin, 'grantRole', { userId, roleId: made.id })).toBe('NOT_FOUND')
      expect(await outcome(admin, 'revokeRole', { userId, roleId: made.id })).toBe('NOT_FOUND')
    }
    expect(await outcome(admin, 'revokeRole', { userId: person.globalId, roleId: made.id })).toBe('NOT_FOUND')
  })
})

test('R94 why a role was granted is read by its holder and by staff, is encrypted in the database, and gone with the holder’s key', async () => {
  const [person, admin] = [await world.person(), await world.person({ role: 'admin' })]
  const { manager } = await builtIn()
  const grant = (reason?: string) =>
    outcome(admin, 'grantRole', { userId: person.globalId, roleId: manager, reason })
  const grants = '{ roleGrants { role { name } reason } }'
  const reasons = async () =>
    [
      (await person.api.data(`{ viewer ${grants} }`)).viewer,
      (await admin.api.data(`{ user(id: "${person.globalId}") ${grants} }`)).user,
    ].map(({ roleGrants }: { roleGrants: { role: { name: string }; reason: string | null }[] }) =>
      roleGrants.filter(({ role: { name } }) => name === 'manager').map(({ reason }) => reason),
    )
  expect(await grant('Stands in for Grace.')).toBe('OK')
  expect(await reasons()).toEqual([['Stands in for Grace.'], ['Stands in for Grace.']])
  expect(await columnsHolding(world.db, 'Stands in for Grace.')).toEqual([])
  expect(await grant('Does so for good.')).toBe('OK')
  expect(await reasons()).toEqual([['Does so for good.'], ['Does so for good.']])
  expect(await grant()).toBe('OK')
  expect(await reasons()).toEqual([[null], [null]])
  expect(await grant('Once more.')).toBe('OK')
  await world.db.codec.destroyKey(person.id)
  expect(await reasons()).toEqual([[null], [null]])
})
