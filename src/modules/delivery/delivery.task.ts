import { later } from '../../core/clock'
import { sweep } from '../../db/sweep'
import { defineTask } from '../../db/task'
import { defineRetention } from '../retention/retention'
import type { DeliveryChannel } from './delivery-channel'
import { Delivery } from './delivery.entity'
import { DeliveryRepository, REPLAYABLE_FOR } from './delivery.repository'

/** Sends again what was given up within a time. */
export const sendGivenUpAgain = defineTask<{ channel: DeliveryChannel | null; since: string; until: string }>(
  {
    name: 'delivery:send-given-up-again',
    work: async (job) => {
      const { channel, since, until } = job.payload
      const given = { channel, since: new Date(since), until: new Date(until) }
      const deliveries = new DeliveryRepository(job.db)
      await sweep(job, (limit) => deliveries.sendGivenUpAgain(given, limit))
    },
  },
)

export const forgetOldDeliveries = defineRetention({
  name: 'delivery:forget-old',
  schedule: '27 * * * *',
  entity: Delivery,
  retention: '30 days',
  since: 'created_at',
})

/** What was said in what nobody sends again, and what was to nobody. */
export const forgetLetters = defineTask({
  name: 'delivery:forget-letters',
  schedule: '*/10 * * * *',
  work: async (job) => {
    const deliveries = new DeliveryRepository(job.db)
    await sweep(job, (limit) => deliveries.forgetLetters(later(job.db.now, -REPLAYABLE_FOR), limit))
    await sweep(job, (limit) => deliveries.removeDecoys(limit))
  },
})
