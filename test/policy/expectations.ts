import type { Permission } from '../../src/core/permission'

/*
 * Who may see and do what, written by hand and signed by whoever reviews a change to it. `matrix.test.ts` asks the running
 * API for every line as each of these people, and `schema/permissions.md` is printed from it. The policy itself, in
 * src/graphql/permissions.ts, is not consulted: two independent statements have to agree.
 *
 * Everything below is about a *subject*: a person with an account, and what is theirs.
 *   anonymous       nobody is signed in
 *   self            the subject
 *   other           another person without any role of note
 *   managerOfGroup  somebody with the built-in role manager over a group in which the subject is
 *   managerOfOther  the same over a group in which the subject is not
 *   custom          somebody with a role that an admin made: it gives users:read and nothing else
 *   manager         somebody with the built-in role manager over everybody
 *   admin           somebody with the built-in role admin
 *   expired         somebody who was admin until an hour ago: the same as other
 *   program         an access token of an admin's to which no scope was given
 *   impersonator    somebody with users:impersonate and users:read who acts as the subject
 *   suspended       the subject after being suspended, with the old token: the same as anonymous
 *
 * What one permission opens is said besides (`OPENED_BY`), and asked for as people who hold it alone, all but it, or over
 * one group alone; so is what asks for a fresh proof, and whose data it is that others are noted to have read.
 */
export const READERS = [
  'anonymous',
  'self',
  'other',
  'managerOfGroup',
  'managerOfOther',
  'custom',
  'manager',
  'admin',
  'expired',
  'program',
  'impersonator',
  'suspended',
] as const
export type Reader = (typeof READERS)[number]

const everybody = READERS
const signedIn = [
  'self',
  'other',
  'managerOfGroup',
  'managerOfOther',
  'custom',
  'manager',
  'admin',
  'expired',
] as const
const signedInOrProgram = [...signedIn, 'program'] as const
const staff = ['managerOfGroup', 'manager', 'admin'] as const
/** Over whomever it may be: what they see is limited, not whether. */
const staffOfAnybody = [...staff, 'managerOfOther'] as const
const selfAndStaff = ['self', ...staff] as const
const selfAndReaders = [...selfAndStaff, 'custom', 'impersonator'] as const
const staffAndReader = [...staff, 'custom'] as const
const selfAndAdmin = ['self', 'admin'] as const
const adminOnly = ['admin'] as const

/** Whoever may see the row at all; to the others it does not exist. */
const whoeverSeesIt = 'whoever sees it' as const

type Readers = readonly Reader[]

export interface TypeExpectation {
  /** Who may see such a row when it is the subject's. */
  rows: Readers
  fields: Record<string, Readers | typeof whoeverSeesIt>
}

