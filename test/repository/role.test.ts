import { HOUR, later } from '../../src/core/clock'
import { newId, type Id } from '../../src/core/id'
import { ALL_PERMISSIONS, type Permission } from '../../src/core/permission'
import { BUILT_IN_ROLES } from '../../src/modules/role/built-in-role'
import { RoleRepository } from '../../src/modules/role/role.repository'
import { RoleService } from '../../src/modules/role/role.service'
import { unique, useWorld } from '../support/world'

const world = useWorld()

async function grant(userId: Id, permissions: Permission[], expiresAt: Date | null = null): Promise<Id> {
  const roles = new RoleRepository(world.db)
  const { now } = world.db
  const roleId = newId(now)
  await roles.add({
    id: roleId,
    name: unique('role '),
    description: '',
    permissions,
    isBuiltIn: false,
    version: 1,
    createdAt: now,
  })
  await roles.grant({ id: newId(now), userId, roleId, grantedById: null, expiresAt, createdAt: now })
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
    const held = await new RoleRepository(world.db).lockHeld(id)
    expect([...held].sort()).toEqual([
      ['audit:read', null],
      ['posts:moderate', soon],
      ['users:read', late],
    ])
  })

  test('is nothing for somebody suspended, unknown or without a role', async () => {
    const [suspended, person] = [await world.person({ role: 'admin' }), await world.person()]
    await world.suspend(suspended)
    const roles = new RoleRepository(world.db)
    for (const id of [suspended.id, person.id, newId()]) expect((await roles.lockHeld(id)).size).toBe(0)
  })

  test('leaves out words that this version of Portico does not know', async () => {
    const { id } = await world.person({ permissions: ['users:read', 'future:power'] })
    expect([...(await new RoleRepository(world.db).lockHeld(id)).keys()]).toEqual(['users:read'])
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
      await new RoleRepository(tx).lockHeld(id)
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
  test('is asked of a person, and of all who hold a role, at this moment', async () => {
    const roles = new RoleRepository(world.db)
    const { id: userId } = await world.person()
    const roleId = await grant(userId, ['users:read'])
    const isHeld = async (permissions: Permission[]) => [
      await roles.isHeldBy({ userId }, permissions),
      await roles.isHeldBy({ roleId }, permissions),
    ]
    expect(await isHeld(['users:read'])).toEqual([true, true])
    expect(await isHeld(['audit:read', 'roles:read'])).toEqual([false, false])
    expect(await isHeld([])).toEqual([false, false])
    const temporary = await grant(userId, ['audit:read'], later(world.clock.now(), -1))
    expect(await isHeld(['audit:read'])).toEqual([false, false])
    await roles.grant({
      id: newId(),
      userId,
      roleId: temporary,
      grantedById: null,
      expiresAt: null,
      createdAt: world.clock.now(),
    })
    expect(await isHeld(['audit:read', 'roles:read'])).toEqual([true, true])
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
