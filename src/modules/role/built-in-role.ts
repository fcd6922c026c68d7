import { ALL_PERMISSIONS, type Permission } from '../../core/permission'

interface BuiltInRole {
  description: string
  permissions: readonly Permission[]
}

/** The roles that every installation has. Their meaning is fixed here and brought into the database at every start. */
export const BUILT_IN_ROLES = {
  admin: { description: 'May do everything.', permissions: ALL_PERMISSIONS },
  manager: {
    description: 'Looks after people and content; cannot grant roles or read the whole audit trail.',
    permissions: [
      'users:read',
      'users:read-contact',
      'users:suspend',
      'users:reset-password',
      'roles:read',
      'groups:read',
      'sessions:read',
      'sessions:revoke',
      'security:read',
      'notes:read',
      'notes:write',
      'posts:moderate',
      'tickets:answer',
      'analytics:read',
    ],
  },
  user: { description: 'Everybody with an account: own data, own content.', permissions: [] },
} as const satisfies Record<string, BuiltInRole>

export type BuiltInRoleName = keyof typeof BUILT_IN_ROLES
