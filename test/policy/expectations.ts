import type { Permission } from '../../src/core/permission'
import { BlockKind } from '../../src/modules/block/block-kind'

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

/**
 * Who is as the other person in all but what they find instead: whether a row of the subject's is there, or what a mutation about the
 * subject answers.
 */
export const KEPT_AWAY: Record<
  Kept,
  { by: 'subject' | 'other'; kind: BlockKind; finds: Record<string, string> }
> = {
  // They learn nothing of it but by what they cannot add.
  'the subject has blocked': {
    by: 'subject',
    kind: BlockKind.BLOCKED,
    finds: { 'Mutation.addComment': '["NOT_PERMITTED"]', 'Mutation.addReaction': '["NOT_PERMITTED"]' },
  },
  // What the subject says is not there for them; what they publish is, where it is asked for.
  'has blocked the subject': {
    by: 'other',
    kind: BlockKind.BLOCKED,
    finds: { Comment: 'false', ReactionGroup: 'false' },
  },
  // It is out of their lists alone.
  'has muted the subject': { by: 'other', kind: BlockKind.MUTED, finds: {} },
}
export type Kept = 'the subject has blocked' | 'has blocked the subject' | 'has muted the subject'

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
/** By a permission that counts over everybody only. */
const staffOfEverybody = ['manager', 'admin'] as const
/** In person: no permission opens it, nor is it for programs. */
const selfOnly = ['self'] as const

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
      formerUsernames: selfAndReaders,
      displayName: everybody,
      avatarUrl: everybody,
      bio: everybody,
      createdAt: everybody,
      posts: everybody,
      impersonator: everybody,
      blockedUsers: selfOnly,
      mutedUsers: selfOnly,
      conversations: selfOnly,
      conversationRequests: selfOnly,
      unreadMessageCount: selfOnly,
      notifications: selfOnly,
      unreadNotificationCount: selfOnly,
      notificationSettings: selfAndAdmin,
      reports: selfOnly,
      email: selfAndStaff,
      emails: selfAndStaff,
      phones: selfAndStaff,
      locale: selfAndReaders,
      timeZone: selfAndReaders,
      status: selfAndReaders,
      lastSeenAt: everybody,
      attributes: everybody,
      profileVisibility: selfAndReaders,
      lastSignInAt: selfAndReaders,
      version: selfAndReaders,
      roles: selfAndStaff,
      roleGrants: selfAndStaff,
      groups: selfAndStaff,
      accessLog: selfAndAdmin,
      dataExport: selfAndAdmin,
      erasure: selfAndAdmin,
      erasurePlan: selfAndAdmin,
      permissions: selfAndStaff,
      sessions: selfAndStaff,
      security: selfAndStaff,
      preferences: selfAndAdmin,
      preference: selfAndAdmin,
      preferenceHistory: selfAndAdmin,
      auditEvents: selfAndAdmin,
      suspension: staffAndReader,
      invitation: staffAndReader,
      staffNotes: staff,
      tickets: selfAndStaff,
      privacyRequests: selfAndAdmin,
      moderationDecisions: selfAndStaff,
      silenceEndsAt: selfAndStaff,
      consents: selfAndAdmin,
      missingConsents: selfAndAdmin,
      consentHistory: selfAndAdmin,
      activity: selfAndAdmin,
      restrictedAt: selfAndAdmin,
      deactivatedAt: selfAndReaders,
      legalHolds: adminOnly,
    },
  },

  // One that the definition shows to staff.
  Attribute: {
    rows: selfAndReaders,
    fields: {
      key: whoeverSeesIt,
      value: whoeverSeesIt,
      version: whoeverSeesIt,
      updatedAt: whoeverSeesIt,
    },
  },

  AttributeVisibility: {
    rows: selfAndReaders,
    fields: { key: whoeverSeesIt, audience: whoeverSeesIt },
  },

  ProfileVisibility: {
    rows: selfAndReaders,
    fields: { bio: whoeverSeesIt, avatar: whoeverSeesIt, lastSeen: whoeverSeesIt, attributes: whoeverSeesIt },
  },

  // A username that the subject had.
  FormerUsername: {
    rows: selfAndReaders,
    fields: { username: whoeverSeesIt, changedAt: whoeverSeesIt, reservationEndsAt: whoeverSeesIt },
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

  // What the subject has asked for about their data.
  DataExport: {
    rows: selfAndAdmin,
    fields: {
      id: whoeverSeesIt,
      requestedAt: whoeverSeesIt,
      readyAt: whoeverSeesIt,
      expiresAt: whoeverSeesIt,
      sizeBytes: whoeverSeesIt,
      downloadedAt: whoeverSeesIt,
    },
  },

  Erasure: {
    rows: selfAndAdmin,
    fields: {
      id: whoeverSeesIt,
      requestedAt: whoeverSeesIt,
      erasesAt: whoeverSeesIt,
      cancelledAt: whoeverSeesIt,
      delayedAt: whoeverSeesIt,
      erasedAt: whoeverSeesIt,
      entries: whoeverSeesIt,
      certificate: whoeverSeesIt,
    },
  },

  // Of what erasing the subject would do.
  ErasureEntry: {
    rows: selfAndAdmin,
    fields: {
      table: whoeverSeesIt,
      effect: whoeverSeesIt,
      columns: whoeverSeesIt,
      basis: whoeverSeesIt,
      rows: whoeverSeesIt,
    },
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

  // Somebody whom the subject has blocked.
  Block: {
    rows: selfOnly,
    fields: {
      kind: whoeverSeesIt,
      user: whoeverSeesIt,
      endsAt: whoeverSeesIt,
      createdAt: whoeverSeesIt,
    },
  },

  // Which the subject has started, and what they wrote there; to somebody who asks nothing here.
  Notification: {
    rows: selfOnly,
    fields: {
      id: whoeverSeesIt,
      topic: whoeverSeesIt,
      kind: whoeverSeesIt,
      text: whoeverSeesIt,
      target: whoeverSeesIt,
      actors: whoeverSeesIt,
      actorCount: whoeverSeesIt,
      count: whoeverSeesIt,
      createdAt: whoeverSeesIt,
      happenedAt: whoeverSeesIt,
      readAt: whoeverSeesIt,
    },
  },

  NotificationSetting: {
    rows: selfAndAdmin,
    fields: {
      topic: whoeverSeesIt,
      channels: whoeverSeesIt,
    },
  },

  NotificationChannelSetting: {
    rows: selfAndAdmin,
    fields: {
      channel: whoeverSeesIt,
      isOn: whoeverSeesIt,
      mandatoryBecause: whoeverSeesIt,
    },
  },

  Conversation: {
    rows: selfOnly,
    fields: {
      id: whoeverSeesIt,
      isGroup: whoeverSeesIt,
      title: whoeverSeesIt,
      status: whoeverSeesIt,
      lastNumber: whoeverSeesIt,
      lastReadNumber: whoeverSeesIt,
      unreadCount: whoeverSeesIt,
      muteEndsAt: whoeverSeesIt,
      lastActivityAt: whoeverSeesIt,
      createdAt: whoeverSeesIt,
      participants: whoeverSeesIt,
      lastMessage: whoeverSeesIt,
      messages: whoeverSeesIt,
    },
  },

  ConversationParticipant: {
    rows: selfOnly,
    fields: {
      user: whoeverSeesIt,
      status: whoeverSeesIt,
      isOwner: whoeverSeesIt,
      joinedAt: whoeverSeesIt,
      lastReadNumber: whoeverSeesIt,
    },
  },

  Message: {
    rows: selfOnly,
    fields: {
      id: whoeverSeesIt,
      number: whoeverSeesIt,
      body: whoeverSeesIt,
      isHidden: whoeverSeesIt,
      sender: whoeverSeesIt,
      conversation: whoeverSeesIt,
      replyTo: whoeverSeesIt,
      clientId: whoeverSeesIt,
      createdAt: whoeverSeesIt,
      editedAt: whoeverSeesIt,
      deletedAt: whoeverSeesIt,
      removedAt: whoeverSeesIt,
      version: whoeverSeesIt,
    },
  },

  // What the subject has agreed to.
  Consent: {
    rows: selfAndAdmin,
    fields: {
      purpose: whoeverSeesIt,
      version: whoeverSeesIt,
      locale: whoeverSeesIt,
      source: whoeverSeesIt,
      given: whoeverSeesIt,
      decidedAt: whoeverSeesIt,
      isCurrent: whoeverSeesIt,
    },
  },

  ActivityDefinition: {
    rows: everybody,
    fields: {
      key: whoeverSeesIt,
      kind: whoeverSeesIt,
      description: whoeverSeesIt,
      purposeId: whoeverSeesIt,
      retention: whoeverSeesIt,
      version: whoeverSeesIt,
      schema: whoeverSeesIt,
    },
  },

  ActivityEvent: {
    rows: selfAndAdmin,
    fields: {
      occurredAt: whoeverSeesIt,
      receivedAt: whoeverSeesIt,
      kind: whoeverSeesIt,
      name: whoeverSeesIt,
      definitionVersion: whoeverSeesIt,
      retention: whoeverSeesIt,
      properties: whoeverSeesIt,
      path: whoeverSeesIt,
      deviceClass: whoeverSeesIt,
      browser: whoeverSeesIt,
      os: whoeverSeesIt,
      network: whoeverSeesIt,
    },
  },

  // What is wrong with what whoever asks has told.
  RefusedActivity: {
    rows: everybody,
    fields: { index: whoeverSeesIt, field: whoeverSeesIt, message: whoeverSeesIt },
  },

  AttributeDefinition: {
    rows: everybody,
    fields: {
      key: whoeverSeesIt,
      label: whoeverSeesIt,
      description: whoeverSeesIt,
      locale: whoeverSeesIt,
      purpose: whoeverSeesIt,
      schema: whoeverSeesIt,
      readers: whoeverSeesIt,
      writers: whoeverSeesIt,
    },
  },

  ConsentPurpose: {
    rows: everybody,
    fields: {
      id: whoeverSeesIt,
      basis: whoeverSeesIt,
      isRequired: whoeverSeesIt,
      version: whoeverSeesIt,
      locale: whoeverSeesIt,
      name: whoeverSeesIt,
      text: whoeverSeesIt,
    },
  },

  // A hold on the subject's data.
  LegalHold: {
    rows: adminOnly,
    fields: {
      id: whoeverSeesIt,
      reason: whoeverSeesIt,
      caseReference: whoeverSeesIt,
      user: whoeverSeesIt,
      placedBy: whoeverSeesIt,
      placedAt: whoeverSeesIt,
      releasedBy: whoeverSeesIt,
      releasedAt: whoeverSeesIt,
    },
  },

  // What somebody has reported of the subject's, what was decided about something else of theirs, and what they say to that.
  ModerationCase: {
    rows: staff,
    fields: {
      id: whoeverSeesIt,
      subjectKind: whoeverSeesIt,
      subjectId: whoeverSeesIt,
      textsWhenReported: whoeverSeesIt,
      status: whoeverSeesIt,
      weight: whoeverSeesIt,
      openedAt: whoeverSeesIt,
      claimEndsAt: whoeverSeesIt,
      claimedBy: whoeverSeesIt,
      decidedAt: whoeverSeesIt,
      decidedBy: whoeverSeesIt,
      note: whoeverSeesIt,
      version: whoeverSeesIt,
      author: whoeverSeesIt,
      post: whoeverSeesIt,
      comment: whoeverSeesIt,
      decision: whoeverSeesIt,
      earlierCaseCount: whoeverSeesIt,
      reports: whoeverSeesIt,
      filterMatches: whoeverSeesIt,
    },
  },

  // In the same case.
  ContentFilterMatch: {
    rows: staff,
    fields: {
      filterName: whoeverSeesIt,
      action: whoeverSeesIt,
      createdAt: whoeverSeesIt,
      found: whoeverSeesIt,
      filter: whoeverSeesIt,
    },
  },

  ContentFilter: {
    rows: adminOnly,
    fields: {
      id: whoeverSeesIt,
      name: whoeverSeesIt,
      action: whoeverSeesIt,
      covers: whoeverSeesIt,
      messageToAuthor: whoeverSeesIt,
      isEnabled: whoeverSeesIt,
      createdAt: whoeverSeesIt,
      updatedAt: whoeverSeesIt,
      version: whoeverSeesIt,
      words: whoeverSeesIt,
      links: whoeverSeesIt,
      rate: whoeverSeesIt,
      newcomersOnly: whoeverSeesIt,
    },
  },

  WordTerms: {
    rows: adminOnly,
    fields: { words: whoeverSeesIt, exceptions: whoeverSeesIt, readsLeetspeak: whoeverSeesIt },
  },
  LinkTerms: {
    rows: adminOnly,
    fields: { deniedDomains: whoeverSeesIt, allowedDomains: whoeverSeesIt, tolerated: whoeverSeesIt },
  },
  RateTerms: {
    rows: adminOnly,
    fields: { limit: whoeverSeesIt, windowSeconds: whoeverSeesIt, sameTextOnly: whoeverSeesIt },
  },
  Newcomers: { rows: adminOnly, fields: { youngerThanDays: whoeverSeesIt, fewerPostsThan: whoeverSeesIt } },

  // Answered to whoever tries a filter.
  ContentFilterSample: {
    rows: adminOnly,
    fields: {
      writtenAt: whoeverSeesIt,
      post: whoeverSeesIt,
      comment: whoeverSeesIt,
      segments: whoeverSeesIt,
    },
  },

  // By the other person.
  Report: {
    rows: staff,
    fields: {
      subjectKind: whoeverSeesIt,
      subjectId: whoeverSeesIt,
      reason: whoeverSeesIt,
      note: whoeverSeesIt,
      status: whoeverSeesIt,
      createdAt: whoeverSeesIt,
      post: whoeverSeesIt,
      comment: whoeverSeesIt,
      reporter: whoeverSeesIt,
    },
  },

  ModerationDecision: {
    rows: selfAndStaff,
    fields: {
      id: whoeverSeesIt,
      subjectKind: whoeverSeesIt,
      subjectId: whoeverSeesIt,
      action: whoeverSeesIt,
      rule: whoeverSeesIt,
      reasons: whoeverSeesIt,
      isAutomated: whoeverSeesIt,
      isDetectedAutomatically: whoeverSeesIt,
      decidedAt: whoeverSeesIt,
      endsAt: whoeverSeesIt,
      appealEndsAt: whoeverSeesIt,
      reversedAt: whoeverSeesIt,
      version: whoeverSeesIt,
      user: whoeverSeesIt,
      post: whoeverSeesIt,
      comment: whoeverSeesIt,
      appeal: whoeverSeesIt,
    },
  },

  Appeal: {
    rows: selfAndStaff,
    fields: {
      id: whoeverSeesIt,
      status: whoeverSeesIt,
      text: whoeverSeesIt,
      note: whoeverSeesIt,
      createdAt: whoeverSeesIt,
      decidedAt: whoeverSeesIt,
      version: whoeverSeesIt,
      user: whoeverSeesIt,
      decision: whoeverSeesIt,
    },
  },

  ModerationStatistics: {
    rows: staffOfAnybody,
    fields: {
      openCases: whoeverSeesIt,
      dismissedCases: whoeverSeesIt,
      actedOnCases: whoeverSeesIt,
      reversedCases: whoeverSeesIt,
      openAppeals: whoeverSeesIt,
      upheldAppeals: whoeverSeesIt,
      overturnedAppeals: whoeverSeesIt,
    },
  },

  // What the subject has asked about their data.
  PrivacyRequest: {
    rows: selfAndAdmin,
    fields: {
      id: whoeverSeesIt,
      kind: whoeverSeesIt,
      status: whoeverSeesIt,
      purpose: whoeverSeesIt,
      message: whoeverSeesIt,
      outcomeNote: whoeverSeesIt,
      extensionReason: whoeverSeesIt,
      receivedAt: whoeverSeesIt,
      dueAt: whoeverSeesIt,
      extendedAt: whoeverSeesIt,
      doneAt: whoeverSeesIt,
      isOverdue: whoeverSeesIt,
      user: whoeverSeesIt,
      handledBy: whoeverSeesIt,
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
      bouncedAt: whoeverSeesIt,
      complainedAt: whoeverSeesIt,
    },
  },

  Phone: {
    rows: selfAndStaff,
    fields: {
      id: whoeverSeesIt,
      number: whoeverSeesIt,
      country: whoeverSeesIt,
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
      namespace: whoeverSeesIt,
      value: whoeverSeesIt,
      source: whoeverSeesIt,
      group: whoeverSeesIt,
      inheritedValue: whoeverSeesIt,
      defaultValue: whoeverSeesIt,
      updatedAt: whoeverSeesIt,
      version: whoeverSeesIt,
      description: whoeverSeesIt,
      schema: whoeverSeesIt,
      isForDevices: whoeverSeesIt,
      isForGroups: whoeverSeesIt,
    },
  },

  PreferenceChange: {
    rows: selfAndAdmin,
    fields: {
      id: whoeverSeesIt,
      key: whoeverSeesIt,
      number: whoeverSeesIt,
      deviceId: whoeverSeesIt,
      before: whoeverSeesIt,
      after: whoeverSeesIt,
      changedAt: whoeverSeesIt,
      changedBy: whoeverSeesIt,
    },
  },

  // A draft of the subject's; a published post is open to those for whom it is meant.
  Post: {
    rows: selfAndStaff,
    fields: {
      id: whoeverSeesIt,
      slug: whoeverSeesIt,
      title: whoeverSeesIt,
      body: whoeverSeesIt,
      bodyHtml: whoeverSeesIt,
      excerpt: whoeverSeesIt,
      tags: whoeverSeesIt,
      language: whoeverSeesIt,
      status: whoeverSeesIt,
      visibility: whoeverSeesIt,
      publishAt: whoeverSeesIt,
      publishedAt: whoeverSeesIt,
      archivedAt: whoeverSeesIt,
      createdAt: whoeverSeesIt,
      updatedAt: whoeverSeesIt,
      editedAt: whoeverSeesIt,
      deletedAt: whoeverSeesIt,
      version: whoeverSeesIt,
      author: whoeverSeesIt,
      comments: whoeverSeesIt,
      commentCount: whoeverSeesIt,
      isThreadMuted: whoeverSeesIt,
      threadClosedAt: whoeverSeesIt,
      reactions: whoeverSeesIt,
      revisions: whoeverSeesIt,
    },
  },

  // What the subject has said to a post that everybody sees.
  Comment: {
    rows: everybody,
    fields: {
      id: whoeverSeesIt,
      body: whoeverSeesIt,
      bodyHtml: whoeverSeesIt,
      depth: whoeverSeesIt,
      replyCount: whoeverSeesIt,
      createdAt: whoeverSeesIt,
      editedAt: whoeverSeesIt,
      deletedAt: whoeverSeesIt,
      removedAt: whoeverSeesIt,
      heldAt: whoeverSeesIt,
      isHidden: whoeverSeesIt,
      version: whoeverSeesIt,
      author: whoeverSeesIt,
      post: whoeverSeesIt,
      parent: whoeverSeesIt,
      mentions: whoeverSeesIt,
      replies: whoeverSeesIt,
      reactions: whoeverSeesIt,
    },
  },

  // How the subject reacts to that comment, among others.
  ReactionGroup: {
    rows: everybody,
    fields: { kind: whoeverSeesIt, count: whoeverSeesIt, viewerHasReacted: whoeverSeesIt },
  },

  // What a post of the subject's said before, which everybody reads as it is now.
  PostRevision: {
    rows: selfAndStaff,
    fields: {
      number: whoeverSeesIt,
      replacedAt: whoeverSeesIt,
      title: whoeverSeesIt,
      body: whoeverSeesIt,
      tags: whoeverSeesIt,
      editor: whoeverSeesIt,
      diff: whoeverSeesIt,
    },
  },

  TextChange: {
    rows: selfAndStaff,
    fields: { kind: whoeverSeesIt, text: whoeverSeesIt },
  },

  // A post of the subject's that is published and meant for nobody else, found by a word of its own.
  FoundPost: {
    rows: selfAndStaff,
    fields: {
      post: whoeverSeesIt,
      score: whoeverSeesIt,
      isSimilar: whoeverSeesIt,
      titleHighlight: whoeverSeesIt,
      excerptHighlight: whoeverSeesIt,
    },
  },

  TextSegment: {
    rows: selfAndStaff,
    fields: { text: whoeverSeesIt, isMatch: whoeverSeesIt },
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
      preferences: whoeverSeesIt,
      preferenceHistory: staff,
    },
  },

  // Of that group.
  GroupPreference: {
    rows: selfAndStaff,
    fields: {
      key: whoeverSeesIt,
      namespace: whoeverSeesIt,
      value: whoeverSeesIt,
      source: whoeverSeesIt,
      defaultValue: whoeverSeesIt,
      updatedAt: whoeverSeesIt,
      version: whoeverSeesIt,
      description: whoeverSeesIt,
      schema: whoeverSeesIt,
      isForDevices: whoeverSeesIt,
      isForGroups: whoeverSeesIt,
    },
  },

  // What an admin has changed of its preferences.
  GroupPreferenceChange: {
    rows: staff,
    fields: {
      key: whoeverSeesIt,
      number: whoeverSeesIt,
      before: whoeverSeesIt,
      after: whoeverSeesIt,
      changedAt: whoeverSeesIt,
      changedBy: whoeverSeesIt,
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
      severity: whoeverSeesIt,
      summary: whoeverSeesIt,
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

  // A ticket of the subject's: what staff do with it is for staff.
  Ticket: {
    rows: selfAndStaff,
    fields: {
      id: whoeverSeesIt,
      number: whoeverSeesIt,
      subject: whoeverSeesIt,
      category: whoeverSeesIt,
      status: whoeverSeesIt,
      person: whoeverSeesIt,
      openedBy: whoeverSeesIt,
      openedAt: whoeverSeesIt,
      lastMessageAt: whoeverSeesIt,
      solvedAt: whoeverSeesIt,
      closedAt: whoeverSeesIt,
      reopeningEndsAt: whoeverSeesIt,
      followUpOf: whoeverSeesIt,
      mergedInto: whoeverSeesIt,
      lastMessage: whoeverSeesIt,
      messages: whoeverSeesIt,
      priority: staff,
      tags: staff,
      assignee: staff,
      dueAt: staff,
      isOverdue: staff,
      firstRespondedAt: staff,
      firstResponseMinutes: staff,
      resolutionMinutes: staff,
      notes: staff,
      history: staff,
      version: staff,
    },
  },

  // What staff have answered in it.
  TicketMessage: {
    rows: selfAndStaff,
    fields: {
      id: whoeverSeesIt,
      body: whoeverSeesIt,
      isFromStaff: whoeverSeesIt,
      author: whoeverSeesIt,
      createdAt: whoeverSeesIt,
    },
  },

  TicketNote: {
    rows: staff,
    fields: {
      id: whoeverSeesIt,
      body: whoeverSeesIt,
      author: whoeverSeesIt,
      createdAt: whoeverSeesIt,
    },
  },

  TicketChange: {
    rows: staff,
    fields: {
      changedAt: whoeverSeesIt,
      changedBy: whoeverSeesIt,
      field: whoeverSeesIt,
      before: whoeverSeesIt,
      after: whoeverSeesIt,
    },
  },

  Metric: {
    rows: staffOfEverybody,
    fields: {
      name: whoeverSeesIt,
      description: whoeverSeesIt,
      unit: whoeverSeesIt,
      breakdowns: whoeverSeesIt,
    },
  },

  MetricPoint: {
    rows: staffOfEverybody,
    fields: {
      startsAt: whoeverSeesIt,
      endsAt: whoeverSeesIt,
      group: whoeverSeesIt,
      value: whoeverSeesIt,
      isSuppressed: whoeverSeesIt,
    },
  },

  Cohort: {
    rows: staffOfEverybody,
    fields: {
      startsAt: whoeverSeesIt,
      endsAt: whoeverSeesIt,
      size: whoeverSeesIt,
      isSuppressed: whoeverSeesIt,
      periods: whoeverSeesIt,
    },
  },

  CohortPeriod: {
    rows: staffOfEverybody,
    fields: {
      number: whoeverSeesIt,
      startsAt: whoeverSeesIt,
      endsAt: whoeverSeesIt,
      people: whoeverSeesIt,
      rate: whoeverSeesIt,
      isSuppressed: whoeverSeesIt,
    },
  },

  FunnelStep: {
    rows: staffOfEverybody,
    fields: {
      name: whoeverSeesIt,
      people: whoeverSeesIt,
      rate: whoeverSeesIt,
      isSuppressed: whoeverSeesIt,
    },
  },

  TicketStatistics: {
    rows: staffOfAnybody,
    fields: {
      openCount: whoeverSeesIt,
      pendingCount: whoeverSeesIt,
      onHoldCount: whoeverSeesIt,
      solvedCount: whoeverSeesIt,
      closedCount: whoeverSeesIt,
      unassignedCount: whoeverSeesIt,
      overdueCount: whoeverSeesIt,
      firstResponseMedianMinutes: whoeverSeesIt,
      firstResponseP90Minutes: whoeverSeesIt,
      resolutionMedianMinutes: whoeverSeesIt,
      resolutionP90Minutes: whoeverSeesIt,
    },
  },

  // One that the subject was told.
  Announcement: {
    rows: selfAndAdmin,
    fields: {
      id: whoeverSeesIt,
      subject: whoeverSeesIt,
      text: whoeverSeesIt,
      sendAt: whoeverSeesIt,
      texts: adminOnly,
      status: adminOnly,
      isForEverybody: adminOnly,
      purposeId: adminOnly,
      perMinute: adminOnly,
      servedCount: adminOnly,
      toldCount: adminOnly,
      mailedCount: adminOnly,
      readCount: adminOnly,
      createdAt: adminOnly,
      startedAt: adminOnly,
      endedAt: adminOnly,
      failure: adminOnly,
    },
  },

  AnnouncementText: {
    rows: adminOnly,
    fields: {
      language: whoeverSeesIt,
      subject: whoeverSeesIt,
      text: whoeverSeesIt,
    },
  },

  // They name events of everybody, by ids.
  WebhookEndpoint: {
    rows: adminOnly,
    fields: {
      id: whoeverSeesIt,
      url: whoeverSeesIt,
      description: whoeverSeesIt,
      events: whoeverSeesIt,
      isEnabled: whoeverSeesIt,
      disabledReason: whoeverSeesIt,
      firstFailureAt: whoeverSeesIt,
      resumesAt: whoeverSeesIt,
      previousSecretExpiresAt: whoeverSeesIt,
      createdBy: whoeverSeesIt,
      createdAt: whoeverSeesIt,
      version: whoeverSeesIt,
      deliveries: whoeverSeesIt,
    },
  },

  WebhookDelivery: {
    rows: adminOnly,
    fields: {
      id: whoeverSeesIt,
      messageId: whoeverSeesIt,
      action: whoeverSeesIt,
      occurredAt: whoeverSeesIt,
      status: whoeverSeesIt,
      nextAttemptAt: whoeverSeesIt,
      attemptCount: whoeverSeesIt,
      // As an AuditEvent is seen, or null.
      event: whoeverSeesIt,
      endpoint: whoeverSeesIt,
      attempts: whoeverSeesIt,
    },
  },

  WebhookAttempt: {
    rows: adminOnly,
    fields: {
      number: whoeverSeesIt,
      startedAt: whoeverSeesIt,
      durationMs: whoeverSeesIt,
      statusCode: whoeverSeesIt,
      failure: whoeverSeesIt,
    },
  },

  // What was sent to whom, never what it says.
  Delivery: {
    rows: adminOnly,
    fields: {
      id: whoeverSeesIt,
      channel: whoeverSeesIt,
      template: whoeverSeesIt,
      status: whoeverSeesIt,
      response: whoeverSeesIt,
      attemptCount: whoeverSeesIt,
      nextAttemptAt: whoeverSeesIt,
      createdAt: whoeverSeesIt,
      expiresAt: whoeverSeesIt,
      finishedAt: whoeverSeesIt,
      isReplayable: whoeverSeesIt,
      user: whoeverSeesIt,
    },
  },

  // Told to the person whose session changes, and to nobody else.
  SessionChange: {
    rows: ['self'],
    fields: { kind: whoeverSeesIt, session: whoeverSeesIt },
  },

  // Of the preferences of whoever asks.
  PreferencesEvent: {
    rows: ['self'],
    fields: { cursor: whoeverSeesIt, preferences: whoeverSeesIt },
  },

  // Of the conversations of whoever asks, be it the subject.
  InboxEvent: {
    rows: ['self'],
    fields: {
      cursor: whoeverSeesIt,
      kind: whoeverSeesIt,
      notification: whoeverSeesIt,
      unreadCount: whoeverSeesIt,
    },
  },

  ConversationEvent: {
    rows: ['self'],
    fields: {
      cursor: whoeverSeesIt,
      kind: whoeverSeesIt,
      conversation: whoeverSeesIt,
      message: whoeverSeesIt,
    },
  },

  // Of the tickets of whoever asks, be it the subject.
  TicketEvent: {
    rows: ['self'],
    fields: { cursor: whoeverSeesIt, kind: whoeverSeesIt, ticket: whoeverSeesIt, message: whoeverSeesIt },
  },

  // Of a ticket of the subject's.
  TicketQueueEvent: {
    rows: staff,
    fields: { cursor: whoeverSeesIt, kind: whoeverSeesIt, ticket: whoeverSeesIt },
  },

  // Of something that concerns the subject.
  AuditTailEvent: {
    rows: adminOnly,
    fields: { cursor: whoeverSeesIt, auditEvent: whoeverSeesIt },
  },

  // Of the case about what the subject has written.
  ModerationQueueEvent: {
    rows: staff,
    fields: { cursor: whoeverSeesIt, kind: whoeverSeesIt, moderationCase: whoeverSeesIt },
  },

  // In the thread of a draft of the subject's.
  ThreadEvent: {
    rows: selfAndStaff,
    fields: { cursor: whoeverSeesIt, kind: whoeverSeesIt, comment: whoeverSeesIt },
  },
}

/** To whom is open of themselves what is open to others so. */
function toThemselves(readers: TypeExpectation['fields'][string]): Readers {
  if (readers === everybody) return everybody
  if (readers === selfOnly) return signedIn
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
  // What somebody has reported is theirs alone by this way; the cases show it to moderators.
  'Report of the subject': { type: 'Report', rows: selfOnly, fields: TYPES.Report!.fields },
  // What staff do with it is never for whom it is for, whatever they hold.
  'Ticket of whoever asks': {
    type: 'Ticket',
    rows: signedInOrProgram,
    fields: Object.fromEntries(
      Object.entries(TYPES.Ticket!.fields).map(([field, to]) => [field, to === staff ? [] : to]),
    ),
  },
  'Announcement that whoever asks was told': {
    type: 'Announcement',
    rows: signedInOrProgram,
    fields: TYPES.Announcement!.fields,
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
      legalHolds: [],
    },
  },
  // A note leaves the same entry in the access log as the look for it.
  'User without a note': { type: 'User', rows: everybody, fields: { staffNotes: staff } },
  'User without a hold': { type: 'User', rows: everybody, fields: { legalHolds: adminOnly } },
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
  comment: everybody,
  reactionKinds: everybody,
  attributeDefinitions: everybody,
  activityDefinitions: everybody,
  // One's own.
  searchPosts: everybody,
  trashedPosts: [...signedInOrProgram, 'impersonator'],
  auditEvents: adminOnly,
  bulkJob: signedIn,
  bulkJobs: signedIn,
  identityProviders: everybody,
  explainAccess: adminOnly,
  privacyRequests: adminOnly,
  contentFilters: adminOnly,
  moderationCases: staffOfAnybody,
  moderationAppeals: staffOfAnybody,
  moderationStatistics: staffOfAnybody,
  consentPurposes: everybody,
  announcements: adminOnly,
  webhookEndpoints: adminOnly,
  ticket: everybody,
  tickets: staffOfAnybody,
  ticketStatistics: staffOfAnybody,
  deliveries: adminOnly,
  metrics: staffOfEverybody,
  metric: staffOfEverybody,
  retention: staffOfEverybody,
  funnel: staffOfEverybody,
}

/** Queries with an argument that asks for more: for whom they are open then, and the permission that opens them besides. */
export const QUERY_CASES: Record<string, { query: string; may: Readers; permission: Permission }> = {
  'users by phone': { query: 'users', may: staffOfAnybody, permission: 'users:read-contact' },
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
  changeUsername: { may: signedIn },
  deactivateAccount: { may: signedIn },
  removeAvatar: { may: signedIn },
  startTotp: { may: signedIn },
  confirmTotp: { may: signedIn },
  removeTotp: { may: signedIn },
  addEmailCode: { may: signedIn },
  removeEmailCode: { may: signedIn },
  startPasskeyRegistration: { may: signedIn },
  registerPasskey: { may: signedIn },
  replaceRecoveryCodes: { may: signedIn },
  createAccessToken: { may: signedIn },
  requestDataExport: { may: signedIn },
  createDataExportLink: { may: signedIn },
  requestErasure: { may: signedIn },
  cancelErasure: { may: signedIn },
  issueServiceToken: { may: signedInOrProgram },
  checkPassword: { may: everybody },
  trackActivity: { may: everybody },
  requirePasswordReset: { may: staff, notTo: ['managerOfOther'] },
  suspendUser: { may: staff, notTo: ['managerOfOther'] },
  reinstateUser: { may: staff, notTo: ['managerOfOther'] },
  createUser: { may: adminOnly },
  resendInvitation: { may: adminOnly },
  updateUser: { may: adminOnly },
  removeUserAvatar: { may: adminOnly },
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
  blockUser: { may: signedIn },
  unblockUser: { may: signedIn },
  muteUser: { may: signedIn },
  unmuteUser: { may: signedIn },
  startConversation: { may: signedIn },
  sendMessage: { may: selfOnly, otherwise: 'NOT_FOUND' },
  editMessage: { may: selfOnly, otherwise: 'NOT_FOUND' },
  deleteMessage: { may: selfOnly, otherwise: 'NOT_FOUND' },
  acceptConversation: { may: selfOnly, otherwise: 'NOT_FOUND' },
  declineConversation: { may: selfOnly, otherwise: 'NOT_FOUND' },
  markConversationRead: { may: selfOnly, otherwise: 'NOT_FOUND' },
  muteConversation: { may: selfOnly, otherwise: 'NOT_FOUND' },
  markNotificationsRead: { may: selfOnly, otherwise: 'NOT_FOUND' },
  markNotificationsUnread: { may: selfOnly, otherwise: 'NOT_FOUND' },
  markAllNotificationsRead: { may: signedIn },
  setNotificationSettings: { may: signedIn },
  muteThread: { may: signedIn },
  unmuteThread: { may: signedIn },
  leaveConversation: { may: selfOnly, otherwise: 'NOT_FOUND' },
  addConversationParticipant: { may: selfOnly, otherwise: 'NOT_FOUND' },
  removeConversationParticipant: { may: selfOnly, otherwise: 'NOT_FOUND' },
  renameConversation: { may: selfOnly, otherwise: 'NOT_FOUND' },
  placeLegalHold: { may: adminOnly },
  releaseLegalHold: { may: adminOnly },
  giveConsent: { may: signedIn },
  withdrawConsent: { may: signedIn },
  objectToProcessing: { may: signedIn },
  // Of oneself; for others, with a request of theirs.
  restrictProcessing: { may: signedIn },
  liftRestriction: { may: signedIn },
  requestRectification: { may: signedIn },
  withdrawPrivacyRequest: { may: ['self'], otherwise: 'NOT_FOUND' },
  extendPrivacyRequest: { may: adminOnly },
  resolvePrivacyRequest: { may: adminOnly },
  refusePrivacyRequest: { may: adminOnly },
  changeEmail: { may: signedIn },
  addEmail: { may: signedIn },
  confirmEmail: { may: signedIn },
  makeEmailPrimary: { may: signedIn },
  removeEmail: { may: signedIn },
  addPhone: { may: signedIn },
  confirmPhone: { may: signedIn },
  makePhonePrimary: { may: signedIn },
  removePhone: { may: signedIn },
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
  setAttributes: { may: signedInOrProgram },
  setProfileVisibility: { may: signedInOrProgram },
  setPreferences: { may: signedInOrProgram },
  resetPreferences: { may: signedInOrProgram },
  restorePreference: { may: signedInOrProgram },
  setGroupPreferences: { may: adminOnly },
  resetGroupPreferences: { may: adminOnly },
  createPost: { may: signedInOrProgram },
  // To a post that everybody sees.
  addComment: { may: signedInOrProgram },
  reportContent: { may: signedInOrProgram },
  addReaction: { may: signedInOrProgram },
  removeReaction: { may: signedInOrProgram },
  // The rest acts on something that is the subject's.
  revokeSession: { may: selfAndStaff, otherwise: 'NOT_FOUND' },
  revokeAccessToken: { may: ['self'], otherwise: 'NOT_FOUND' },
  renamePasskey: { may: ['self'], otherwise: 'NOT_FOUND' },
  removePasskey: { may: ['self'], otherwise: 'NOT_FOUND' },
  unlinkIdentity: { may: ['self'], otherwise: 'NOT_FOUND' },
  updatePost: { may: selfAndStaff, otherwise: 'NOT_FOUND', forPrograms: true },
  publishPost: { may: ['self'], otherwise: 'NOT_FOUND', forPrograms: true },
  schedulePost: { may: ['self'], otherwise: 'NOT_FOUND', forPrograms: true },
  unschedulePost: { may: ['self'], otherwise: 'NOT_FOUND', forPrograms: true },
  archivePost: { may: ['self'], otherwise: 'NOT_FOUND', forPrograms: true },
  unarchivePost: { may: ['self'], otherwise: 'NOT_FOUND', forPrograms: true },
  claimModerationCase: { may: staff, hiddenFrom: ['managerOfOther'] },
  releaseModerationCase: { may: staff, hiddenFrom: ['managerOfOther'] },
  resolveModerationCase: { may: staff, hiddenFrom: ['managerOfOther'] },
  moderateContent: { may: staff, hiddenFrom: ['managerOfOther'] },
  reverseModerationAction: { may: staff, hiddenFrom: ['managerOfOther'] },
  decideAppeal: { may: staff, hiddenFrom: ['managerOfOther'] },
  appealByMail: { may: everybody },
  appealModerationDecision: { may: ['self'], otherwise: 'NOT_FOUND', forPrograms: true },
  deletePost: { may: selfAndStaff, otherwise: 'NOT_FOUND', forPrograms: true },
  editComment: { may: ['self'], otherwise: 'NOT_FOUND', forPrograms: true },
  deleteComment: { may: ['self'], otherwise: 'NOT_FOUND', forPrograms: true },
  closeThread: { may: selfAndStaff, otherwise: 'NOT_FOUND', forPrograms: true },
  reopenThread: { may: selfAndStaff, otherwise: 'NOT_FOUND', forPrograms: true },
  restorePost: { may: selfAndStaff, otherwise: 'NOT_FOUND', forPrograms: true },
  restorePostRevision: { may: selfAndStaff, otherwise: 'NOT_FOUND', forPrograms: true },
  purgePost: { may: selfAndAdmin, otherwise: 'NOT_FOUND', forPrograms: true },
  startImpersonation: { may: adminOnly },
  stopImpersonation: { may: ['impersonator'] },
  createContentFilter: { may: adminOnly },
  updateContentFilter: { may: adminOnly },
  deleteContentFilter: { may: adminOnly },
  testContentFilter: { may: adminOnly },
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
  openTicket: { may: signedInOrProgram },
  replyToTicket: { may: ['self'], otherwise: 'NOT_FOUND', forPrograms: true },
  solveTicket: { may: ['self'], otherwise: 'NOT_FOUND', forPrograms: true },
  openTicketFor: { may: staff, notTo: ['managerOfOther'] },
  answerTicket: { may: staff, hiddenFrom: ['managerOfOther'] },
  addTicketNote: { may: staff, hiddenFrom: ['managerOfOther'] },
  updateTicket: { may: staff, hiddenFrom: ['managerOfOther'] },
  claimTicket: { may: staff, hiddenFrom: ['managerOfOther'] },
  mergeTickets: { may: staff, hiddenFrom: ['managerOfOther'] },
  createAnnouncement: { may: adminOnly },
  cancelAnnouncement: { may: adminOnly },
  createWebhookEndpoint: { may: adminOnly },
  updateWebhookEndpoint: { may: adminOnly },
  deleteWebhookEndpoint: { may: adminOnly },
  rotateWebhookSecret: { may: adminOnly },
  sendTestWebhook: { may: adminOnly },
  replayWebhookDelivery: { may: adminOnly },
  replayWebhookDeliveries: { may: adminOnly },
  replayDelivery: { may: adminOnly },
  replayDeliveries: { may: adminOnly },
}

export const SUBSCRIPTIONS: Record<string, Readers> = {
  viewerSessionsChanged: signedInOrProgram,
  bulkJobChanged: selfAndAdmin,
  threadChanged: selfAndStaff,
  viewerPreferencesChanged: signedInOrProgram,
  viewerConversationsChanged: signedIn,
  viewerNotificationsChanged: signedIn,
  moderationQueueChanged: staffOfAnybody,
  auditEventsRecorded: adminOnly,
  viewerTicketsChanged: signedInOrProgram,
  ticketQueueChanged: staffOfAnybody,
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
  'Query.privacyRequests': overAnybody('privacy:manage'),
  'Query.announcements': overEverybody('announcements:send'),
  'Query.webhookEndpoints': overEverybody('webhooks:manage'),
  'Query.deliveries': overEverybody('deliveries:manage'),
  'Query.metrics': overEverybody('analytics:read'),
  'Query.metric': overEverybody('analytics:read'),
  'Query.retention': overEverybody('analytics:read'),
  'Query.funnel': overEverybody('analytics:read'),
  'Query.contentFilters': overEverybody('filters:manage'),
  'Subscription.moderationQueueChanged': overAnybody('posts:moderate'),
  'Subscription.auditEventsRecorded': overAnybody('audit:read'),
  'Subscription.ticketQueueChanged': overAnybody('tickets:answer'),
  'Query.moderationCases': overAnybody('posts:moderate'),
  'Query.moderationAppeals': overAnybody('posts:moderate'),
  'Query.moderationStatistics': overAnybody('posts:moderate'),
  'Query.tickets': overAnybody('tickets:answer'),
  'Query.ticketStatistics': overAnybody('tickets:answer'),
  'Mutation.requirePasswordReset': overAnybody('users:reset-password'),
  'Mutation.suspendUser': overAnybody('users:suspend'),
  'Mutation.reinstateUser': overAnybody('users:suspend'),
  'Mutation.createUser': overEverybody('users:create'),
  'Mutation.resendInvitation': overAnybody('users:create'),
  'Mutation.updateUser': overAnybody('users:edit'),
  'Mutation.removeUserAvatar': overAnybody('users:edit'),
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
  'Mutation.createContentFilter': overEverybody('filters:manage'),
  'Mutation.updateContentFilter': overEverybody('filters:manage'),
  'Mutation.deleteContentFilter': overEverybody('filters:manage'),
  'Mutation.testContentFilter': overEverybody('filters:manage'),
  'Mutation.claimModerationCase': overAnybody('posts:moderate'),
  'Mutation.releaseModerationCase': overAnybody('posts:moderate'),
  'Mutation.resolveModerationCase': overAnybody('posts:moderate'),
  'Mutation.moderateContent': overAnybody('posts:moderate'),
  'Mutation.reverseModerationAction': overAnybody('posts:moderate'),
  'Mutation.decideAppeal': overAnybody('posts:moderate'),
  'Mutation.placeLegalHold': overAnybody('holds:manage'),
  'Mutation.releaseLegalHold': overAnybody('holds:manage'),
  'Mutation.extendPrivacyRequest': overAnybody('privacy:manage'),
  'Mutation.resolvePrivacyRequest': overAnybody('privacy:manage'),
  'Mutation.refusePrivacyRequest': overAnybody('privacy:manage'),
  'Mutation.startImpersonation': overAnybody('users:impersonate'),
  'Mutation.createGroup': overEverybody('groups:write'),
  'Mutation.updateGroup': overEverybody('groups:write'),
  'Mutation.deleteGroup': overEverybody('groups:write'),
  'Mutation.addGroupMember': overEverybody('groups:write'),
  'Mutation.removeGroupMember': overEverybody('groups:write'),
  'Mutation.setGroupPreferences': overEverybody('groups:write'),
  'Mutation.resetGroupPreferences': overEverybody('groups:write'),
  'Mutation.createRole': overEverybody('roles:write'),
  'Mutation.updateRole': overEverybody('roles:write'),
  'Mutation.deleteRole': overEverybody('roles:write'),
  'Mutation.grantRole': overAnybody('roles:grant'),
  'Mutation.revokeRole': overAnybody('roles:grant'),
  'Mutation.openTicketFor': overAnybody('tickets:answer'),
  'Mutation.answerTicket': overAnybody('tickets:answer'),
  'Mutation.addTicketNote': overAnybody('tickets:answer'),
  'Mutation.updateTicket': overAnybody('tickets:answer'),
  'Mutation.claimTicket': overAnybody('tickets:answer'),
  'Mutation.mergeTickets': overAnybody('tickets:answer'),
  'Mutation.createAnnouncement': overEverybody('announcements:send'),
  'Mutation.cancelAnnouncement': overEverybody('announcements:send'),
  'Mutation.createWebhookEndpoint': overEverybody('webhooks:manage'),
  'Mutation.updateWebhookEndpoint': overEverybody('webhooks:manage'),
  'Mutation.deleteWebhookEndpoint': overEverybody('webhooks:manage'),
  'Mutation.rotateWebhookSecret': overEverybody('webhooks:manage'),
  'Mutation.sendTestWebhook': overEverybody('webhooks:manage'),
  'Mutation.replayWebhookDelivery': overEverybody('webhooks:manage'),
  'Mutation.replayWebhookDeliveries': overEverybody('webhooks:manage'),
  'Mutation.replayDelivery': overEverybody('deliveries:manage'),
  'Mutation.replayDeliveries': overEverybody('deliveries:manage'),
  'User.email': overPerson('users:read-contact'),
  'User.emails': overPerson('users:read-contact'),
  'User.phones': overPerson('users:read-contact'),
  'User.locale': overPerson('users:read'),
  'User.timeZone': overPerson('users:read'),
  'User.status': overPerson('users:read'),
  'User.lastSignInAt': overPerson('users:read'),
  'User.version': overPerson('users:read'),
  'User.suspension': overPerson('users:read'),
  'User.invitation': overPerson('users:read'),
  'User.staffNotes': overPerson('notes:read'),
  'User.tickets': overPerson('tickets:answer'),
  'User.roles': overPerson('roles:read'),
  'User.roleGrants': overPerson('roles:read'),
  'User.groups': overPerson('groups:read'),
  'User.accessLog': overPerson('audit:read'),
  'User.dataExport': overPerson('privacy:manage'),
  'User.erasure': overPerson('privacy:manage'),
  'User.erasurePlan': overPerson('privacy:manage'),
  'User.permissions': overPerson('roles:read'),
  'User.sessions': overPerson('sessions:read'),
  'User.security': overPerson('security:read'),
  'User.preferences': overPerson('preferences:read'),
  'User.preference': overPerson('preferences:read'),
  'User.preferenceHistory': overPerson('preferences:read'),
  'User.notificationSettings': overPerson('preferences:read'),
  'User.auditEvents': overPerson('audit:read'),
  'User.moderationDecisions': overPerson('posts:moderate'),
  'User.silenceEndsAt': overPerson('posts:moderate'),
  'User.privacyRequests': overPerson('privacy:manage'),
  'User.restrictedAt': overPerson('privacy:manage'),
  'User.deactivatedAt': overPerson('users:read'),
  'User.formerUsernames': overPerson('users:read'),
  'User.profileVisibility': overPerson('users:read'),
  'User.consents': overPerson('privacy:manage'),
  'User.missingConsents': overPerson('privacy:manage'),
  'User.consentHistory': overPerson('privacy:manage'),
  'User.activity': overPerson('privacy:manage'),
  ActivityEvent: overPerson('privacy:manage'),
  'User.legalHolds': overPerson('holds:manage'),
  'User who asks.suspension': overEverybody('users:read'),
  'User who asks.invitation': overEverybody('users:read'),
  'User without a note.staffNotes': overPerson('notes:read'),
  'User without a hold.legalHolds': overPerson('holds:manage'),
  Email: overPerson('users:read-contact'),
  Phone: overPerson('users:read-contact'),
  Session: overPerson('sessions:read'),
  'Session in a list': overPerson('sessions:read'),
  Preference: overPerson('preferences:read'),
  NotificationSetting: overPerson('preferences:read'),
  NotificationChannelSetting: overPerson('preferences:read'),
  PreferenceChange: overPerson('preferences:read'),
  Post: overPerson('posts:moderate'),
  ThreadEvent: overPerson('posts:moderate'),
  ModerationQueueEvent: overPerson('posts:moderate'),
  AuditTailEvent: overPerson('audit:read'),
  PostRevision: overPerson('posts:moderate'),
  TextChange: overPerson('posts:moderate'),
  FoundPost: overPerson('posts:moderate'),
  TextSegment: overPerson('posts:moderate'),
  Role: overAnybody('roles:read'),
  'Role.members': overAnybody('roles:read'),
  RoleGrant: overPerson('roles:read'),
  Group: overPerson('groups:read'),
  'Group.members': overAnybody('groups:read'),
  'Group.preferenceHistory': overAnybody('groups:read'),
  GroupPreference: overPerson('groups:read'),
  GroupPreferenceChange: overPerson('groups:read'),
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
  DataExport: overPerson('privacy:manage'),
  Erasure: overPerson('privacy:manage'),
  ErasureEntry: overPerson('privacy:manage'),
  ContentFilter: overEverybody('filters:manage'),
  WordTerms: overEverybody('filters:manage'),
  LinkTerms: overEverybody('filters:manage'),
  RateTerms: overEverybody('filters:manage'),
  Newcomers: overEverybody('filters:manage'),
  ContentFilterSample: overEverybody('filters:manage'),
  ContentFilterMatch: overPerson('posts:moderate'),
  ModerationCase: overPerson('posts:moderate'),
  Report: overPerson('posts:moderate'),
  ModerationDecision: overPerson('posts:moderate'),
  Appeal: overPerson('posts:moderate'),
  ModerationStatistics: overAnybody('posts:moderate'),
  PrivacyRequest: overPerson('privacy:manage'),
  LegalHold: overPerson('holds:manage'),
  Consent: overPerson('privacy:manage'),
  Ticket: overPerson('tickets:answer'),
  TicketChange: overPerson('tickets:answer'),
  TicketMessage: overPerson('tickets:answer'),
  TicketNote: overPerson('tickets:answer'),
  TicketQueueEvent: overPerson('tickets:answer'),
  TicketStatistics: overAnybody('tickets:answer'),
  Attribute: overPerson('users:read'),
  AttributeVisibility: overPerson('users:read'),
  ProfileVisibility: overPerson('users:read'),
  FormerUsername: overPerson('users:read'),
  Suspension: overPerson('users:read'),
  Invitation: overPerson('users:read'),
  BulkJob: overEverybody('audit:read'),
  BulkJobItem: overEverybody('audit:read'),
  Announcement: overEverybody('announcements:send'),
  'Announcement that whoever asks was told': overEverybody('announcements:send'),
  AnnouncementText: overEverybody('announcements:send'),
  WebhookEndpoint: overEverybody('webhooks:manage'),
  WebhookDelivery: overEverybody('webhooks:manage'),
  WebhookAttempt: overEverybody('webhooks:manage'),
  Delivery: overEverybody('deliveries:manage'),
  Metric: overEverybody('analytics:read'),
  MetricPoint: overEverybody('analytics:read'),
  Cohort: overEverybody('analytics:read'),
  CohortPeriod: overEverybody('analytics:read'),
  FunnelStep: overEverybody('analytics:read'),
}

/** What somebody may do as the subject whose permission lets them change things as somebody else, besides what everybody may. */
export const DONE_AS_SOMEBODY_ELSE: readonly string[] = [
  'updateProfile',
  'setAttributes',
  'setProfileVisibility',
  'setPreferences',
  'resetPreferences',
  'restorePreference',
  'createPost',
  'updatePost',
  'publishPost',
  'schedulePost',
  'unschedulePost',
  'archivePost',
  'unarchivePost',
  'deletePost',
  'addComment',
  'editComment',
  'deleteComment',
  'closeThread',
  'reopenThread',
  'addReaction',
  'removeReaction',
  'restorePost',
  'restorePostRevision',
  'purgePost',
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
  'addEmail',
  'makeEmailPrimary',
  'removeEmail',
  'addPhone',
  'makePhonePrimary',
  'removePhone',
  'changeUsername',
  'deactivateAccount',
  'createAccessToken',
  'requestDataExport',
  'createDataExportLink',
  'requestErasure',
  'placeLegalHold',
  'releaseLegalHold',
  'restrictProcessing',
  'liftRestriction',
  'requestRectification',
  'extendPrivacyRequest',
  'resolvePrivacyRequest',
  'refusePrivacyRequest',
  'requirePasswordReset',
  'suspendUser',
  'reinstateUser',
  'createUser',
  'resendInvitation',
  'updateUser',
  'removeUserAvatar',
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
  'createAnnouncement',
  'createWebhookEndpoint',
  'updateWebhookEndpoint',
  'deleteWebhookEndpoint',
  'rotateWebhookSecret',
]

/**
 * Whose data it is: whoever else reads it is noted in their access log, under the name of a person's field or that of the
 * type. What is open to everybody is not.
 */
export const DATA_OF: Record<string, Reader> = {
  User: 'self',
  Session: 'self',
  Attribute: 'self',
  Post: 'self',
  PostRevision: 'self',
  FoundPost: 'self',
  AuditEvent: 'self',
  // Where an admin was who did something.
  'AuditEvent.address': 'admin',
  'AuditEvent that the subject caused': 'self',
  AccessExplanation: 'self',
  BulkJob: 'self',
  GroupMember: 'self',
  // Of who has changed something.
  GroupPreferenceChange: 'admin',
  ModerationCase: 'self',
  // Of who has reported something.
  Report: 'other',
  ModerationDecision: 'self',
  Appeal: 'self',
  PrivacyRequest: 'self',
  LegalHold: 'self',
  Delivery: 'self',
  RoleGrant: 'self',
  StaffNote: 'self',
  Ticket: 'self',
  TicketChange: 'self',
  TicketMessage: 'self',
  TicketNote: 'self',
  DataExport: 'self',
  Erasure: 'self',
  'User without a note': 'self',
  'User without a hold': 'self',
}

/** What is noted under another name than that of the type: nobody is to learn that there is a note, a hold, or a case. */
export const NOTED_AS: Record<string, string> = {
  StaffNote: 'staffNotes',
  TicketChange: 'Ticket',
  TicketMessage: 'Ticket',
  TicketNote: 'Ticket',
  LegalHold: 'legalHolds',
  ModerationCase: 'moderationDecisions',
}

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
  // What both have asked about their data.
  'Query.privacyRequests': { permission: 'privacy:manage', holds: { admin: ['subject', 'other'] } },
  // The authors of what was reported, and those who appeal.
  'Query.moderationCases': { permission: 'posts:moderate', holds: byReach },
  'Query.moderationAppeals': { permission: 'posts:moderate', holds: byReach },
  // Whom tickets are for.
  'Query.tickets': { permission: 'tickets:answer', holds: byReach },
  // The authors of comments that were removed, whose text is shown.
  'Post.comments': {
    permission: 'posts:moderate',
    holds: { ...byReach, self: ['subject'], other: ['other'] },
  },
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
