import { DAY, later } from '../../core/clock'
import { defineTask } from '../../db/task'
import { defineRetention } from '../retention/retention'
import { carryOut, eraseRemains } from './erase-person'
import { Erasure } from './erasure.entity'
import { ErasureRepository } from './erasure.repository'

/** How many are looked for at once. */
const BATCH = 100

/** How long somebody who was erased is looked for again, in milliseconds: longer than anything can have been under way. */
const WATCH = 2 * DAY

/** Erases those whose time has come, one after the other; where one cannot be, the others are. */
export const eraseDue = defineTask({
  name: 'erasure:erase-due',
  schedule: '*/15 * * * *',
  work: async ({ db, stopping }) => {
    const failures: unknown[] = []
    for (const { id } of await new ErasureRepository(db).findDue(BATCH)) {
      stopping.throwIfAborted()
      await carryOut(db, id).catch((error: unknown) => failures.push(error))
    }
    if (failures.length > 0) throw new AggregateError(failures, 'Somebody could not be erased.')
  },
})

/** Looks once a day whether something was written of somebody while they were erased. */
export const eraseRemainders = defineTask({
  name: 'erasure:erase-remains',
  schedule: '20 3 * * *',
  work: async ({ db, stopping }) => {
    for (const userId of await new ErasureRepository(db).findErasedSince(later(db.now, -WATCH))) {
      stopping.throwIfAborted()
      await eraseRemains(db, userId)
    }
  },
})

/** That somebody was erased stays in the ledger. */
export const forgetOldErasures = defineRetention({
  name: 'erasure:forget-old',
  schedule: '40 2 * * *',
  entity: Erasure,
  retention: '6 years',
  since: 'coalesce(cancelled_at, erased_at)',
})
