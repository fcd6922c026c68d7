import { PasswordRepository } from '../../src/modules/password/password.repository'
import { useWorld } from '../support/world'

const world = useWorld()

test('passwords: every question, after every step', async () => {
  const [one, other] = [await world.person(), await world.person()]
  const passwords = new PasswordRepository(world.db)
  const changedAt = world.clock.now()
  const hashes = async () => [await passwords.findHash(one.id), await passwords.findHash(other.id)]
  expect(await hashes()).toEqual([null, null])

  await passwords.store({ userId: one.id, hash: 'first', changedAt })
  expect(await hashes()).toEqual(['first', null])

  await passwords.store({ userId: other.id, hash: 'theirs', changedAt })
  await passwords.store({ userId: one.id, hash: 'second', changedAt })
  expect(await hashes()).toEqual(['second', 'theirs'])

  await passwords.upgrade(one.id, 'second', 'stronger')
  expect(await hashes()).toEqual(['stronger', 'theirs'])

  // The password was changed while its old hash was made stronger: the change stands.
  await passwords.upgrade(one.id, 'second', 'stronger, of the old one')
  expect(await hashes()).toEqual(['stronger', 'theirs'])
})
