import { DeliveryChannel } from '../../src/modules/delivery/delivery-channel'
import { DeliveryRepository } from '../../src/modules/delivery/delivery.repository'
import { explain, flatten } from '../support/plans'
import { useWorld } from '../support/world'

const world = useWorld()

test('a rate gives no more places than its time has, however long none were taken before', async () => {
  const deliveries = new DeliveryRepository(world.db)
  const rate = { perSecond: 50 }
  const now = async () => {
    const [row] = await world.db.query<{ seconds: number }>(
      'SELECT extract(epoch FROM clock_timestamp())::double precision AS seconds',
    )
    return row!.seconds
  }
  await deliveries.takePlace(DeliveryChannel.SMS, rate)
  await world.db.query("UPDATE delivery_rates SET free_at = now() - interval '1 hour'")
  const began = await now()
  let taken = 0
  for (let tries = 0; tries < 300; tries++) if (await deliveries.takePlace(DeliveryChannel.SMS, rate)) taken++
  const most = 5 + Math.ceil(((await now()) - began) * rate.perSecond)
  expect(taken).toBeGreaterThanOrEqual(5)
  expect(taken).toBeLessThanOrEqual(most)
})

test('what is due is found in its order on an index, however much waits behind it', async () => {
  await world.db.query(
    `INSERT INTO deliveries (id, channel, template, is_decoy, letter, address_index, status, priority, retry_count, attempt_count,
       next_attempt_at, created_at)
     SELECT gen_random_uuid(), 'email', 'announcement', false, '', '', 'pending', 2, 0, 0, now() - number * interval '1 second', now()
     FROM generate_series(1, 5000) number`,
  )
  await world.db.query('ANALYZE deliveries')
  const [claim] = await world.sent(() => new DeliveryRepository(world.db).claim(DeliveryChannel.EMAIL, 16))
  const [explained] = await explain(world, [claim!], 1)
  const steps = flatten(explained!.Plan)
  expect(steps.map((step) => step['Index Name'])).toContain('deliveries_due_index')
  expect(steps.map((step) => step['Node Type'])).not.toContain('Sort')
  expect(steps.find((step) => step['Index Name'] === 'deliveries_due_index')!['Actual Rows']).toBe(16)
})
