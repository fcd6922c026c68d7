import { defineLoader, keyed } from '../../context/loader'
import type { Id } from '../../core/id'
import { UserRepository, type UserRow } from './user.repository'

export type { UserRow }

export const userById = defineLoader<Id, UserRow>(async (db, ids) =>
  keyed(await new UserRepository(db).lookup(ids), 'id'),
)
