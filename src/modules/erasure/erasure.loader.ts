import { defineLoader, keyed } from '../../context/loader'
import type { Id } from '../../core/id'
import { ErasureService, type ErasureRow } from './erasure.service'

export type { ErasureRow }

export const erasureById = defineLoader<Id, ErasureRow>(async (db, ids) =>
  keyed(await new ErasureService(db).lookup(ids), 'id'),
)

/** The last one of each person, taken back or not. */
export const erasureByUser = defineLoader<Id, ErasureRow>(async (db, userIds) =>
  keyed(await new ErasureService(db).latestOf(userIds), 'userId'),
)
