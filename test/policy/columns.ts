import { getNamedType, isLeafType } from 'graphql'
import { getMetadataArgsStorage } from 'typeorm'
import { classificationOf, type PersonalData } from '../../src/core/personal-data'
import { entities } from '../../src/modules/modules'
import { TYPES, WRAPPERS } from './expectations'
import { objectTypes } from './stage'

/*
 * Which columns each field of the schema shows. A field bears the name of its column, which is one of the entity that its
 * type is named after; what does otherwise stands here.
 */

/** The types that show a row of an entity of another name. */
const ENTITY_OF: Record<string, string> = {
  AttributeVisibility: 'Attribute',
  FoundPost: 'Post',
  Invitation: 'User',
  ProfileVisibility: 'User',
  ReactionGroup: 'ReactionCount',
  SecurityEvent: 'AuditEvent',
  Suspension: 'User',
}

/** The types that show no row: what they say is made for whoever asks, or leads to what has a type of its own. */
const WITHOUT_ENTITY = new Set([
  'AccessExplanation',
  'ActivityDefinition',
  'AttributeDefinition',
  'ConsentPurpose',
  // Words of others that everybody reads.
  'ContentFilterSample',
  'ErasureEntry',
  'IdentityProvider',
  'AuditTailEvent',
  'ModerationQueueEvent',
  'LinkTerms',
  'ModerationStatistics',
  // Sums over five people at least.
  'Cohort',
  'CohortPeriod',
  'FunnelStep',
  'Metric',
  'MetricPoint',
  'Newcomers',
  'PasswordStrength',
  'Permission',
  'RateTerms',
  'RefusedActivity',
  'PreferencesEvent',
  'SessionChange',
  'TicketEvent',
  'TicketQueueEvent',
  'TicketStatistics',
  'AnnouncementText',
  'ConversationEvent',
  'InboxEvent',
  'ThreadEvent',
  'TextChange',
  'TextSegment',
  'TotpEnrolment',
  'UserError',
  'WordTerms',
])

