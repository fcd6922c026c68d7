import { defineLoader, keyed } from '../../context/loader'
import type { Id } from '../../core/id'
import { UserService, type Suspension } from '../user/user.service'

export const suspensionByUser = defineLoader<Id, Suspension>(async (db, userIds) =>
  keyed(await new UserService(db).suspensions(userIds), 'userId'),
)
