import { allow, and, or } from 'graphql-shield'
import type { AuditEventRow } from '../modules/audit/audit-event.loader'
import type { BulkJobRow } from '../modules/bulk-job/bulk-job.loader'
import type { GroupMemberRow } from '../modules/group/group.loader'
import type { PostRow } from '../modules/post/post.loader'
import { PostStatus } from '../modules/post/post-status'
import type { RoleGrantRow } from '../modules/role/role-grant.loader'
import type { SessionRow } from '../modules/session/session.loader'
import type { StaffNoteRow } from '../modules/staff-note/staff-note.service'
import type { AccessExplanation } from './explain/access-explanation.type'
import type { Policy } from './guard'
import {
  can,
  canOver,
  canOverOthers,
  canSomewhere,
  filtersOnlyBy,
  freshly,
  isActor,
  isImpersonated,
  isInSession,
  isSignedIn,
  isThemselves,
  seenAs,
  selfOr,
} from './rules'

// What is shown of other people by way of rows is noted in their access log.
const seenEvent = seenAs<AuditEventRow>('event', 'audit:read', ({ subjectId }) => subjectId)
const seenSession = seenAs<SessionRow>('session', 'sessions:read', ({ userId }) => userId)
const seenBulkJob = seenAs<BulkJobRow>('bulk job', 'audit:read', ({ startedById }) => startedById)
const seenDraft = seenAs<PostRow>('post', 'posts:moderate', ({ status, authorId }) =>
  status === PostStatus.PUBLISHED ? null : authorId,
)
const seenGrant = seenAs<RoleGrantRow>('grant', 'roles:read', ({ userId }) => userId)
const seenMember = seenAs<GroupMemberRow>('membership', 'groups:read', ({ userId }) => userId)
// As the list of them is, which may be empty: nobody learns from their access log that there is a note.
const seenNote = seenAs<StaffNoteRow>('note', 'notes:read', ({ subjectId }) => subjectId, 'staffNotes')
const seenExplanation = seenAs<AccessExplanation>('answer', 'access:explain', ({ userId }) => userId)

/*
 * THE policy: may this viewer touch this field? Everything that is not on this page is refused, and the build fails until
 * it is. *Which rows* a viewer may see is decided in the repositories' WHERE, *whether the change itself is allowed* in
 * the services. A field whose rule can refuse must be nullable, so that a refusal costs that field and no more.
 */
