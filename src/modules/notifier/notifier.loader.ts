import { defineLoader } from '../../context/loader'
import type { Id } from '../../core/id'
import { viewerId } from '../../core/viewer'
import { sayingsOf, type Saying } from './notification-saying'
import { NotifierRepository } from './notifier.repository'
import { NotifierService, type TopicSetting } from './notifier.service'

export type { TopicSetting } from './notifier.service'

/** How many people are told of every topic. */
export const settingsOfPerson = defineLoader<Id, TopicSetting[], TopicSetting[]>(
  (db, userIds) => new NotifierService(db).matrixOf(userIds),
  [],
)

/** What the targets of notifications say of themselves, by their global ids. */
export const sayingOfTarget = defineLoader<string, Saying>(sayingsOf)

/** Whether the viewer has muted the threads of many posts, with one statement. */
export const isThreadMuted = defineLoader<Id, boolean, boolean>(async (db, postIds) => {
  const userId = viewerId(db.caller.viewer)
  const muted = userId === null ? [] : await new NotifierRepository(db).mutedAmong(userId, postIds)
  return new Map(muted.map((postId) => [postId, true]))
}, false)
