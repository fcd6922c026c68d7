import { defineLoader, keyed } from '../../context/loader'
import type { Id } from '../../core/id'
import { UserRepository, type UserRow } from './user.repository'

export type { UserRow }

/** People as they are shown to the viewer; see `isShown`. */
export const userById = defineLoader<Id, UserRow>(async (db, ids) =>
  keyed(await new UserRepository(db).findShown(ids), 'id'),
)
