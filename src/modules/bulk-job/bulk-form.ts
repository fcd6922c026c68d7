import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { endUserSessions } from '../administration/end-user-sessions'
import { reinstateUser } from '../administration/reinstate-user'
import { resendInvitation } from '../administration/resend-invitation'
import { suspendUser } from '../administration/suspend-user'
import { requirePasswordReset } from '../authentication/require-password-reset'
import { GroupService } from '../group/group.service'
import { RoleGrantService } from '../role/role-grant.service'

/**
 * The bulk forms, by the mutations that start them, and what each does to one person after the other: what its single form
 * does, in a transaction for each and with all its rules.
 */
export const BULK_FORMS = {
  suspendUsers: suspendUser,
  reinstateUsers: reinstateUser,
  requirePasswordResets: requirePasswordReset,
  endSessionsOfUsers: endUserSessions,
  resendInvitations: resendInvitation,
  grantRoleToUsers: (db, input: Parameters<RoleGrantService['grant']>[0]) =>
    new RoleGrantService(db).grant(input),
  revokeRoleFromUsers: (db, input: Parameters<RoleGrantService['revoke']>[0]) =>
    new RoleGrantService(db).revoke(input),
  addGroupMembers: (db, input: Parameters<GroupService['addMember']>[0]) =>
    new GroupService(db).addMember(input),
  removeGroupMembers: (db, input: Parameters<GroupService['removeMember']>[0]) =>
    new GroupService(db).removeMember(input),
} as const satisfies Record<string, (db: Database, input: never) => Promise<unknown>>

export type BulkAction = keyof typeof BULK_FORMS

/** What a bulk form is told besides whom it is about. */
export type TermsOf<Action extends BulkAction> = Omit<Parameters<(typeof BULK_FORMS)[Action]>[1], 'userId'>

/** Does to one person what the form says. */
export const applyForm = (action: BulkAction, db: Database, terms: object, userId: Id): Promise<unknown> =>
  (BULK_FORMS[action] as (db: Database, input: object) => Promise<unknown>)(db, { ...terms, userId })
