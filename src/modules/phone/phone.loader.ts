import { defineLoader } from '../../context/loader'
import type { Id } from '../../core/id'
import { PhoneService, type ReadablePhone } from './phone.service'

export const phonesByUser = defineLoader<Id, ReadablePhone[], ReadablePhone[]>(
  (db, userIds) => new PhoneService(db).ofUsers(userIds),
  [],
)
