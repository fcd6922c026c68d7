import { allow, or } from 'graphql-shield'
import type { Policy } from './guard'
import { can, freshly, isActor, isInSession, isSelf, isSignedIn } from './rules'

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
    users: can('users:read'),
    roles: can('roles:read'),
    permissions: can('roles:read'),
    post: allow,
    postBySlug: allow,
    posts: allow,
    auditEvents: can('audit:read'),
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
    requestPasswordReset: allow,
    resetPassword: allow,
    requirePasswordReset: freshly(can('users:reset-password')),
    revokeSession: isInSession,
    revokeOtherSessions: isInSession,
    createAccessToken: freshly(isInSession),
    revokeAccessToken: isInSession,
    issueServiceToken: isSignedIn,
    updateProfile: isSignedIn,
    setPreferences: isSignedIn,
    createPost: isSignedIn,
    updatePost: isSignedIn,
    publishPost: isSignedIn,
    deletePost: isSignedIn,
    createRole: freshly(can('roles:write')),
    updateRole: freshly(can('roles:write')),
    deleteRole: freshly(can('roles:write')),
    grantRole: freshly(can('roles:grant')),
    revokeRole: freshly(can('roles:grant')),
  },

  Subscription: {
    viewerSessionsChanged: isSignedIn,
  },

  User: {
    id: allow,
    username: allow,
    displayName: allow,
    bio: allow,
    createdAt: allow,
    posts: allow,
    email: or(isSelf, can('users:read-contact')),
    emails: or(isSelf, can('users:read-contact')),
    locale: or(isSelf, can('users:read')),
    timeZone: or(isSelf, can('users:read')),
    status: or(isSelf, can('users:read')),
    lastSeenAt: or(isSelf, can('users:read')),
    lastSignInAt: or(isSelf, can('users:read')),
    version: or(isSelf, can('users:read')),
    roles: or(isSelf, can('roles:read')),
    permissions: or(isSelf, can('roles:read')),
    sessions: or(isSelf, can('sessions:read')),
    security: or(isSelf, can('security:read')),
    preferences: or(isSelf, can('preferences:read')),
    preference: or(isSelf, can('preferences:read')),
    auditEvents: or(isSelf, can('audit:read')),
  },

  AuditEvent: {
    id: allow,
    occurredAt: allow,
    action: allow,
    outcome: allow,
    actor: allow,
    subject: allow,
    target: allow,
    requestId: allow,
    details: allow,
    address: or(isActor, can('audit:read')),
  },

  // Reached only through fields that have been guarded, as rows that the viewer may see.
  AccessToken: allow,
  Challenge: allow,
  Passkey: allow,
  Security: allow,
  TotpEnrolment: allow,
  Email: allow,
  PasswordStrength: allow,
  Permission: allow,
  Post: allow,
  Preference: allow,
  Role: allow,
  // Its address is a network to everybody, its holder and staff alike.
  Session: allow,
  SessionChange: allow,

  // Wrappers without content of their own; what they lead to has its rules above.
  '*Connection': allow,
  '*Edge': allow,
  '*Payload': allow,
  PageInfo: allow,
  UserError: allow,
}
