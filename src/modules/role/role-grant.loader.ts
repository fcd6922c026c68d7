import DataLoader from 'dataloader'
import { defineLoader, grouped, type LoaderDefinition } from '../../context/loader'
import type { Id } from '../../core/id'
import type { RoleGrantRow } from './role-grant.repository'
import { RoleGrantService } from './role-grant.service'

export type { PastGrant, RoleGrantRow } from './role-grant.repository'

/** What people hold at this moment. */
export const grantsByUser = defineLoader<Id, RoleGrantRow[], RoleGrantRow[]>(
  async (db, userIds) => grouped(await new RoleGrantService(db).ofUsers(userIds), 'userId'),
  [],
)

/** Why a role was granted, decrypted; null where nothing was said, or the holder's key is gone. */
export const grantReason: LoaderDefinition<RoleGrantRow, string | null> = (db) =>
  new DataLoader((grants) => new RoleGrantService(db).reasons(grants))

/** Whether people are staff. */
export const isStaffById = defineLoader<Id, boolean, false>(
  async (db, userIds) =>
    new Map((await new RoleGrantService(db).staffAmong(userIds)).map((id) => [id, true])),
  false,
)