export const TYPES: Record<string, TypeExpectation> = {
  User: {
    rows: everybody,
    fields: {
      id: everybody,
      username: everybody,
      displayName: everybody,
      bio: everybody,
      createdAt: everybody,
      posts: everybody,
      impersonator: everybody,
      email: selfAndStaff,
      emails: selfAndStaff,
      locale: selfAndReaders,
      timeZone: selfAndReaders,
      status: selfAndReaders,
      lastSeenAt: selfAndReaders,
      lastSignInAt: selfAndReaders,
      version: selfAndReaders,
      roles: selfAndStaff,
      roleGrants: selfAndStaff,
      groups: selfAndStaff,
      accessLog: selfAndAdmin,
      permissions: selfAndStaff,
      sessions: selfAndStaff,
      security: selfAndStaff,
      preferences: selfAndAdmin,
      preference: selfAndAdmin,
      auditEvents: selfAndAdmin,
      suspension: staffAndReader,
      invitation: staffAndReader,
      staffNotes: staff,
    },
  },

  // A suspension of the subject's, and an invitation; told to nobody but staff.
  Suspension: {
    rows: staffAndReader,
    fields: {
      reason: whoeverSeesIt,
      suspendedAt: whoeverSeesIt,
      endsAt: whoeverSeesIt,
      by: whoeverSeesIt,
    },
  },

  Invitation: {
    rows: staffAndReader,
    fields: { sentAt: whoeverSeesIt, expiresAt: whoeverSeesIt },
  },

  // A note about the subject.
  StaffNote: {
    rows: staff,
    fields: {
      id: whoeverSeesIt,
      body: whoeverSeesIt,
      subject: whoeverSeesIt,
      author: whoeverSeesIt,
      createdAt: whoeverSeesIt,
      updatedAt: whoeverSeesIt,
      version: whoeverSeesIt,
    },
  },

  Email: {
    rows: selfAndStaff,
    fields: {
      id: whoeverSeesIt,
      address: whoeverSeesIt,
      isPrimary: whoeverSeesIt,
      verifiedAt: whoeverSeesIt,
    },
  },

  Session: {
    rows: selfAndStaff,
    fields: {
      id: whoeverSeesIt,
      transport: whoeverSeesIt,
      methods: whoeverSeesIt,
      deviceName: whoeverSeesIt,
      address: whoeverSeesIt,
      createdAt: whoeverSeesIt,
      authenticatedAt: whoeverSeesIt,
      lastSeenAt: whoeverSeesIt,
      expiresAt: whoeverSeesIt,
      endedAt: whoeverSeesIt,
      endReason: whoeverSeesIt,
      isCurrent: whoeverSeesIt,
      impersonator: whoeverSeesIt,
    },
  },

  Preference: {
    rows: selfAndAdmin,
    fields: {
      key: whoeverSeesIt,
      value: whoeverSeesIt,
      defaultValue: whoeverSeesIt,
      description: whoeverSeesIt,
      schema: whoeverSeesIt,
      updatedAt: whoeverSeesIt,
    },
  },

  // A draft of the subject's; a published post is everybody's.
  Post: {
    rows: selfAndStaff,
    fields: {
      id: whoeverSeesIt,
      slug: whoeverSeesIt,
      title: whoeverSeesIt,
      body: whoeverSeesIt,
      tags: whoeverSeesIt,
      status: whoeverSeesIt,
      publishedAt: whoeverSeesIt,
      createdAt: whoeverSeesIt,
      updatedAt: whoeverSeesIt,
      version: whoeverSeesIt,
      author: whoeverSeesIt,
    },
  },

  // A role that the subject holds, and the other person does not.
  Role: {
    rows: ['self', ...staffOfAnybody],
    fields: {
      id: whoeverSeesIt,
      name: whoeverSeesIt,
      description: whoeverSeesIt,
      permissions: whoeverSeesIt,
      requiresReason: whoeverSeesIt,
      isBuiltIn: whoeverSeesIt,
      version: whoeverSeesIt,
      members: staffOfAnybody,
    },
  },

  RoleGrant: {
    rows: selfAndStaff,
    fields: {
      id: whoeverSeesIt,
      user: whoeverSeesIt,
      role: whoeverSeesIt,
      group: whoeverSeesIt,
      grantedBy: whoeverSeesIt,
      reason: whoeverSeesIt,
      createdAt: whoeverSeesIt,
      expiresAt: whoeverSeesIt,
    },
  },

  // The group in which the subject is.
  Group: {
    rows: selfAndStaff,
    fields: {
      id: whoeverSeesIt,
      name: whoeverSeesIt,
      description: whoeverSeesIt,
      version: whoeverSeesIt,
      createdAt: whoeverSeesIt,
      members: staff,
    },
  },

  GroupMember: {
    rows: staff,
    fields: { createdAt: whoeverSeesIt, user: whoeverSeesIt, addedBy: whoeverSeesIt },
  },

  // That an admin has looked at the subject's data.
  AccessRecord: {
    rows: selfAndAdmin,
    fields: {
      id: whoeverSeesIt,
      occurredAt: whoeverSeesIt,
      reader: whoeverSeesIt,
      roles: whoeverSeesIt,
      fields: whoeverSeesIt,
      reason: whoeverSeesIt,
      requestId: whoeverSeesIt,
    },
  },

  // Something that an admin did to the subject: where the admin was is not the subject's to know.
  AuditEvent: {
    rows: selfAndAdmin,
    fields: {
      id: whoeverSeesIt,
      occurredAt: whoeverSeesIt,
      action: whoeverSeesIt,
      outcome: whoeverSeesIt,
      actor: whoeverSeesIt,
      impersonator: whoeverSeesIt,
      subject: whoeverSeesIt,
      target: whoeverSeesIt,
      requestId: whoeverSeesIt,
      details: whoeverSeesIt,
      address: adminOnly,
    },
  },

  // Why the subject may see something of theirs.
  AccessExplanation: {
    rows: adminOnly,
    fields: {
      field: whoeverSeesIt,
      viewer: whoeverSeesIt,
      isAllowed: whoeverSeesIt,
      rule: whoeverSeesIt,
      through: whoeverSeesIt,
      because: whoeverSeesIt,
      permissions: whoeverSeesIt,
      grants: whoeverSeesIt,
      needsStepUp: whoeverSeesIt,
      needsReason: whoeverSeesIt,
      needsSecondFactor: whoeverSeesIt,
      isSuspended: whoeverSeesIt,
      decidedFurther: whoeverSeesIt,
    },
  },

  Permission: {
    rows: staffOfAnybody,
    fields: { name: whoeverSeesIt, description: whoeverSeesIt },
  },

  // How the subject signs in.
  Security: {
    rows: selfAndStaff,
    fields: {
      passwordChangedAt: whoeverSeesIt,
      isPasswordBreached: whoeverSeesIt,
      secondFactors: whoeverSeesIt,
      isSecondFactorRequired: whoeverSeesIt,
      passkeys: whoeverSeesIt,
      accessTokens: whoeverSeesIt,
      recoveryCodesLeft: whoeverSeesIt,
      freezeEndsAt: whoeverSeesIt,
      events: whoeverSeesIt,
      identities: whoeverSeesIt,
    },
  },

  // A sign-in of the subject's.
  SecurityEvent: {
    rows: selfAndStaff,
    fields: {
      id: whoeverSeesIt,
      occurredAt: whoeverSeesIt,
      action: whoeverSeesIt,
      message: whoeverSeesIt,
      deviceName: whoeverSeesIt,
      network: whoeverSeesIt,
      canBeDisowned: whoeverSeesIt,
      disownedAt: whoeverSeesIt,
    },
  },

  // Where the subject can sign in besides here.
  Identity: {
    rows: selfAndStaff,
    fields: {
      id: whoeverSeesIt,
      provider: whoeverSeesIt,
      createdAt: whoeverSeesIt,
      lastUsedAt: whoeverSeesIt,
    },
  },

  IdentityProvider: {
    rows: everybody,
    fields: { id: whoeverSeesIt, name: whoeverSeesIt },
  },

  AccessToken: {
    rows: selfAndStaff,
    fields: {
      id: whoeverSeesIt,
      name: whoeverSeesIt,
      scopes: whoeverSeesIt,
      createdAt: whoeverSeesIt,
      expiresAt: whoeverSeesIt,
      lastUsedAt: whoeverSeesIt,
      revokedAt: whoeverSeesIt,
      endReason: whoeverSeesIt,
    },
  },

  Passkey: {
    rows: selfAndStaff,
    fields: {
      id: whoeverSeesIt,
      name: whoeverSeesIt,
      isSynced: whoeverSeesIt,
      createdAt: whoeverSeesIt,
      lastUsedAt: whoeverSeesIt,
    },
  },

  // Answered to whoever sets an authenticator app up: their own secret.
  TotpEnrolment: {
    rows: signedIn,
    fields: { key: whoeverSeesIt, uri: whoeverSeesIt, qrCode: whoeverSeesIt },
  },

  // Answered to whoever begins something.
  Challenge: {
    rows: everybody,
    fields: {
      id: whoeverSeesIt,
      kind: whoeverSeesIt,
      methods: whoeverSeesIt,
      expiresAt: whoeverSeesIt,
      passkeyOptions: whoeverSeesIt,
    },
  },

  // Advice on what the one who asks has typed.
  PasswordStrength: {
    rows: everybody,
    fields: { score: whoeverSeesIt, warning: whoeverSeesIt, suggestions: whoeverSeesIt },
  },

  // What is wrong with the input of whoever asks.
  UserError: {
    rows: everybody,
    fields: { code: whoeverSeesIt, field: whoeverSeesIt, message: whoeverSeesIt },
  },

  // Something that the subject has started, when they might.
  BulkJob: {
    rows: selfAndAdmin,
    fields: {
      id: whoeverSeesIt,
      action: whoeverSeesIt,
      status: whoeverSeesIt,
      total: whoeverSeesIt,
      doneCount: whoeverSeesIt,
      failedCount: whoeverSeesIt,
      startedBy: whoeverSeesIt,
      createdAt: whoeverSeesIt,
      startedAt: whoeverSeesIt,
      endedAt: whoeverSeesIt,
      items: whoeverSeesIt,
    },
  },

  BulkJobItem: {
    rows: selfAndAdmin,
    fields: {
      user: whoeverSeesIt,
      outcome: whoeverSeesIt,
      error: whoeverSeesIt,
      endedAt: whoeverSeesIt,
    },
  },

  // Told to the person whose session changes, and to nobody else.
  SessionChange: {
    rows: ['self'],
    fields: { kind: whoeverSeesIt, session: whoeverSeesIt },
  },
}

