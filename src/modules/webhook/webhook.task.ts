import { later } from '../../core/clock'
import type { Id } from '../../core/id'
import { sweep } from '../../db/sweep'
import { defineTask, type Task } from '../../db/task'
import { NOBODY } from '../../api/input'
import { KEPT_FOR, WebhookDeliveryRepository, type Place } from './webhook-delivery.repository'
import { WebhookEndpointRepository } from './webhook-endpoint.repository'

/** How many events of the trail are looked at in one transaction. */
const LOOKED_AT_ONCE = 2_000

/** Begun anew, it sends again what it had sent already and was not taken since. */
export const sendMissedWebhooks: Task<{ endpointId: Id; since: string; until: string }> = defineTask<{
  endpointId: Id
  since: string
  until: string
}>({
  name: 'webhook:send-missed',
  work: async ({ db, payload: { endpointId, since, until }, stopping }) => {
    let place: Place | null = { occurredAt: new Date(since), id: NOBODY }
    while (place !== null) {
      stopping.throwIfAborted()
      const after: Place = place
      place = await db.transaction((tx) =>
        new WebhookDeliveryRepository(tx).sendMissed(
          endpointId,
          { after, until: new Date(until) },
          LOOKED_AT_ONCE,
        ),
      )
    }
  },
})

export const forgetOldWebhooks = defineTask({
  name: 'webhook:forget-old',
  schedule: '47 * * * *',
  work: async (job) => {
    const { db } = job
    const deliveries = new WebhookDeliveryRepository(db)
    await sweep(job, (limit) => deliveries.removeOld(later(db.now, -KEPT_FOR), limit))
    const endpoints = new WebhookEndpointRepository(db)
    await endpoints.removeDeleted()
    await endpoints.forgetPreviousSecrets()
  },
})
