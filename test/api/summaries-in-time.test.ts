import { MINUTE } from '../../src/core/clock'
import { sendNotifications } from '../../src/modules/notifier/notifier.task'
import { commentOn } from '../support/content'
import { prefer } from '../support/preferences'
import { useWorld } from '../support/world'

const world = useWorld()

/** In Berlin, where clocks are put forward on 28 March 2027 at two, and back on 31 October at three. */
test.each([
  ['daily', '08:00', '2027-03-27T12:00Z', '2027-03-28T06:00Z', 'an hour earlier than the day before'],
  ['daily', '02:30', '2027-03-27T12:00Z', '2027-03-28T01:30Z', 'when it would have been half past two'],
  ['daily', '02:30', '2027-10-30T12:00Z', '2027-10-31T00:30Z', 'the first time that it is half past two'],
  ['daily', '08:00', '2027-10-30T12:00Z', '2027-10-31T07:00Z', 'an hour later than the day before'],
  ['weekly', '08:00', '2027-03-26T12:00Z', '2027-03-29T06:00Z', 'on Monday, by the new time'],
  ['weekly', '08:00', '2027-10-29T12:00Z', '2027-11-01T07:00Z', 'on Monday, by the old time'],
])('a %s summary at %s that is decided at %s comes at %s: %s', async (digest, at, decided, due) => {
  world.clock.set(new Date(decided))
  const ada = await world.person()
  await world.db.query("UPDATE users SET time_zone = 'Europe/Berlin' WHERE id = $1", [ada.id])
  await prefer(world, ada, 'notifications.replies', ['in-app'])
  await prefer(world, ada, 'notifications.digest', digest)
  await prefer(world, ada, 'notifications.digestAt', at)
  await commentOn(world, await world.post({ author: ada }), await world.person())
  const mails = () => world.portico.mailbox!.read(ada.email).length
  world.clock.set(new Date(Date.parse(due) - MINUTE))
  await world.do(sendNotifications, {})
  expect(mails()).toBe(0)
  world.clock.set(new Date(due))
  await world.do(sendNotifications, {})
  expect(mails()).toBe(1)
})
