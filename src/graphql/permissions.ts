import { allow, and, or } from 'graphql-shield'
import { Audience } from '../core/audience'
import type { AppealRow } from '../modules/appeal/appeal.loader'
import type { ShownAttribute } from '../modules/attribute/attribute.loader'
import type { AuditEventRow } from '../modules/audit/audit-event.loader'
import type { BulkJobRow } from '../modules/bulk-job/bulk-job.loader'
import type { CommentRow } from '../modules/comment/comment.loader'
import type { DataExportRow } from '../modules/data-export/data-export.loader'
import type { DeliveryRow } from '../modules/delivery/delivery.loader'
import type { ErasureRow } from '../modules/erasure/erasure.loader'
import type { GroupMemberRow } from '../modules/group/group.loader'
import type { GroupPreferenceChangeRow } from '../modules/preference/group-preference.service'
import type { PostRow } from '../modules/post/post.loader'
import type { FoundPostRow } from '../modules/post/post-search.service'
import type { PostRevisionRow } from '../modules/post/post-revision.service'
import { isOpenToOthers } from '../modules/post/post-visibility'
import type { LegalHoldRow } from '../modules/legal-hold/legal-hold.loader'
import type { ModerationCaseRow, ReportRow } from '../modules/moderation-case/moderation-case.loader'
import type { ModerationDecisionRow } from '../modules/moderation-decision/moderation-decision.loader'
import type { PrivacyRequestRow } from '../modules/privacy-request/privacy-request.loader'
import type { RoleGrantRow } from '../modules/role/role-grant.loader'
import type { SessionRow } from '../modules/session/session.loader'
import type { StaffNoteRow } from '../modules/staff-note/staff-note.service'
import type {
  TicketChangeRow,
  TicketMessageRow,
  TicketNoteRow,
  TicketRow,
} from '../modules/ticket/ticket.loader'
import type { UserRow } from '../modules/user/user.loader'
import type { AccessExplanation } from './explain/access-explanation.type'
import type { FieldsOf, Policy } from './guard'
import {
  can,
  canHandle,
  canOver,
  canOverOthers,
  canSomewhere,
  filtersOnlyBy,
  freshly,
  isActor,
  isImpersonated,
  isInSession,
  isInPerson,
  isSignedIn,
  isThemselves,
  takesPart,
  seenAs,
  selfOr,
} from './rules'

