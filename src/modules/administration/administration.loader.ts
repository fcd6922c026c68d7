import { defineLoader } from '../../context/loader'
import type { Id } from '../../core/id'
import { UserService, type Suspension } from '../user/user.service'

export const suspensionByUser = defineLoader<Id, Suspension>((db, userIds) =>
  new UserService(db).suspensions(userIds),
)
