import { connectionOf } from '../../api/connection'
import { GlobalId, Shown, Type } from '../../api/type'
import type { RoleGrantRow } from './role-grant.repository'

@Type(
  'RoleGrant',
  'A role that somebody holds, over everybody or over the members of a group. Visible to its holder, to holders of `roles:read`, and in the answers of `explainAccess`.',
)
export class RoleGrantType implements Pick<RoleGrantRow, 'id' | 'expiresAt' | 'createdAt'> {
  @GlobalId('grant', 'The global id.')
  id!: string

  @Shown(() => Date, 'When it ends by itself; null for never.', true)
  expiresAt!: Date | null

  @Shown(() => Date, 'When it was granted.')
  createdAt!: Date
}

export const RoleGrantConnection = connectionOf('RoleGrant', () => RoleGrantType)