/** To whom is open of themselves what is open to others so. */
function toThemselves(readers: TypeExpectation['fields'][string]): Readers {
  if (readers === everybody) return everybody
  return readers === selfAndReaders ? [...signedInOrProgram, 'impersonator'] : signedInOrProgram
}

/** Some of these rows, or some of their fields, in another case, where that makes a difference. */
export const CASES: Record<string, TypeExpectation & { type: string }> = {
  'Session in a list': { type: 'Session', ...TYPES.Session! },
  // They know where they were themselves.
  'AuditEvent that the subject caused': {
    type: 'AuditEvent',
    rows: selfAndAdmin,
    fields: { ...TYPES.AuditEvent!.fields, address: whoeverSeesIt },
  },
  // By an admin, who is the one that is asked as such.
  'AuditEvent about whoever asks': {
    type: 'AuditEvent',
    rows: signedInOrProgram,
    fields: { ...TYPES.AuditEvent!.fields, address: adminOnly },
  },
  // What staff note about people is never for these people, whatever they hold.
  'User who asks': {
    type: 'User',
    rows: everybody,
    fields: {
      ...Object.fromEntries(
        Object.entries(TYPES.User!.fields).map(([field, to]) => [field, toThemselves(to)]),
      ),
      suspension: ['custom', 'manager', 'admin'],
      invitation: ['custom', 'manager', 'admin'],
      staffNotes: [],
    },
  },
  // A note leaves the same entry in the access log as the look for it.
  'User without a note': { type: 'User', rows: everybody, fields: { staffNotes: staff } },
}

