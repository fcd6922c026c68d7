import { SECOND } from '../../core/clock'
import type { Id } from '../../core/id'
import { defineTask } from '../../db/task'
import { reschedule, waitingMembers } from './reschedule'
import { sendDueDigests, sendDueMails } from './send-notifications'

/** How long it goes on before other jobs have their turn, in milliseconds: until about when it begins anew. */
const TURN = 45 * SECOND

/** To how many people is written between two looks at whether to stop. */
const BATCH = 100

/** Writes to people about what they have not read, in one mail each; and sends the summaries that are due. */
export const sendNotifications = defineTask({
  name: 'notifier:send',
  schedule: '* * * * *',
  work: async ({ db, stopping }) => {
    const end = performance.now() + TURN
    for (const sendDue of [sendDueMails, sendDueDigests])
      while ((await sendDue(db, BATCH)) === BATCH && performance.now() < end) stopping.throwIfAborted()
  },
})

/** Decides anew when the members of a group are written to, for whom it says something else by now. */
export const rescheduleGroup = defineTask<{ groupId: Id }>({
  name: 'notifier:reschedule-group',
  work: async ({ db, payload: { groupId }, stopping }) => {
    for await (const members of waitingMembers(db, groupId)) {
      stopping.throwIfAborted()
      await reschedule(db, members)
    }
  },
})

/** The same of these people, who were members of a group that is gone. */
export const reschedulePeople = defineTask<{ userIds: readonly Id[] }>({
  name: 'notifier:reschedule',
  work: ({ db, payload: { userIds } }) => reschedule(db, userIds),
})
