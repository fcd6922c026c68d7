import { defineLoader, keyed } from '../../context/loader'
import type { Id } from '../../core/id'
import type { RoleRow } from './role.repository'
import { RoleService } from './role.service'

export type { RoleRow } from './role.repository'

export const roleById = defineLoader<Id, RoleRow>(async (db, ids) =>
  keyed(await new RoleService(db).lookup(ids), 'id'),
)