/** Wrappers without content of their own; what they lead to is listed above. */
export const WRAPPERS = /^(PageInfo|\w+(Connection|Edge|Payload))$/

export const QUERIES: Record<string, Readers> = {
  viewer: everybody,
  node: everybody,
  nodes: everybody,
  user: everybody,
  userByUsername: everybody,
  users: [...staffOfAnybody, 'custom'],
  groups: staffOfAnybody,
  roles: staffOfAnybody,
  permissions: staffOfAnybody,
  post: everybody,
  postBySlug: everybody,
  posts: everybody,
  auditEvents: adminOnly,
  bulkJob: signedIn,
  bulkJobs: signedIn,
  identityProviders: everybody,
  explainAccess: adminOnly,
}

/** Queries with an argument that asks for more: for whom they are open then, and the permission that opens them besides. */
export const QUERY_CASES: Record<string, { query: string; may: Readers; permission: Permission }> = {
  'users by email': { query: 'users', may: staffOfAnybody, permission: 'users:read-contact' },
  'users by role': { query: 'users', may: staffOfAnybody, permission: 'roles:read' },
  'users by group': { query: 'users', may: staffOfAnybody, permission: 'groups:read' },
}

/**
 * Whoever is not among those who may is refused by the policy, in its own words and before anything is looked at, where
 * nothing else is said.
 */
