import { HOUR } from '../../core/clock'
import { makePartitions } from '../../db/partitions'
import { defineTask } from '../../db/task'
import { AuditService } from './audit.service'
import { sealTrail } from './seal-trail'
import { dropPastPartitions } from './trail-partitions'
import { verifyTrail } from './verify-trail'

/** Months are made three ahead, so that this may fail for weeks before a row goes into the default partition. */
export const makeTrailPartitions = defineTask({
  name: 'audit:make-partitions',
  schedule: '20 0 * * *',
  work: async ({ db, stopping, tell }) => {
    const partitions = await makePartitions(db, 'make_trail_partitions', stopping)
    if (partitions.length > 0) tell({ partitions }, 'Partitions of the trail were made')
  },
})

/** What a legal hold keeps is tried again the next night. */
export const dropOldTrail = defineTask({
  name: 'audit:drop-partitions',
  schedule: '50 2 * * *',
  timeout: HOUR,
  work: async ({ db, stopping, tell }) => {
    const dropped = await dropPastPartitions(db, stopping)
    if (dropped.length > 0)
      tell({ partitions: dropped.map(({ name }) => name) }, 'Partitions of the trail were dropped')
  },
})

export const sealNewEvents = defineTask({
  name: 'audit:seal',
  schedule: '* * * * *',
  // The next minute tries again anyway.
  maxAttempts: 1,
  work: async ({ db, stopping }) => {
    const { database, keyring } = db.tools
    await sealTrail({ url: database.appUrl, keyring, now: db.now, signal: stopping })
  },
})

/**
 * Each night the whole trail is compared with its seals. The head goes into the log and into the trail itself: kept elsewhere,
 * it shows later that nothing before it was cut off.
 */
export const examineTrail = defineTask({
  name: 'audit:verify',
  schedule: '30 3 * * *',
  maxAttempts: 2,
  timeout: 6 * HOUR,
  work: async ({ db, stopping, tell }) => {
    const { database, keyring } = db.tools
    const { head, rows, problems, problemCount } = await verifyTrail(database.appUrl, {
      keyring,
      now: db.now,
      signal: stopping,
    })
    const audit = new AuditService(db)
    if (problemCount === 0) {
      await audit.record('audit.verified', { details: { head, rows } })
      tell({ head, rows }, 'The trail is what was sealed')
      return
    }
    await audit.record('audit.tampered', {
      details: { head, problems: problemCount },
    })
    throw new Error(
      `The trail is not what was sealed: ${problems[0]!.says} \`portico audit verify\` tells the rest of it, ${problemCount} in all.`,
    )
  },
})
