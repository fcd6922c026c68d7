import { sharesWithAll } from '../../context/kept-away'
import { defineLoader, keyed } from '../../context/loader'
import type { Id } from '../../core/id'
import { viewerId } from '../../core/viewer'
import { UserRepository, type UserRow } from './user.repository'

export type { UserRow }

/** People as they are shown to the viewer; see `isShown`. */
export const userById = defineLoader<Id, UserRow>(
  async (db, ids) => keyed(await new UserRepository(db).findShown(ids), 'id'),
  null,
  (user, viewer, load) => user.id !== viewerId(viewer) && sharesWithAll(viewer, user.id, load),
)