export interface MutationExpectation {
  may: Readers
  /** Whether a program may do it to what is its owner's, so that it is told like a person what it may not do to others. */
  forPrograms?: true
  /** What the service tells somebody who is signed in but may not. */
  otherwise?: 'NOT_FOUND' | 'NOT_PERMITTED'
  /** Whom the policy lets through, and the service refuses because of whom it is about. */
  notTo?: Readers
  /** The same, where it answers as if there were no such thing: to them, and to whoever may not see it. */
  hiddenFrom?: Readers
}

export const MUTATIONS: Record<string, MutationExpectation> = {
  signUp: { may: everybody },
  completeSignUp: { may: everybody },
  signIn: { may: everybody },
  completeSignIn: { may: everybody },
  requestSignInLink: { may: everybody },
  startPasskeySignIn: { may: everybody },
  startProviderSignIn: { may: everybody },
  sendCode: { may: everybody },
  signOut: { may: signedIn },
  startReauthentication: { may: signedIn },
  rotateSession: { may: signedIn },
  reauthenticate: { may: signedIn },
  changePassword: { may: signedIn },
  startTotp: { may: signedIn },
  confirmTotp: { may: signedIn },
  removeTotp: { may: signedIn },
  addEmailCode: { may: signedIn },
  removeEmailCode: { may: signedIn },
  startPasskeyRegistration: { may: signedIn },
  registerPasskey: { may: signedIn },
  replaceRecoveryCodes: { may: signedIn },
  createAccessToken: { may: signedIn },
  issueServiceToken: { may: signedInOrProgram },
  checkPassword: { may: everybody },
  requirePasswordReset: { may: staff, notTo: ['managerOfOther'] },
  suspendUser: { may: staff, notTo: ['managerOfOther'] },
  reinstateUser: { may: staff, notTo: ['managerOfOther'] },
  createUser: { may: adminOnly },
  resendInvitation: { may: adminOnly },
  updateUser: { may: adminOnly },
  endUserSessions: { may: staff, notTo: ['managerOfOther'] },
  verifyEmail: { may: adminOnly },
  // Over whom it is, each one is asked about in their turn.
  suspendUsers: { may: staffOfAnybody },
  reinstateUsers: { may: staffOfAnybody },
  requirePasswordResets: { may: staffOfAnybody },
  endSessionsOfUsers: { may: staffOfAnybody },
  resendInvitations: { may: adminOnly },
  grantRoleToUsers: { may: adminOnly },
  revokeRoleFromUsers: { may: adminOnly },
  addGroupMembers: { may: adminOnly },
  removeGroupMembers: { may: adminOnly },
  cancelBulkJob: { may: selfAndAdmin, otherwise: 'NOT_FOUND' },
  addStaffNote: { may: staff, notTo: ['managerOfOther'] },
  // A note of one's own.
  updateStaffNote: { may: staff, hiddenFrom: ['managerOfOther'] },
  deleteStaffNote: { may: staff, hiddenFrom: ['managerOfOther'] },
  changeEmail: { may: signedIn },
  confirmEmailChange: { may: everybody },
  undoEmailChange: { may: everybody },
  // With the token of a mail; without one, only whoever the event is about.
  disownSecurityEvent: { may: everybody },
  startProviderLink: { may: signedIn },
  linkIdentity: { may: signedIn },
  requestPasswordReset: { may: everybody },
  resetPassword: { may: everybody },
  revokeOtherSessions: { may: signedIn },
  updateProfile: { may: signedInOrProgram },
  setPreferences: { may: signedInOrProgram },
  createPost: { may: signedInOrProgram },
  // The rest acts on something that is the subject's.
  revokeSession: { may: selfAndStaff, otherwise: 'NOT_FOUND' },
  revokeAccessToken: { may: ['self'], otherwise: 'NOT_FOUND' },
  renamePasskey: { may: ['self'], otherwise: 'NOT_FOUND' },
  removePasskey: { may: ['self'], otherwise: 'NOT_FOUND' },
  unlinkIdentity: { may: ['self'], otherwise: 'NOT_FOUND' },
  updatePost: { may: selfAndStaff, otherwise: 'NOT_FOUND', forPrograms: true },
  publishPost: { may: selfAndStaff, otherwise: 'NOT_FOUND', forPrograms: true },
  deletePost: { may: selfAndStaff, otherwise: 'NOT_FOUND', forPrograms: true },
  startImpersonation: { may: adminOnly },
  stopImpersonation: { may: ['impersonator'] },
  createGroup: { may: adminOnly },
  updateGroup: { may: adminOnly },
  deleteGroup: { may: adminOnly },
  addGroupMember: { may: adminOnly },
  removeGroupMember: { may: adminOnly },
  createRole: { may: adminOnly },
  updateRole: { may: adminOnly },
  deleteRole: { may: adminOnly },
  grantRole: { may: adminOnly },
  revokeRole: { may: adminOnly },
}

