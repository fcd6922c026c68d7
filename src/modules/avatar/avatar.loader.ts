import { defineLoader, keyed } from '../../context/loader'
import type { Id } from '../../core/id'
import { AvatarService, type AvatarRow } from './avatar.service'

/** The pictures of people, as far as they are shown. */
export const avatarByUser = defineLoader<Id, AvatarRow>(async (db, userIds) =>
  keyed(await new AvatarService(db).shownOf(userIds), 'userId'),
)
