import { defineLoader, grouped } from '../../context/loader'
import type { Id } from '../../core/id'
import { IdentityService, type Identity } from './identity.service'

export const identitiesByUser = defineLoader<Id, Identity[], Identity[]>(
  async (db, userIds) => grouped(await new IdentityService(db).ofUsers(userIds), 'userId'),
  [],
)