export const SUBSCRIPTIONS: Record<string, Readers> = {
  viewerSessionsChanged: signedInOrProgram,
  bulkJobChanged: selfAndAdmin,
}

/** A permission that opens something, and over whom it has to be held: everybody, the person concerned, or anybody at all. */
export interface Opening {
  permission: Permission
  over: 'everybody' | 'person' | 'anybody'
}

const over =
  (scope: Opening['over']) =>
  (permission: Permission): Opening => ({ permission, over: scope })
const overEverybody = over('everybody')
const overPerson = over('person')
const overAnybody = over('anybody')

/**
 * The one permission that opens a type's rows, a field, or what can be done, besides to whom it is open anyway: no other
 * one does, nor all the others together.
 */
export const OPENED_BY: Record<string, Opening> = {
  'Query.users': overAnybody('users:read'),
  'Query.groups': overAnybody('groups:read'),
  'Query.roles': overAnybody('roles:read'),
  'Query.permissions': overAnybody('roles:read'),
  'Query.auditEvents': overAnybody('audit:read'),
  'Query.explainAccess': overEverybody('access:explain'),
  'Mutation.requirePasswordReset': overAnybody('users:reset-password'),
  'Mutation.suspendUser': overAnybody('users:suspend'),
  'Mutation.reinstateUser': overAnybody('users:suspend'),
  'Mutation.createUser': overEverybody('users:create'),
  'Mutation.resendInvitation': overAnybody('users:create'),
  'Mutation.updateUser': overAnybody('users:edit'),
  'Mutation.endUserSessions': overAnybody('sessions:revoke'),
  'Mutation.verifyEmail': overAnybody('users:verify-contact'),
  'Mutation.suspendUsers': overAnybody('users:suspend'),
  'Mutation.reinstateUsers': overAnybody('users:suspend'),
  'Mutation.requirePasswordResets': overAnybody('users:reset-password'),
  'Mutation.endSessionsOfUsers': overAnybody('sessions:revoke'),
  'Mutation.resendInvitations': overAnybody('users:create'),
  'Mutation.grantRoleToUsers': overAnybody('roles:grant'),
  'Mutation.revokeRoleFromUsers': overAnybody('roles:grant'),
  'Mutation.addGroupMembers': overEverybody('groups:write'),
  'Mutation.removeGroupMembers': overEverybody('groups:write'),
  'Mutation.addStaffNote': overAnybody('notes:write'),
  'Mutation.updateStaffNote': overAnybody('notes:write'),
  'Mutation.deleteStaffNote': overAnybody('notes:write'),
  'Mutation.startImpersonation': overAnybody('users:impersonate'),
  'Mutation.createGroup': overEverybody('groups:write'),
  'Mutation.updateGroup': overEverybody('groups:write'),
  'Mutation.deleteGroup': overEverybody('groups:write'),
  'Mutation.addGroupMember': overEverybody('groups:write'),
  'Mutation.removeGroupMember': overEverybody('groups:write'),
  'Mutation.createRole': overEverybody('roles:write'),
  'Mutation.updateRole': overEverybody('roles:write'),
  'Mutation.deleteRole': overEverybody('roles:write'),
  'Mutation.grantRole': overAnybody('roles:grant'),
  'Mutation.revokeRole': overAnybody('roles:grant'),
  'User.email': overPerson('users:read-contact'),
  'User.emails': overPerson('users:read-contact'),
  'User.locale': overPerson('users:read'),
  'User.timeZone': overPerson('users:read'),
  'User.status': overPerson('users:read'),
  'User.lastSeenAt': overPerson('users:read'),
  'User.lastSignInAt': overPerson('users:read'),
  'User.version': overPerson('users:read'),
  'User.suspension': overPerson('users:read'),
  'User.invitation': overPerson('users:read'),
  'User.staffNotes': overPerson('notes:read'),
  'User.roles': overPerson('roles:read'),
  'User.roleGrants': overPerson('roles:read'),
  'User.groups': overPerson('groups:read'),
  'User.accessLog': overPerson('audit:read'),
  'User.permissions': overPerson('roles:read'),
  'User.sessions': overPerson('sessions:read'),
  'User.security': overPerson('security:read'),
  'User.preferences': overPerson('preferences:read'),
  'User.preference': overPerson('preferences:read'),
  'User.auditEvents': overPerson('audit:read'),
  'User who asks.suspension': overEverybody('users:read'),
  'User who asks.invitation': overEverybody('users:read'),
  'User without a note.staffNotes': overPerson('notes:read'),
  Email: overPerson('users:read-contact'),
  Session: overPerson('sessions:read'),
  'Session in a list': overPerson('sessions:read'),
  Preference: overPerson('preferences:read'),
  Post: overPerson('posts:moderate'),
  Role: overAnybody('roles:read'),
  'Role.members': overAnybody('roles:read'),
  RoleGrant: overPerson('roles:read'),
  Group: overPerson('groups:read'),
  'Group.members': overAnybody('groups:read'),
  GroupMember: overPerson('groups:read'),
  AccessRecord: overPerson('audit:read'),
  AuditEvent: overPerson('audit:read'),
  'AuditEvent.address': overEverybody('audit:read'),
  'AuditEvent that the subject caused': overPerson('audit:read'),
  'AuditEvent that the subject caused.address': overEverybody('audit:read'),
  'AuditEvent about whoever asks.address': overEverybody('audit:read'),
  AccessExplanation: overEverybody('access:explain'),
  Permission: overAnybody('roles:read'),
  Security: overPerson('security:read'),
  SecurityEvent: overPerson('security:read'),
  Identity: overPerson('security:read'),
  AccessToken: overPerson('security:read'),
  Passkey: overPerson('security:read'),
  StaffNote: overPerson('notes:read'),
  Suspension: overPerson('users:read'),
  Invitation: overPerson('users:read'),
  BulkJob: overEverybody('audit:read'),
  BulkJobItem: overEverybody('audit:read'),
}

