import { defineLoader, grouped } from '../../context/loader'
import type { Id } from '../../core/id'
import { ConsentService, type ConsentRow } from './consent.service'

export type { ConsentRow }

/** What people have said last about each purpose. */
export const consentsByUser = defineLoader<Id, ConsentRow[], ConsentRow[]>(
  async (db, userIds) => grouped(await new ConsentService(db).current(userIds), 'userId'),
  [],
)
