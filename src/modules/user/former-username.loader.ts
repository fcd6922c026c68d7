import { defineLoader, grouped } from '../../context/loader'
import type { Id } from '../../core/id'
import { FormerUsernameRepository, type FormerUsernameRow } from './former-username.repository'

export type { FormerUsernameRow }

/** The usernames that people have given up, the latest first. */
export const formerUsernamesByUser = defineLoader<Id, FormerUsernameRow[], FormerUsernameRow[]>(
  async (db, userIds) => grouped(await new FormerUsernameRepository(db).findByUsers(userIds), 'userId'),
  [],
)