/** What somebody may do as the subject whose permission lets them change things as somebody else, besides what everybody may. */
export const DONE_AS_SOMEBODY_ELSE: readonly string[] = [
  'updateProfile',
  'setPreferences',
  'createPost',
  'updatePost',
  'publishPost',
  'deletePost',
  'stopImpersonation',
]

/** What is refused to somebody who may do it but proved who they are more than ten minutes ago; nothing else is. */
export const ASKS_FOR_FRESH_PROOF: readonly string[] = [
  'startProviderLink',
  'linkIdentity',
  'unlinkIdentity',
  'startTotp',
  'confirmTotp',
  'removeTotp',
  'addEmailCode',
  'removeEmailCode',
  'startPasskeyRegistration',
  'registerPasskey',
  'removePasskey',
  'replaceRecoveryCodes',
  'changeEmail',
  'createAccessToken',
  'requirePasswordReset',
  'suspendUser',
  'reinstateUser',
  'createUser',
  'resendInvitation',
  'updateUser',
  'endUserSessions',
  'verifyEmail',
  'suspendUsers',
  'reinstateUsers',
  'requirePasswordResets',
  'endSessionsOfUsers',
  'resendInvitations',
  'grantRoleToUsers',
  'revokeRoleFromUsers',
  'addGroupMembers',
  'removeGroupMembers',
  'startImpersonation',
  'createGroup',
  'updateGroup',
  'deleteGroup',
  'addGroupMember',
  'removeGroupMember',
  'createRole',
  'updateRole',
  'deleteRole',
  'grantRole',
  'revokeRole',
]

