import { HOUR, later } from '../../src/core/clock'
import { newId, type Id } from '../../src/core/id'
import { ALL_PERMISSIONS, type Permission } from '../../src/core/permission'
import { BUILT_IN_ROLES } from '../../src/modules/role/built-in-role'
import { Held } from '../../src/modules/role/held'
import { RoleGrantRepository } from '../../src/modules/role/role-grant.repository'
import { RoleRepository } from '../../src/modules/role/role.repository'
import { RoleService } from '../../src/modules/role/role.service'
import { unique, useWorld } from '../support/world'

const world = useWorld()

async function put(
  userId: Id,
  roleId: Id,
  { expiresAt = null, groupId = null }: { expiresAt?: Date | null; groupId?: Id | null } = {},
): Promise<void> {
  const { now } = world.db
  await new RoleGrantRepository(world.db).put({
    id: newId(now),
    userId,
    roleId,
    groupId,
    grantedById: null,
    grantReason: null,
    expiresAt,
    createdAt: now,
  })
}

const heldBy = async (userId: Id) => new Held(await new RoleGrantRepository(world.db).lockHeld(userId))

async function grant(userId: Id, permissions: Permission[], expiresAt: Date | null = null): Promise<Id> {
  const roles = new RoleRepository(world.db)
  const { now } = world.db
  const roleId = newId(now)
  await roles.add({
    id: roleId,
    name: unique('role '),
    description: '',
    permissions,
    requiresReason: false,
    isBuiltIn: false,
    version: 1,
    createdAt: now,
  })
  await put(userId, roleId, { expiresAt })
  return roleId
}

describe('what somebody holds', () => {
  test('is held until the last of the grants that give it ends', async () => {
    const { id } = await world.person()
    const [soon, late] = [later(world.clock.now(), HOUR), later(world.clock.now(), 2 * HOUR)]
    await grant(id, ['users:read', 'audit:read', 'posts:moderate'], soon)
    await grant(id, ['users:read', 'audit:read'], late)
    await grant(id, ['audit:read'])
    await grant(id, ['roles:read'], later(world.clock.now(), -1))
    const held = await heldBy(id)
    expect(held.endOf('audit:read', null)).toBeNull()
    expect(held.endOf('posts:moderate', null)).toEqual(soon)
    expect(held.endOf('users:read', null)).toEqual(late)
    expect(held.endOf('roles:read', null)).toBeUndefined()
  })

  test('is nothing for somebody suspended, unknown or without a role', async () => {
    const [suspended, person] = [await world.person({ role: 'admin' }), await world.person()]
    await world.suspend(suspended)
    for (const id of [suspended.id, person.id, newId()])
      expect((await heldBy(id)).lacking).toEqual(ALL_PERMISSIONS)
  })

  test('leaves out words that this version of Portico does not know', async () => {
    const { id } = await world.person({ permissions: ['users:read', 'future:power'] })
    expect((await heldBy(id)).lacking).toEqual(ALL_PERMISSIONS.filter((each) => each !== 'users:read'))
  })

  test('cannot be taken away while a transaction relies on it', async () => {
    const { id } = await world.person()
    const roleId = await grant(id, ['users:read'])
    const takeAway = [
      ['DELETE FROM role_grants WHERE user_id = $1', id],
      [`UPDATE role_grants SET expires_at = now() WHERE user_id = $1`, id],
      [`UPDATE roles SET permissions = '{}' WHERE id = $1`, roleId],
      [`UPDATE users SET status = 'suspended' WHERE id = $1`, id],
    ] as const
    await world.db.transaction(async (tx) => {
      await new RoleGrantRepository(tx).lockHeld(id)
      for (const [sql, parameter] of takeAway) {
        const impatient = world.db.transaction(async (other) => {
          await other.query(`SET LOCAL lock_timeout = '20ms'`)
          await other.query(sql, [parameter])
        })
        await expect(impatient).rejects.toMatchObject({ driverError: { code: '55P03' } })
      }
    })
  })
})

