import { defineTask } from '../../db/task'
import { renderAnew } from './comment-markup'

/** How many comments are changed in one transaction. */
const BATCH = 100

/** After an update that renders texts in another way. What has yet to be made anew is made for each reader until then. */
export const renderCommentsAnew = defineTask({
  name: 'comment:render-anew',
  schedule: '*/10 * * * *',
  work: async ({ db, stopping }) => {
    while ((await renderAnew(db, BATCH)) === BATCH) stopping.throwIfAborted()
  },
})