/**
 * Whose data it is: whoever else reads it is noted in their access log, under the name of a person's field or that of the
 * type. What is open to everybody is not.
 */
export const DATA_OF: Record<string, Reader> = {
  User: 'self',
  Session: 'self',
  Post: 'self',
  AuditEvent: 'self',
  // Where an admin was who did something.
  'AuditEvent.address': 'admin',
  'AuditEvent that the subject caused': 'self',
  AccessExplanation: 'self',
  BulkJob: 'self',
  GroupMember: 'self',
  RoleGrant: 'self',
  StaffNote: 'self',
  'User without a note': 'self',
}

/** What is noted under another name than that of the type: nobody is to learn that there is a note. */
export const NOTED_AS: Record<string, string> = { StaffNote: 'staffNotes' }

export interface ListExpectation {
  /** The permission that shows more than one's own; whom, follows from over whom it is held. */
  permission: Permission
  /** Whom the list holds of the subject and the other person, who are in it both; neither for whoever is left out here. */
  holds: Partial<Record<Reader, readonly ('subject' | 'other')[]>>
}

const byReach = {
  managerOfGroup: ['subject'],
  managerOfOther: ['other'],
  manager: ['subject', 'other'],
  admin: ['subject', 'other'],
} as const

export const LISTS: Record<string, ListExpectation> = {
  // Of a role that both hold.
  'Role.members': { permission: 'roles:read', holds: byReach },
  // Of a group in which both are, and the reader too.
  'Group.members': { permission: 'groups:read', holds: byReach },
  'Query.users': { permission: 'users:read', holds: { ...byReach, custom: ['subject', 'other'] } },
  // The authors of drafts.
  'Query.posts': {
    permission: 'posts:moderate',
    holds: { ...byReach, self: ['subject'], other: ['other'] },
  },
}

/** What is expected of a type, or of a case of one. */
export const expectationOf = (subject: string): TypeExpectation & { type: string } =>
  CASES[subject] ?? { type: subject, ...TYPES[subject]! }

/** Who may see a field, spelled out. */
export const readersOf = (subject: string, field: string): Readers => {
  const { rows, fields } = expectationOf(subject)
  const readers = fields[field]!
  return readers === whoeverSeesIt ? rows : readers
}