/** The columns behind fields that do not bear their name; none for those that say nothing that a column holds of a person. */
export const COLUMNS_BEHIND: Record<string, string[]> = {
  'User.email': ['Email.address'],
  'User.avatarUrl': ['Avatar.fileKey'],
  'Phone.number': ['Phone.phoneNumber'],
  'Phone.country': ['Phone.phoneNumber'],
  'User.attributes': ['Attribute.sealedValue'],
  'Attribute.value': ['Attribute.sealedValue'],
  'User.profileVisibility': [
    'User.bioAudience',
    'User.avatarAudience',
    'User.lastSeenAudience',
    'Attribute.audience',
  ],
  'User.formerUsernames': ['FormerUsername.username'],
  'ProfileVisibility.bio': ['User.bioAudience'],
  'ProfileVisibility.avatar': ['User.avatarAudience'],
  'ProfileVisibility.lastSeen': ['User.lastSeenAudience'],
  'ProfileVisibility.attributes': ['Attribute.audience'],
  'Post.commentCount': ['Thread.commentCount'],
  'Post.threadClosedAt': ['Thread.closedAt'],
  'Post.reactions': [],
  'Comment.reactions': [],
  'Comment.mentions': ['Mention.userId'],
  // Said to whoever asks, of themselves.
  'ReactionGroup.viewerHasReacted': [],
  'User.accessLog': ['AccessRecord.subjectId'],
  'User.groups': ['GroupMember.groupId'],
  'User.permissions': ['RoleGrant.roleId'],
  // Said to whoever acts as the person, of themselves.
  'User.impersonator': [],
  'Suspension.reason': ['User.suspensionReason'],
  'Suspension.endsAt': ['User.suspendedUntil'],
  'Suspension.by': ['User.suspendedById'],
  'Invitation.sentAt': ['User.invitedAt'],
  'Invitation.expiresAt': ['User.invitedAt'],
  'Session.isCurrent': [],
  'Preference.namespace': [],
  'Preference.source': ['Preference.value'],
  // Named to the person alone.
  'Preference.group': [],
  'Preference.inheritedValue': [],
  'Preference.defaultValue': [],
  'Preference.description': [],
  'Preference.schema': [],
  'Preference.isForDevices': [],
  'Preference.isForGroups': [],
  'User.preferenceHistory': ['PreferenceChange.before'],
  // Those alone that were made on no device are shown to others.
  'PreferenceChange.deviceId': [],
  'GroupPreference.namespace': [],
  'GroupPreference.source': [],
  'GroupPreference.defaultValue': [],
  'GroupPreference.description': [],
  'GroupPreference.schema': [],
  'GroupPreference.isForDevices': [],
  'GroupPreference.isForGroups': [],
  'AuditEvent.details': ['AuditEvent.personalDetails'],
  'AuditEvent.summary': ['AuditEvent.personalDetails'],
  'AuditEvent.severity': [],
  'AccessRecord.reason': ['AccessRecord.reason', 'AccessRecord.accessReason'],
  'RoleGrant.reason': ['RoleGrant.grantReason'],
  'LegalHold.reason': ['LegalHold.holdReason'],
  'Announcement.status': ['Announcement.endedAt'],
  'Announcement.subject': ['Announcement.texts'],
  'Announcement.text': ['Announcement.texts'],
  // Of how many, and not of whom.
  'Announcement.readCount': [],
  'WebhookEndpoint.disabledReason': ['WebhookEndpoint.disabledBecause'],
  'WebhookDelivery.messageId': ['WebhookDelivery.eventId'],
  'User.tickets': ['Ticket.status'],
  'Ticket.subject': ['Ticket.subjectLine'],
  'Ticket.person': [],
  'Ticket.reopeningEndsAt': ['Ticket.solvedAt'],
  'Ticket.followUpOf': [],
  'Ticket.mergedInto': [],
  'Ticket.lastMessage': ['TicketMessage.writtenText'],
  'Ticket.messages': ['TicketMessage.writtenText'],
  'Ticket.isOverdue': ['Ticket.dueAt'],
  'Ticket.firstResponseMinutes': ['Ticket.firstResponseSeconds'],
  'Ticket.resolutionMinutes': ['Ticket.resolutionSeconds'],
  'Ticket.notes': ['TicketNote.noteText'],
  'Ticket.history': ['TicketChange.field'],
  'TicketMessage.body': ['TicketMessage.writtenText'],
  'TicketNote.body': ['TicketNote.noteText'],
  'Delivery.isReplayable': ['Delivery.status'],
  'User.blockedUsers': ['Block.blockedId'],
  'User.mutedUsers': ['Block.blockedId'],
  'Block.user': ['Block.blockedId'],
  'User.conversations': ['ConversationParticipant.conversationId'],
  'User.conversationRequests': ['ConversationParticipant.conversationId'],
  'User.notifications': ['Notification.kind'],
  'User.unreadNotificationCount': ['Notification.readAt'],
  'User.notificationSettings': ['Preference.value'],
  'Notification.text': ['Notification.kind'],
  'Notification.actors': ['NotificationCause.actorId'],
  'Notification.actorCount': [],
  'Notification.count': [],
  'NotificationSetting.topic': [],
  'NotificationSetting.channels': ['Preference.value'],
  'NotificationChannelSetting.channel': [],
  'NotificationChannelSetting.isOn': ['Preference.value'],
  'NotificationChannelSetting.mandatoryBecause': [],
  // Said to whoever asks, of themselves.
  'Post.isThreadMuted': [],
  'User.unreadMessageCount': ['ConversationParticipant.lastReadNumber'],
  'Conversation.status': ['ConversationParticipant.status'],
  'Conversation.lastReadNumber': ['ConversationParticipant.lastReadNumber'],
  'Conversation.unreadCount': ['ConversationParticipant.lastReadNumber'],
  'Conversation.muteEndsAt': ['ConversationParticipant.muteEndsAt'],
  'Conversation.lastActivityAt': ['Message.createdAt'],
  'Conversation.participants': ['ConversationParticipant.conversationId'],
  'Conversation.lastMessage': ['Message.body'],
  'Conversation.messages': ['Message.body'],
  'ConversationParticipant.isOwner': ['ConversationParticipant.joinedAt'],
  'Message.isHidden': ['Block.blockedId'],
  'User.activity': ['ActivityEvent.name'],
  'User.consents': ['Consent.given'],
  'User.missingConsents': ['Consent.given'],
  'User.consentHistory': ['Consent.given'],
  'User.moderationDecisions': ['ModerationDecision.action'],
  'User.silenceEndsAt': ['ModerationDecision.endsAt'],
  'ContentFilter.words': [],
  'ContentFilter.links': [],
  'ContentFilter.rate': [],
  'ContentFilter.newcomersOnly': [],
  'ContentFilterMatch.found': ['ContentFilterMatch.foundParts'],
  'ModerationCase.filterMatches': ['ContentFilterMatch.authorId'],
  // The sum of what all reports weigh.
  'ModerationCase.weight': [],
  'ModerationCase.claimEndsAt': [],
  'ModerationCase.subjectKind': [],
  'ModerationCase.subjectId': [],
  'ModerationCase.post': [],
  'ModerationCase.comment': [],
  'ModerationCase.decision': [],
  'ModerationCase.textsWhenReported': ['ModerationCase.reportedText'],
  'ModerationCase.note': ['ModerationCase.staffRemark'],
  'ModerationCase.earlierCaseCount': [],
  'ModerationCase.reports': ['Report.reason'],
  'Report.note': ['Report.remark'],
  'Report.status': [],
  'Report.subjectKind': [],
  'Report.subjectId': [],
  'Report.post': [],
  'Report.comment': [],
  'User.reports': ['Report.reason'],
  'ModerationDecision.rule': ['ModerationDecision.brokenRule'],
  'ModerationDecision.reasons': ['ModerationDecision.statedReasons'],
  'ModerationDecision.subjectKind': [],
  'ModerationDecision.subjectId': [],
  'ModerationDecision.post': [],
  'ModerationDecision.comment': [],
  'ModerationDecision.appeal': [],
  'Appeal.text': ['Appeal.appealText'],
  'Appeal.note': ['Appeal.answer'],
  'User.privacyRequests': ['PrivacyRequest.kind'],
  'Consent.isCurrent': ['Consent.version'],
  // Empty for whoever may not see them; see the WHERE.
  'Post.revisions': [],
  // The post has a type of its own.
  'FoundPost.post': [],
  'FoundPost.score': [],
  'FoundPost.isSimilar': [],
  'FoundPost.titleHighlight': ['Post.title'],
  'FoundPost.excerptHighlight': ['Post.plainText'],
  'PostRevision.diff': ['PostRevision.body'],
  'PrivacyRequest.message': ['PrivacyRequest.body'],
  'PrivacyRequest.isOverdue': ['PrivacyRequest.dueAt'],
  'BulkJob.status': ['BulkJob.endedAt'],
  'BulkJobItem.error': ['BulkJobItem.code'],
  'Challenge.passkeyOptions': [],
  'Security.passwordChangedAt': ['Password.changedAt'],
  'Security.isPasswordBreached': ['Password.compromisedAt'],
  'Security.secondFactors': ['Factor.kind'],
  // Whether they are staff, where the installation asks something of staff.
  'Security.isSecondFactorRequired': [],
  'Security.recoveryCodesLeft': ['RecoveryCode.usedAt'],
  'Security.freezeEndsAt': ['User.credentialsFrozenUntil'],
  // The session's device is there for those alone who may see the session.
  'SecurityEvent.message': [],
  'SecurityEvent.deviceName': [],
  'SecurityEvent.network': ['AuditEvent.address'],
  'SecurityEvent.canBeDisowned': [],
  'SecurityEvent.disownedAt': [],
}