// What is shown of other people by way of rows is noted in their access log.
const seenEvent = seenAs<AuditEventRow>('event', 'audit:read', ({ subjectId }) => subjectId)
const seenSession = seenAs<SessionRow>('session', 'sessions:read', ({ userId }) => userId)
const seenBulkJob = seenAs<BulkJobRow>('bulk job', 'audit:read', ({ startedById }) => startedById)
const seenPost = seenAs<PostRow>('post', 'posts:moderate', (post) =>
  isOpenToOthers(post) ? null : post.authorId,
)
// What its author has said is theirs where moderation, or a filter, keeps it from its readers.
const seenComment = seenAs<CommentRow>(
  'comment',
  'posts:moderate',
  ({ body, authorId, removedAt, heldAt }) =>
    body === '' || (removedAt === null && heldAt === null) ? null : authorId,
)
const seenFound = seenAs<FoundPostRow>('found post', 'posts:moderate', ({ post }) =>
  isOpenToOthers(post) ? null : post.authorId,
)
const seenRevision = seenAs<PostRevisionRow>('revision', 'posts:moderate', ({ authorId }) => authorId)
// As the list of decisions is, which may be empty: nobody learns from their access log that there is a case.
const seenCase = seenAs<ModerationCaseRow>(
  'case',
  'posts:moderate',
  ({ authorId }) => authorId,
  'moderationDecisions',
)
const seenReport = seenAs<ReportRow>('report', 'posts:moderate', ({ reporterId }) => reporterId)
const seenDecision = seenAs<ModerationDecisionRow>('decision', 'posts:moderate', ({ userId }) => userId)
const seenAppeal = seenAs<AppealRow>('appeal', 'posts:moderate', ({ userId }) => userId)
const seenRequest = seenAs<PrivacyRequestRow>('request', 'privacy:manage', ({ userId }) => userId)
const seenGrant = seenAs<RoleGrantRow>('grant', 'roles:read', ({ userId }) => userId)
const seenMember = seenAs<GroupMemberRow>('membership', 'groups:read', ({ userId }) => userId)
const seenGroupChange = seenAs<GroupPreferenceChangeRow>(
  'change of a group',
  'groups:read',
  ({ changedById }) => changedById,
)
// As the list of them is, which may be empty: nobody learns from their access log that there is a note.
const seenNote = seenAs<StaffNoteRow>('note', 'notes:read', ({ subjectId }) => subjectId, 'staffNotes')
// What its person shows to others is theirs to read; what is not shown to somebody is null, and there is nothing to note.
const seenAttribute = seenAs<ShownAttribute>('attribute', 'users:read', ({ shownTo, userId }) =>
  shownTo === Audience.ONLY_ME ? userId : null,
)
const seenBio = seenAs<UserRow>('person', 'users:read', ({ id, bio, bioAudience }) =>
  bio !== null && bioAudience === Audience.ONLY_ME ? id : null,
)
const seenAvatar = seenAs<UserRow>('person and their picture', 'users:read', ({ id, avatarAudience }) =>
  avatarAudience === Audience.ONLY_ME ? id : null,
)
const seenPresence = seenAs<UserRow>('person and when they were here', 'users:read', (user) =>
  user.lastSeenAt !== null && user.lastSeenAudience === Audience.ONLY_ME ? user.id : null,
)
const seenExport = seenAs<DataExportRow>('data export', 'privacy:manage', ({ userId }) => userId)
const seenErasure = seenAs<ErasureRow>('erasure', 'privacy:manage', ({ userId }) => userId)
const seenHold = seenAs<LegalHoldRow>('hold', 'holds:manage', ({ userId }) => userId, 'legalHolds')
// All of it is noted as the ticket: nobody learns from their access log that there is a note.
const seenTicket = seenAs<TicketRow>('ticket', 'tickets:answer', ({ userId }) => userId)
const seenTicketMessage = seenAs<TicketMessageRow>(
  'ticket message',
  'tickets:answer',
  ({ userId }) => userId,
  'Ticket',
)
const seenTicketNote = seenAs<TicketNoteRow>(
  'ticket note',
  'tickets:answer',
  ({ userId }) => userId,
  'Ticket',
)
const seenTicketChange = seenAs<TicketChangeRow>(
  'ticket change',
  'tickets:answer',
  ({ userId }) => userId,
  'Ticket',
)
// It names events, and nobody; whom an event concerns is noted when that is looked at.
const seenWebhook = seenAs('webhook', 'webhooks:manage', () => null)
const seenDelivery = seenAs<DeliveryRow>('delivery', 'deliveries:manage', ({ userId }) => userId)
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
      filtersOnlyBy({
        email: 'users:read-contact',
        phone: 'users:read-contact',
        roleId: 'roles:read',
        groupId: 'groups:read',
      }),
    ),
    groups: canSomewhere('groups:read'),
    roles: canSomewhere('roles:read'),
    permissions: canSomewhere('roles:read'),
    post: allow,
    postBySlug: allow,
    posts: allow,
    searchPosts: allow,
    comment: allow,
    reactionKinds: allow,
    attributeDefinitions: allow,
    activityDefinitions: allow,
    contentFilters: can('filters:manage'),
    moderationCases: canSomewhere('posts:moderate'),
    moderationAppeals: canSomewhere('posts:moderate'),
    moderationStatistics: canSomewhere('posts:moderate'),
    // One's own; see the WHERE.
    trashedPosts: isSignedIn,
    auditEvents: canSomewhere('audit:read'),
    // Those that the viewer may see; see the WHERE.
    bulkJob: isInSession,
    bulkJobs: isInSession,
    identityProviders: allow,
    consentPurposes: allow,
    privacyRequests: canSomewhere('privacy:manage'),
    explainAccess: can('access:explain'),
    announcements: can('announcements:send'),
    webhookEndpoints: can('webhooks:manage'),
    // One's own, or those that the viewer may see; see the WHERE.
    ticket: allow,
    tickets: canSomewhere('tickets:answer'),
    ticketStatistics: canSomewhere('tickets:answer'),
    deliveries: can('deliveries:manage'),
    metrics: can('analytics:read'),
    metric: can('analytics:read'),
    retention: can('analytics:read'),
    funnel: can('analytics:read'),
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
    // A username is what one signs in with.
    changeUsername: freshly(isInSession),
    checkPassword: allow,
    changeEmail: freshly(isInSession),
    // The proof is in the mail, to the new address or to the old one.
    confirmEmailChange: allow,
    undoEmailChange: allow,
    addEmail: freshly(isInSession),
    // The code comes when a fresh proof may be over; so with a phone.
    confirmEmail: isInSession,
    makeEmailPrimary: freshly(isInSession),
    removeEmail: freshly(isInSession),
    addPhone: freshly(isInSession),
    confirmPhone: isInSession,
    makePhonePrimary: freshly(isInSession),
    removePhone: freshly(isInSession),
    // By the token of a mail, or as the person whose event it is; nobody who wants to lock an account has to prove more.
    disownSecurityEvent: allow,
    requestPasswordReset: allow,
    resetPassword: allow,
    requirePasswordReset: freshly(canSomewhere('users:reset-password')),
    suspendUser: freshly(canSomewhere('users:suspend')),
    reinstateUser: freshly(canSomewhere('users:suspend')),
    createUser: freshly(can('users:create')),
    resendInvitation: freshly(canSomewhere('users:create')),
    // As with one's own username.
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
    requestDataExport: freshly(isInSession),
    createDataExportLink: freshly(isInSession),
    requestErasure: freshly(isInSession),
    cancelErasure: isInSession,
    // Staff change what it says on the word of whoever asks.
    requestRectification: freshly(isInSession),
    // As easily taken back as given, so neither asks for more than a session (GDPR art. 7(3)).
    giveConsent: isInSession,
    withdrawConsent: isInSession,
    objectToProcessing: isInSession,
    // Whose request it is, the service asks.
    restrictProcessing: freshly(isInSession),
    liftRestriction: freshly(isInSession),
    withdrawPrivacyRequest: isInSession,
    extendPrivacyRequest: freshly(canSomewhere('privacy:manage')),
    resolvePrivacyRequest: freshly(canSomewhere('privacy:manage')),
    refusePrivacyRequest: freshly(canSomewhere('privacy:manage')),
    placeLegalHold: freshly(canSomewhere('holds:manage')),
    releaseLegalHold: freshly(canSomewhere('holds:manage')),
    deactivateAccount: freshly(isInSession),
    revokeSession: isInSession,
    revokeOtherSessions: isInSession,
    createAccessToken: freshly(isInSession),
    revokeAccessToken: isInSession,
    issueServiceToken: isThemselves,
    // Visitors do things as well; what is kept of it, the purpose and the person say.
    trackActivity: allow,
    updateProfile: isSignedIn,
    removeAvatar: isInSession,
    removeUserAvatar: freshly(canSomewhere('users:edit')),
    // Whose they are, the service asks.
    setAttributes: isSignedIn,
    setProfileVisibility: isSignedIn,
    setPreferences: isSignedIn,
    resetPreferences: isSignedIn,
    // Whose change it is, the service asks.
    restorePreference: isSignedIn,
    setGroupPreferences: can('groups:write'),
    resetGroupPreferences: can('groups:write'),
    // Whom somebody keeps away, and private messages, are for nobody but the person.
    blockUser: isInSession,
    unblockUser: isInSession,
    muteUser: isInSession,
    unmuteUser: isInSession,
    // Who takes part, the service asks.
    startConversation: isInSession,
    sendMessage: isInSession,
    editMessage: isInSession,
    deleteMessage: isInSession,
    acceptConversation: isInSession,
    declineConversation: isInSession,
    markConversationRead: isInSession,
    muteConversation: isInSession,
    markNotificationsRead: isInSession,
    markNotificationsUnread: isInSession,
    markAllNotificationsRead: isInSession,
    setNotificationSettings: isInSession,
    leaveConversation: isInSession,
    addConversationParticipant: isInSession,
    removeConversationParticipant: isInSession,
    renameConversation: isInSession,
    createPost: isSignedIn,
    updatePost: isSignedIn,
    publishPost: isSignedIn,
    schedulePost: isSignedIn,
    unschedulePost: isSignedIn,
    archivePost: isSignedIn,
    unarchivePost: isSignedIn,
    deletePost: isSignedIn,
    addComment: isSignedIn,
    editComment: isSignedIn,
    deleteComment: isSignedIn,
    closeThread: isSignedIn,
    muteThread: isInSession,
    unmuteThread: isInSession,
    reopenThread: isSignedIn,
    addReaction: isSignedIn,
    removeReaction: isSignedIn,
    reportContent: isThemselves,
    createContentFilter: can('filters:manage'),
    updateContentFilter: can('filters:manage'),
    deleteContentFilter: can('filters:manage'),
    testContentFilter: can('filters:manage'),
    // Whether a decision asks for more, the service knows.
    claimModerationCase: canSomewhere('posts:moderate'),
    releaseModerationCase: canSomewhere('posts:moderate'),
    resolveModerationCase: canSomewhere('posts:moderate'),
    moderateContent: canSomewhere('posts:moderate'),
    reverseModerationAction: canSomewhere('posts:moderate'),
    appealModerationDecision: isThemselves,
    // The proof is in the mail.
    appealByMail: allow,
    decideAppeal: canSomewhere('posts:moderate'),
    restorePost: isSignedIn,
    restorePostRevision: isSignedIn,
    purgePost: isSignedIn,
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
    createAnnouncement: freshly(can('announcements:send')),
    cancelAnnouncement: can('announcements:send'),
    createWebhookEndpoint: freshly(can('webhooks:manage')),
    updateWebhookEndpoint: freshly(can('webhooks:manage')),
    deleteWebhookEndpoint: freshly(can('webhooks:manage')),
    rotateWebhookSecret: freshly(can('webhooks:manage')),
    // Whose ticket it is, the service asks.
    openTicket: isThemselves,
    replyToTicket: isThemselves,
    solveTicket: isThemselves,
    openTicketFor: canSomewhere('tickets:answer'),
    answerTicket: canSomewhere('tickets:answer'),
    addTicketNote: canSomewhere('tickets:answer'),
    updateTicket: canSomewhere('tickets:answer'),
    claimTicket: canSomewhere('tickets:answer'),
    mergeTickets: canSomewhere('tickets:answer'),
    // They send nothing that is not sent there anyway.
    sendTestWebhook: can('webhooks:manage'),
    replayWebhookDelivery: can('webhooks:manage'),
    replayWebhookDeliveries: can('webhooks:manage'),
    replayDelivery: can('deliveries:manage'),
    replayDeliveries: can('deliveries:manage'),
  },

  Subscription: {
    viewerSessionsChanged: isThemselves,
    // Whoever sees the post.
    threadChanged: allow,
    // Of the cases that the viewer may see; see the WHERE.
    moderationQueueChanged: canSomewhere('posts:moderate'),
    viewerPreferencesChanged: isThemselves,
    viewerConversationsChanged: isInSession,
    viewerNotificationsChanged: isInSession,
    viewerTicketsChanged: isThemselves,
    // Of the tickets with which the viewer may deal; see the WHERE.
    ticketQueueChanged: canSomewhere('tickets:answer'),
    bulkJobChanged: isInSession,
    // Of the events that the viewer may see; see the WHERE.
    auditEventsRecorded: canSomewhere('audit:read'),
  },

  User: {
    id: allow,
    username: allow,
    formerUsernames: selfOr('users:read'),
    displayName: allow,
    avatarUrl: seenAvatar,
    bio: seenBio,
    attributes: allow,
    profileVisibility: selfOr('users:read'),
    createdAt: allow,
    posts: allow,
    impersonator: allow,
    blockedUsers: isInPerson,
    mutedUsers: isInPerson,
    conversations: isInPerson,
    conversationRequests: isInPerson,
    unreadMessageCount: isInPerson,
    notifications: isInPerson,
    unreadNotificationCount: isInPerson,
    notificationSettings: selfOr('preferences:read'),
    reports: isInPerson,
    email: selfOr('users:read-contact'),
    emails: selfOr('users:read-contact'),
    phones: selfOr('users:read-contact'),
    locale: selfOr('users:read'),
    timeZone: selfOr('users:read'),
    status: selfOr('users:read'),
    lastSeenAt: seenPresence,
    lastSignInAt: selfOr('users:read'),
    version: selfOr('users:read'),
    suspension: canOver('users:read'),
    invitation: canOver('users:read'),
    // Never the person's own.
    staffNotes: canOverOthers('notes:read'),
    legalHolds: canOverOthers('holds:manage'),
    roles: selfOr('roles:read'),
    roleGrants: selfOr('roles:read'),
    groups: selfOr('groups:read'),
    accessLog: selfOr('audit:read'),
    dataExport: selfOr('privacy:manage'),
    erasure: selfOr('privacy:manage'),
    erasurePlan: selfOr('privacy:manage'),
    permissions: selfOr('roles:read'),
    sessions: selfOr('sessions:read'),
    security: selfOr('security:read'),
    preferences: selfOr('preferences:read'),
    preference: selfOr('preferences:read'),
    preferenceHistory: selfOr('preferences:read'),
    auditEvents: selfOr('audit:read'),
    privacyRequests: selfOr('privacy:manage'),
    tickets: selfOr('tickets:answer'),
    moderationDecisions: selfOr('posts:moderate'),
    silenceEndsAt: selfOr('posts:moderate'),
    consents: selfOr('privacy:manage'),
    missingConsents: selfOr('privacy:manage'),
    consentHistory: selfOr('privacy:manage'),
    activity: selfOr('privacy:manage'),
    restrictedAt: selfOr('privacy:manage'),
    deactivatedAt: selfOr('users:read'),
  },

  AuditEvent: {
    id: seenEvent,
    occurredAt: seenEvent,
    action: seenEvent,
    outcome: seenEvent,
    severity: seenEvent,
    summary: seenEvent,
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
    preferences: allow,
    preferenceHistory: canSomewhere('groups:read'),
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

  Ticket: {
    id: seenTicket,
    number: seenTicket,
    subject: seenTicket,
    category: seenTicket,
    status: seenTicket,
    person: seenTicket,
    openedBy: seenTicket,
    openedAt: seenTicket,
    lastMessageAt: seenTicket,
    solvedAt: seenTicket,
    closedAt: seenTicket,
    reopeningEndsAt: seenTicket,
    followUpOf: seenTicket,
    mergedInto: seenTicket,
    lastMessage: seenTicket,
    messages: seenTicket,
    // Never the person's own. The version would tell them that something was done.
    priority: canHandle('tickets:answer'),
    tags: canHandle('tickets:answer'),
    assignee: canHandle('tickets:answer'),
    dueAt: canHandle('tickets:answer'),
    isOverdue: canHandle('tickets:answer'),
    firstRespondedAt: canHandle('tickets:answer'),
    firstResponseMinutes: canHandle('tickets:answer'),
    resolutionMinutes: canHandle('tickets:answer'),
    notes: canHandle('tickets:answer'),
    history: canHandle('tickets:answer'),
    version: canHandle('tickets:answer'),
  },

  AccessExplanation: seenExplanation,

  // Reached only through fields that have been guarded, as rows that the viewer may see.
  AccessRecord: allow,
  ActivityDefinition: allow,
  ActivityEvent: allow,
  RefusedActivity: allow,
  Attribute: seenAttribute,
  AttributeDefinition: allow,
  AttributeVisibility: allow,
  ProfileVisibility: allow,
  AccessToken: allow,
  Block: allow,
  Announcement: {
    // Who sees it at all may read it.
    id: allow,
    subject: allow,
    text: allow,
    sendAt: allow,
    texts: can('announcements:send'),
    isForEverybody: can('announcements:send'),
    purposeId: can('announcements:send'),
    status: can('announcements:send'),
    perMinute: can('announcements:send'),
    servedCount: can('announcements:send'),
    toldCount: can('announcements:send'),
    mailedCount: can('announcements:send'),
    readCount: can('announcements:send'),
    createdAt: can('announcements:send'),
    startedAt: can('announcements:send'),
    endedAt: can('announcements:send'),
    failure: can('announcements:send'),
  },
  AnnouncementText: allow,
  Appeal: seenAppeal,
  BulkJob: seenBulkJob,
  BulkJobItem: allow,
  Challenge: allow,
  DataExport: seenExport,
  Delivery: seenDelivery,
  Erasure: seenErasure,
  ErasureEntry: allow,
  Consent: allow,
  Conversation: takesPart,
  ConversationEvent: takesPart,
  ConversationParticipant: takesPart,
  ConsentPurpose: allow,
  ContentFilter: allow,
  ContentFilterMatch: allow,
  ContentFilterSample: allow,
  GroupMember: seenMember,
  GroupPreference: allow,
  GroupPreferenceChange: seenGroupChange,
  Identity: allow,
  IdentityProvider: allow,
  FormerUsername: allow,
  Invitation: allow,
  Passkey: allow,
  Security: allow,
  SecurityEvent: allow,
  LinkTerms: allow,
  Newcomers: allow,
  RateTerms: allow,
  WordTerms: allow,
  TextChange: allow,
  TextSegment: allow,
  TotpEnrolment: allow,
  Email: allow,
  Phone: allow,
  PasswordStrength: allow,
  LegalHold: seenHold,
  Message: takesPart,
  ModerationCase: seenCase,
  ModerationDecision: seenDecision,
  ModerationStatistics: allow,
  Notification: takesPart,
  InboxEvent: takesPart,
  NotificationSetting: allow,
  NotificationChannelSetting: allow,
  Permission: allow,
  // Whoever sees a post sees what is said to it; see the WHERE.
  Comment: seenComment,
  ThreadEvent: allow,
  ModerationQueueEvent: allow,
  AuditTailEvent: allow,
  ReactionGroup: allow,
  Post: seenPost,
  FoundPost: seenFound,
  PostRevision: seenRevision,
  Preference: allow,
  PreferenceChange: allow,
  PreferencesEvent: allow,
  PrivacyRequest: seenRequest,
  Report: seenReport,
  RoleGrant: seenGrant,
  // Its address is a network to everybody, its holder and staff alike.
  Session: seenSession,
  SessionChange: allow,
  StaffNote: seenNote,
  Suspension: allow,
  TicketChange: seenTicketChange,
  TicketEvent: allow,
  TicketMessage: seenTicketMessage,
  TicketNote: seenTicketNote,
  TicketQueueEvent: allow,
  TicketStatistics: allow,
  Metric: allow,
  MetricPoint: allow,
  Cohort: allow,
  CohortPeriod: allow,
  FunnelStep: allow,
  WebhookAttempt: seenWebhook,
  WebhookDelivery: seenWebhook,
  WebhookEndpoint: seenWebhook,

  // Wrappers without content of their own; what they lead to has its rules above.
  '*Connection': allow,
  '*Edge': allow,
  '*Payload': allow,
  PageInfo: allow,
  UserError: allow,
}

/**
 * What is open to somebody who has yet to agree to something before they can go on: to see what, to do it, to leave, and their rights
 * over their data. Besides it only what a stranger gets.
 */
export const openWithoutConsent: FieldsOf = {
  Query: ['viewer', 'consentPurposes'],
  Mutation: [
    'giveConsent',
    'withdrawConsent',
    'objectToProcessing',
    'restrictProcessing',
    'liftRestriction',
    'requestRectification',
    'withdrawPrivacyRequest',
    'appealModerationDecision',
    'requestDataExport',
    'createDataExportLink',
    'requestErasure',
    'cancelErasure',
    'deactivateAccount',
    'signOut',
    'rotateSession',
    'reauthenticate',
    'startReauthentication',
  ],
  User: [
    'id',
    'username',
    'displayName',
    'email',
    'locale',
    'timeZone',
    'consents',
    'missingConsents',
    'consentHistory',
    'privacyRequests',
    'moderationDecisions',
    'dataExport',
    'erasure',
    'erasurePlan',
    'restrictedAt',
  ],
}
