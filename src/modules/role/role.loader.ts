import { defineLoader, grouped, keyed } from '../../context/loader'
import type { Id } from '../../core/id'
import type { HeldRole, RoleRow } from './role.repository'
import { RoleService } from './role.service'

export type { RoleRow } from './role.repository'

export const roleById = defineLoader<Id, RoleRow>(async (db, ids) =>
  keyed(await new RoleService(db).lookup(ids), 'id'),
)

export const rolesByUser = defineLoader<Id, HeldRole[], HeldRole[]>(
  async (db, userIds) => grouped(await new RoleService(db).heldBy(userIds), 'userId'),
  [],
)
