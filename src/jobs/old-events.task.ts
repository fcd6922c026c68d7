import { sweep } from '../db/sweep'
import { defineTask } from '../db/task'

/** Whoever comes back within a day is told what they have missed; see `follow`. */
export const forgetOldEvents = defineTask({
  name: 'stream:forget-old',
  schedule: '27 * * * *',
  work: ({ db, stopping }) =>
    sweep({ stopping }, async (limit) => {
      const gone = await db.query(
        `DELETE FROM stream_events WHERE (topic, number) IN (
           SELECT topic, number FROM stream_events WHERE happened_at < $1::timestamptz - interval '24 hours' LIMIT $2
         ) RETURNING number`,
        [db.now, limit],
      )
      return gone.length
    }),
})
