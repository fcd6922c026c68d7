import { defineLoader, keyed } from '../../context/loader'
import type { Id } from '../../core/id'
import { PasswordService, type PasswordState } from './password.service'

/** What somebody may know of their password; null where they have none. */
export const passwordStateByUser = defineLoader<Id, PasswordState>(async (db, userIds) =>
  keyed(await new PasswordService(db).states(userIds), 'userId'),
)
