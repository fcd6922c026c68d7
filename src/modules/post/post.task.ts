import { defineTask } from '../../db/task'
import { defineRetention } from '../retention/retention'
import { renderAnew } from './post-markup'
import { publishDue } from './schedule-post'
import { TRASHED } from './trashed'

/** How many posts are changed in one transaction. */
const BATCH = 100

/** After an update that renders texts in another way. What has yet to be made anew is made for each reader until then. */
export const renderPostsAnew = defineTask({
  name: 'post:render-anew',
  schedule: '*/10 * * * *',
  work: async ({ db, stopping }) => {
    while ((await renderAnew(db, BATCH)) === BATCH) stopping.throwIfAborted()
  },
})

/** Publishes what is due, some at a time, each time with its events. */
export const publishDuePosts = defineTask({
  name: 'post:publish-due',
  schedule: '* * * * *',
  work: async ({ db, stopping }) => {
    while ((await publishDue(db, BATCH)) === BATCH) stopping.throwIfAborted()
  },
})

/** What has been in the trash for its time. */
export const purgeTrashedPosts = defineRetention({
  name: 'post:purge-trashed',
  schedule: '12 4 * * *',
  ...TRASHED,
})