describe('whether somebody is above somebody', () => {
  const grants = () => new RoleGrantRepository(world.db)
  const holding = (permissions: Permission[], groupId: Id | null = null) =>
    new Held([{ permissions, groupId, expiresAt: null }])

  test('is asked of a person, and of all who hold a role, at this moment', async () => {
    const { id: userId } = await world.person()
    const roleId = await grant(userId, ['users:read'])
    const isAbove = async (held: Held) => [
      await grants().mayMoreThan(held, { userId }),
      await grants().mayMoreThan(held, { roleId }),
    ]
    expect(await isAbove(holding([]))).toEqual([true, true])
    expect(await isAbove(holding(['users:read']))).toEqual([false, false])
    const temporary = await grant(userId, ['audit:read'], later(world.clock.now(), -1))
    expect(await isAbove(holding(['users:read']))).toEqual([false, false])
    await put(userId, temporary)
    expect(await isAbove(holding(['users:read']))).toEqual([true, true])
    expect(await isAbove(holding(['users:read', 'audit:read']))).toEqual([false, false])
  })

  test('depends on the group over whose members they hold it', async () => {
    const { id: userId } = await world.person()
    const roleId = await grant(await world.person().then(({ id }) => id), ['users:read'])
    const [here, there] = [await world.group(), await world.group()]
    await put(userId, roleId, { groupId: here })
    const isAbove = (held: Held) => grants().mayMoreThan(held, { userId })
    expect(await isAbove(holding(['users:read']))).toBe(false)
    expect(await isAbove(holding(['users:read'], here))).toBe(false)
    expect(await isAbove(holding(['users:read'], there))).toBe(true)
    expect(await isAbove(holding([]))).toBe(true)
    await put(userId, roleId)
    expect(await isAbove(holding(['users:read'], here))).toBe(true)
  })
})
describe('built-in roles', () => {
  test('are brought up to date at every start, also where processes start together, and keep their ids', async () => {
    const ids = () =>
      world.db.query<{ id: Id; name: string }>('SELECT id, name FROM roles WHERE is_built_in ORDER BY name')
    const before = await ids()
    expect(before.map(({ name }) => name)).toEqual(Object.keys(BUILT_IN_ROLES).sort())
    await world.db.query(`UPDATE roles SET permissions = '{}', description = 'Stale.' WHERE name = 'admin'`)
    await world.db.query(`DELETE FROM role_grants USING roles WHERE roles.id = role_id AND name = 'manager'`)
    await world.db.query(`DELETE FROM roles WHERE name = 'manager'`)
    await Promise.all(Array.from({ length: 5 }, () => new RoleService(world.db).syncBuiltIn()))
    const after = await ids()
    expect(after.map(({ name }) => name)).toEqual(before.map(({ name }) => name))
    expect(after.filter(({ name }) => name !== 'manager')).toEqual(
      before.filter(({ name }) => name !== 'manager'),
    )
    const admin = await new RoleRepository(world.db).findByName('admin')
    expect(admin).toMatchObject({
      permissions: ALL_PERMISSIONS,
      description: BUILT_IN_ROLES.admin.description,
    })
  })

  test.each(['manager', 'Manager'])(
    'never take over a role that somebody made and named %s',
    async (name) => {
      const own = async () =>
        world.db.query('SELECT * FROM roles WHERE NOT is_built_in AND name = $1', [name])
      await world.db.query(
        `UPDATE roles SET name = $1, is_built_in = false, permissions = '{}' WHERE lower(name) = 'manager'`,
        [name],
      )
      const before = await own()
      expect(before).toHaveLength(1)
      await expect(new RoleService(world.db).syncBuiltIn()).rejects.toThrow(
        'A role that is not built in bears the name of one, manager. Rename it in the table roles, then start again.',
      )
      expect(await own()).toEqual(before)
      await world.db.query(
        `UPDATE roles SET name = 'manager', is_built_in = true WHERE lower(name) = 'manager'`,
      )
    },
  )
})