/** What each column says of a person, by `Entity.property`. */
export const classifications = new Map(
  entities.flatMap((entity) =>
    getMetadataArgsStorage()
      .filterColumns(entity)
      .map(({ propertyName }) => [`${entity.name}.${propertyName}`, classificationOf(entity, propertyName)]),
  ) as [string, PersonalData | 'not-personal'][],
)

/** The columns that a field shows; undefined where nobody has said so. */
function columnsBehind(type: string, field: string): string[] | undefined {
  const entity = ENTITY_OF[type] ?? type
  const named = [`${entity}.${field}`, `${entity}.${field}Id`].filter((column) => classifications.has(column))
  return COLUMNS_BEHIND[`${type}.${field}`] ?? (named.length > 0 ? named : undefined)
}

/** A field of a type that shows rows. */
export interface ShownField {
  /** `Type.field` */
  name: string
  type: string
  field: string
  /** Whether it shows a value itself, and does not only lead to something. */
  isLeaf: boolean
  columns: string[] | undefined
}

export const SHOWN: readonly ShownField[] = objectTypes
  .filter(({ name }) => name in TYPES && !WRAPPERS.test(name) && !WITHOUT_ENTITY.has(name))
  .flatMap((type) =>
    Object.values(type.getFields()).map((field) => ({
      name: `${type.name}.${field.name}`,
      type: type.name,
      field: field.name,
      isLeaf: isLeafType(getNamedType(field.type)),
      columns: columnsBehind(type.name, field.name),
    })),
  )