export const permissions: Policy = {
  Query: {
    viewer: allow,
    node: allow,
    nodes: allow,
    user: allow,
    userByUsername: allow,
    users: and(
      canSomewhere('users:read'),
      filtersOnlyBy({ email: 'users:read-contact', roleId: 'roles:read', groupId: 'groups:read' }),
    ),
    groups: canSomewhere('groups:read'),
    roles: canSomewhere('roles:read'),
    permissions: canSomewhere('roles:read'),
    post: allow,
    postBySlug: allow,
    posts: allow,
    auditEvents: canSomewhere('audit:read'),
    // Those that the viewer may see; see the WHERE.
    bulkJob: isInSession,
    bulkJobs: isInSession,
    identityProviders: allow,
    explainAccess: can('access:explain'),
  },

  Mutation: {
    signUp: allow,
    completeSignUp: allow,
    signIn: allow,
    signOut: isInSession,
    rotateSession: isInSession,
    reauthenticate: isInSession,
    completeSignIn: allow,
    requestSignInLink: allow,
    startPasskeySignIn: allow,
    startProviderSignIn: allow,
    startProviderLink: freshly(isInSession),
    linkIdentity: freshly(isInSession),
    unlinkIdentity: freshly(isInSession),
    // Whose challenge it is, the service asks.
    sendCode: allow,
    startReauthentication: isInSession,
    startTotp: freshly(isInSession),
    confirmTotp: freshly(isInSession),
    removeTotp: freshly(isInSession),
    addEmailCode: freshly(isInSession),
    removeEmailCode: freshly(isInSession),
    startPasskeyRegistration: freshly(isInSession),
    registerPasskey: freshly(isInSession),
    renamePasskey: isInSession,
    removePasskey: freshly(isInSession),
    replaceRecoveryCodes: freshly(isInSession),
    // The current password is the fresh proof.
    changePassword: isInSession,
    checkPassword: allow,
    changeEmail: freshly(isInSession),
    // The proof is in the mail, to the new address or to the old one.
    confirmEmailChange: allow,
    undoEmailChange: allow,
    // By the token of a mail, or as the person whose event it is; nobody who wants to lock an account has to prove more.
    disownSecurityEvent: allow,
    requestPasswordReset: allow,
    resetPassword: allow,
    requirePasswordReset: freshly(canSomewhere('users:reset-password')),
    suspendUser: freshly(canSomewhere('users:suspend')),
    reinstateUser: freshly(canSomewhere('users:suspend')),
    createUser: freshly(can('users:create')),
    resendInvitation: freshly(canSomewhere('users:create')),
    // A username is what one signs in with.
    updateUser: freshly(canSomewhere('users:edit')),
    endUserSessions: freshly(canSomewhere('sessions:revoke')),
    verifyEmail: freshly(canSomewhere('users:verify-contact')),
    // As the single forms, each of which is asked for again in its turn.
    suspendUsers: freshly(canSomewhere('users:suspend')),
    reinstateUsers: freshly(canSomewhere('users:suspend')),
    requirePasswordResets: freshly(canSomewhere('users:reset-password')),
    endSessionsOfUsers: freshly(canSomewhere('sessions:revoke')),
    resendInvitations: freshly(canSomewhere('users:create')),
    grantRoleToUsers: freshly(canSomewhere('roles:grant')),
    revokeRoleFromUsers: freshly(canSomewhere('roles:grant')),
    addGroupMembers: freshly(can('groups:write')),
    removeGroupMembers: freshly(can('groups:write')),
    cancelBulkJob: isInSession,
    addStaffNote: canSomewhere('notes:write'),
    updateStaffNote: canSomewhere('notes:write'),
    deleteStaffNote: canSomewhere('notes:write'),
    revokeSession: isInSession,
    revokeOtherSessions: isInSession,
    createAccessToken: freshly(isInSession),
    revokeAccessToken: isInSession,
    issueServiceToken: isThemselves,
    updateProfile: isSignedIn,
    setPreferences: isSignedIn,
    createPost: isSignedIn,
    updatePost: isSignedIn,
    publishPost: isSignedIn,
    deletePost: isSignedIn,
    startImpersonation: freshly(canSomewhere('users:impersonate')),
    stopImpersonation: isImpersonated,
    createGroup: freshly(can('groups:write')),
    updateGroup: freshly(can('groups:write')),
    deleteGroup: freshly(can('groups:write')),
    addGroupMember: freshly(can('groups:write')),
    removeGroupMember: freshly(can('groups:write')),
    createRole: freshly(can('roles:write')),
    updateRole: freshly(can('roles:write')),
    deleteRole: freshly(can('roles:write')),
    grantRole: freshly(canSomewhere('roles:grant')),
    revokeRole: freshly(canSomewhere('roles:grant')),
  },

  Subscription: {
    viewerSessionsChanged: isThemselves,
    bulkJobChanged: isInSession,
  },

  User: {
    id: allow,
    username: allow,
    displayName: allow,
    bio: allow,
    createdAt: allow,
    posts: allow,
    impersonator: allow,
    email: selfOr('users:read-contact'),
    emails: selfOr('users:read-contact'),
    locale: selfOr('users:read'),
    timeZone: selfOr('users:read'),
    status: selfOr('users:read'),
    lastSeenAt: selfOr('users:read'),
    lastSignInAt: selfOr('users:read'),
    version: selfOr('users:read'),
    suspension: canOver('users:read'),
    invitation: canOver('users:read'),
    // Never the person's own.
    staffNotes: canOverOthers('notes:read'),
    roles: selfOr('roles:read'),
    roleGrants: selfOr('roles:read'),
    groups: selfOr('groups:read'),
    accessLog: selfOr('audit:read'),
    permissions: selfOr('roles:read'),
    sessions: selfOr('sessions:read'),
    security: selfOr('security:read'),
    preferences: selfOr('preferences:read'),
    preference: selfOr('preferences:read'),
    auditEvents: selfOr('audit:read'),
  },

  AuditEvent: {
    id: seenEvent,
    occurredAt: seenEvent,
    action: seenEvent,
    outcome: seenEvent,
    actor: seenEvent,
    impersonator: seenEvent,
    subject: seenEvent,
    target: seenEvent,
    requestId: seenEvent,
    details: seenEvent,
    address: or(isActor, can('audit:read')),
  },

  Group: {
    id: allow,
    name: allow,
    description: allow,
    version: allow,
    createdAt: allow,
    members: canSomewhere('groups:read'),
  },

  Role: {
    id: allow,
    name: allow,
    description: allow,
    permissions: allow,
    requiresReason: allow,
    isBuiltIn: allow,
    version: allow,
    members: canSomewhere('roles:read'),
  },

  AccessExplanation: seenExplanation,

  // Reached only through fields that have been guarded, as rows that the viewer may see.
  AccessRecord: allow,
  AccessToken: allow,
  BulkJob: seenBulkJob,
  BulkJobItem: allow,
  Challenge: allow,
  GroupMember: seenMember,
  Identity: allow,
  IdentityProvider: allow,
  Invitation: allow,
  Passkey: allow,
  Security: allow,
  SecurityEvent: allow,
  TotpEnrolment: allow,
  Email: allow,
  PasswordStrength: allow,
  Permission: allow,
  Post: seenDraft,
  Preference: allow,
  RoleGrant: seenGrant,
  // Its address is a network to everybody, its holder and staff alike.
  Session: seenSession,
  SessionChange: allow,
  StaffNote: seenNote,
  Suspension: allow,

  // Wrappers without content of their own; what they lead to has its rules above.
  '*Connection': allow,
  '*Edge': allow,
  '*Payload': allow,
  PageInfo: allow,
  UserError: allow,
}
