import { later, SECOND } from '../../src/core/clock'
import { PasswordRepository } from '../../src/modules/password/password.repository'
import { useWorld } from '../support/world'

const world = useWorld()

test('passwords: every question, after every step', async () => {
  const [one, other] = [await world.person(), await world.person()]
  const passwords = new PasswordRepository(world.db)
  const changedAt = world.clock.now()
  const none = { isShort: false, compromisedAt: null, resetRequiredAt: null }
  const lockUsable = (userId: string, at: Date) =>
    world.db.transaction((tx) => new PasswordRepository(tx).lockUsable(userId, at))
  const hashes = async () => [
    (await passwords.lookup(one.id))?.hash ?? null,
    (await passwords.lookup(other.id))?.hash ?? null,
  ]
  expect(await hashes()).toEqual([null, null])

  await passwords.store({ userId: one.id, hash: 'first', changedAt, ...none })
  expect(await hashes()).toEqual(['first', null])

  await passwords.store({ userId: other.id, hash: 'theirs', changedAt, ...none })
  await passwords.store({ userId: one.id, hash: 'second', changedAt, ...none })
  expect(await hashes()).toEqual(['second', 'theirs'])

  await passwords.upgrade(one.id, 'second', 'stronger')
  expect(await hashes()).toEqual(['stronger', 'theirs'])

  // The password was changed while its old hash was made stronger: the change stands.
  await passwords.upgrade(one.id, 'second', 'stronger, of the old one')
  expect(await hashes()).toEqual(['stronger', 'theirs'])

  const earlier = later(changedAt, -SECOND)
  expect(await lockUsable(one.id, changedAt)).toBe(true)
  expect(await lockUsable(one.id, earlier)).toBe(false)

  expect(await passwords.markCompromised(one.id, earlier)).toBe(false)
  expect(await passwords.markCompromised(one.id, changedAt)).toBe(true)
  expect(await passwords.markCompromised(one.id, changedAt)).toBe(false)
  expect(await lockUsable(one.id, changedAt)).toBe(true)

  expect(await passwords.requireReset(one.id)).toBe(true)
  expect(await passwords.requireReset((await world.person()).id)).toBe(false)
  expect(await lockUsable(one.id, changedAt)).toBe(false)
  expect(await lockUsable(other.id, changedAt)).toBe(true)

  await passwords.store({ userId: one.id, hash: 'third', changedAt, ...none })
  expect(await passwords.lookup(one.id)).toEqual({ userId: one.id, hash: 'third', changedAt, ...none })
})
