import { HOUR } from '../../core/clock'
import { makePartitions } from '../../db/partitions'
import { defineTask } from '../../db/task'
import { dropEmptyMonths, dueActivity, sweepActivity } from './activity-retention'

/** Months are made three ahead, so that this may fail for weeks before a row goes into the default partition. */
export const makeActivityPartitions = defineTask({
  name: 'activity:make-partitions',
  schedule: '22 0 * * *',
  work: async ({ db, stopping, tell }) => {
    const partitions = await makePartitions(db, 'make_activity_partitions', stopping)
    if (partitions.length > 0) tell({ partitions }, 'Partitions of activity were made')
  },
})

/** Each step is a transaction of its own. What a legal hold keeps is tried again the next night. */
export const forgetOldActivity = defineTask({
  name: 'activity:forget',
  schedule: '12 3 * * *',
  timeout: 4 * HOUR,
  work: async ({ db, stopping, tell }) => {
    for (const due of await dueActivity(db)) await sweepActivity(db, due, stopping)
    const dropped = await dropEmptyMonths(db, stopping)
    if (dropped.length > 0) tell({ partitions: dropped }, 'Partitions of activity were dropped')
  },
})
