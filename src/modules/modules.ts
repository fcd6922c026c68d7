import { DataKey } from '../db/data-key.entity'
import { Announcement } from './announcement/announcement.entity'
import { AnnouncementResolver } from './announcement/announcement.resolver'
import { Comment } from './comment/comment.entity'
import { CommentResolver, PostCommentsResolver } from './comment/comment.resolver'
import { Mention } from './comment/mention.entity'
import { Thread } from './comment/thread.entity'
import { Reaction, ReactionCount } from './reaction/reaction.entity'
import {
  CommentReactionsResolver,
  PostReactionsResolver,
  ReactionResolver,
} from './reaction/reaction.resolver'
import { StreamEventRow, StreamTopic } from '../db/stream-event.entity'
import { AccessRecord } from './access-log/access-record.entity'
import { AccessRecordResolver, UserAccessLogResolver } from './access-log/access-record.resolver'
import { JobWorker } from '../db/job-worker.entity'
import { AccessToken } from './access-token/access-token.entity'
import { AccessTokenResolver } from './access-token/access-token.resolver'
import { ActivityResolver, UserActivityResolver } from './activity/activity.resolver'
import { ActivityEvent } from './activity/activity-event.entity'
import { ActivityLink } from './activity/activity-link.entity'
import { ActivitySweep } from './activity/activity-sweep.entity'
import {
  AdministrationResolver,
  SuspensionResolver,
  UserAdministrationResolver,
} from './administration/administration.resolver'
import { Appeal } from './appeal/appeal.entity'
import { AppealResolver, ModerationDecisionAppealResolver } from './appeal/appeal.resolver'
import { Attribute } from './attribute/attribute.entity'
import { AttributeResolver, UserAttributesResolver } from './attribute/attribute.resolver'
import { AuditEvent } from './audit/audit-event.entity'
import { AuditEventResolver } from './audit/audit-event.resolver'
import { AuditAddress } from './audit/audit-address.entity'
import { AuditSeal } from './audit/audit-seal.entity'
import { AuditSealEntry } from './audit/audit-seal-entry.entity'
import { Avatar } from './avatar/avatar.entity'
import { AvatarLeftover } from './avatar/avatar-leftover.entity'
import { AvatarResolver } from './avatar/avatar.resolver'
import { Block } from './block/block.entity'
import { BlockResolver, UserBlocksResolver } from './block/block.resolver'
import { BulkJob } from './bulk-job/bulk-job.entity'
import { BulkJobItem } from './bulk-job/bulk-job-item.entity'
import { BulkFormResolver, BulkJobItemResolver, BulkJobResolver } from './bulk-job/bulk-job.resolver'
import { ChallengeResolver } from './challenge/challenge.resolver'
import { AuthenticationResolver } from './authentication/authentication.resolver'
import { BackupDrill } from './backup/backup-drill.entity'
import { Installation } from './backup/installation.entity'
import { Challenge } from './challenge/challenge.entity'
import { Consent } from './consent/consent.entity'
import { ConsentResolver, UserConsentsResolver } from './consent/consent.resolver'
import { ConversationParticipant } from './conversation/conversation-participant.entity'
import { Conversation } from './conversation/conversation.entity'
import {
  ConversationParticipantResolver,
  ConversationResolver,
  UserConversationsResolver,
} from './conversation/conversation.resolver'
import { Message } from './conversation/message.entity'
import { MessageResolver } from './conversation/message.resolver'
import { DeactivationResolver } from './deactivation/deactivation.resolver'
import { Email } from './email/email.entity'
import { EmailResolver } from './email/email.resolver'
import { Factor } from './factor/factor.entity'
import { FactorResolver } from './factor/factor.resolver'
import { Group } from './group/group.entity'
import { GroupMember } from './group/group-member.entity'
import {
  GroupMemberResolver,
  GroupResolver,
  RoleGrantGroupResolver,
  UserGroupsResolver,
} from './group/group.resolver'
import { IdempotencyRecord } from './idempotency/idempotency-record.entity'
import {
  AuditEventImpersonatorResolver,
  ImpersonationResolver,
  SessionImpersonatorResolver,
} from './impersonation/impersonation.resolver'
import { Import } from './import/import.entity'
import { Identity } from './identity/identity.entity'
import { IdentityResolver } from './identity/identity.resolver'
import { ModerationCase } from './moderation-case/moderation-case.entity'
import { ContentFilterMatch } from './content-filter/content-filter-match.entity'
import { ContentFilter } from './content-filter/content-filter.entity'
import { ContentFilterMatchResolver, ContentFilterResolver } from './content-filter/content-filter.resolver'
import {
  ContentFilterSampleResolver,
  ModerationCaseResolver,
  ModerationDecisionContentResolver,
  ReportResolver,
  UserReportsResolver,
} from './moderation/moderation.resolver'
import { Report } from './moderation-case/report.entity'
import { ModerationDecision } from './moderation-decision/moderation-decision.entity'
import {
  ModerationDecisionResolver,
  UserModerationResolver,
} from './moderation-decision/moderation-decision.resolver'
import { NodeResolver } from './node/node.resolver'
import { NotificationCause } from './notification/notification-cause.entity'
import { Notification } from './notification/notification.entity'
import { NotificationResolver, UserNotificationsResolver } from './notification/notification.resolver'
import { NotificationDigest } from './notifier/notification-digest.entity'
import { NotificationMail } from './notifier/notification-mail.entity'
import { NotificationMute } from './notifier/notification-mute.entity'
import {
  NotificationSettingResolver,
  NotificationTextResolver,
  PostThreadMuteResolver,
  UserNotificationSettingsResolver,
} from './notifier/notifier.resolver'
import { Passkey } from './passkey/passkey.entity'
import { Password } from './password/password.entity'
import { PeopleResolver } from './people/people.resolver'
import { Phone } from './phone/phone.entity'
import { PhoneResolver } from './phone/phone.resolver'
import { Post } from './post/post.entity'
import { PostRevision } from './post/post-revision.entity'
import { PostSearchResolver } from './post/post-search.resolver'
import { PostRevisionResolver, PostRevisionsResolver } from './post/post-revision.resolver'
import { PostResolver, UserPostsResolver } from './post/post.resolver'
import { DevicePreference } from './preference/device-preference.entity'
import { GroupPreferenceChange } from './preference/group-preference-change.entity'
import { GroupPreference } from './preference/group-preference.entity'
import {
  GroupPreferenceChangeResolver,
  GroupPreferencesResolver,
} from './preference/group-preference.resolver'
import { PreferenceChange } from './preference/preference-change.entity'
import { Preference } from './preference/preference.entity'
import {
  PreferenceChangeResolver,
  PreferenceResolver,
  UserPreferencesResolver,
} from './preference/preference.resolver'
import { PrivacyRequest } from './privacy-request/privacy-request.entity'
import {
  PrivacyRequestResolver,
  UserPrivacyRequestsResolver,
} from './privacy-request/privacy-request.resolver'
import { InsightMark } from './insight/insight-mark.entity'
import { InsightResolver } from './insight/insight.resolver'
import { InsightRollup } from './insight/insight-rollup.entity'
import { KeptText } from './legal-hold/kept-text.entity'
import { LegalHold } from './legal-hold/legal-hold.entity'
import { LegalHoldResolver, UserLegalHoldsResolver } from './legal-hold/legal-hold.resolver'
import { ProfileVisibilityResolver } from './profile-visibility/profile-visibility.resolver'
import { RecoveryResolver } from './recovery/recovery.resolver'
import { RecoveryCode } from './recovery-code/recovery-code.entity'
import { RestrictionResolver } from './restriction/restriction.resolver'
import { Role } from './role/role.entity'
import { RoleGrant } from './role/role-grant.entity'
import { RoleGrantResolver, RoleMembersResolver, UserGrantsResolver } from './role/role-grant.resolver'
import { RoleResolver } from './role/role.resolver'
import { EventSummaryResolver } from './security/event-summary.resolver'
import { SecurityEventResolver } from './security/security-event.resolver'
import { SecurityResolver, UserSecurityResolver } from './security/security.resolver'
import { ServiceTokenResolver } from './service-token/service-token.resolver'
import { Session } from './session/session.entity'
import { SessionResolver, UserSessionsResolver } from './session/session.resolver'
import { StaffNote } from './staff-note/staff-note.entity'
import { StaffNoteResolver, UserStaffNotesResolver } from './staff-note/staff-note.resolver'
import { SupersededToken } from './session/superseded-token.entity'
import { Suppression } from './suppression/suppression.entity'
import { Unsubscription } from './suppression/unsubscription.entity'
import { Throttle } from './throttle/throttle.entity'
import { Ticket } from './ticket/ticket.entity'
import { TicketChange } from './ticket/ticket-change.entity'
import { TicketMessage } from './ticket/ticket-message.entity'
import { TicketNote } from './ticket/ticket-note.entity'
import { TicketWord } from './ticket/ticket-word.entity'
import {
  TicketChangeResolver,
  TicketMessageResolver,
  TicketNoteResolver,
  TicketResolver,
  UserTicketsResolver,
} from './ticket/ticket.resolver'
import { DataExport } from './data-export/data-export.entity'
import { DataExportPart } from './data-export/data-export-part.entity'
import { DataExportResolver } from './data-export/data-export.resolver'
import { Delivery } from './delivery/delivery.entity'
import { DeliveryRate } from './delivery/delivery-rate.entity'
import { DeliveryResolver } from './delivery/delivery.resolver'
import { Erasure } from './erasure/erasure.entity'
import { ErasureResolver } from './erasure/erasure.resolver'
import { LedgerEntry } from './erasure/ledger-entry.entity'
import { FormerUsername } from './user/former-username.entity'
import { User } from './user/user.entity'
import { UserSearch } from './user/user-search.entity'
import { AuditEventPeopleResolver, UserResolver } from './user/user.resolver'
import { UsernameResolver } from './username/username.resolver'
import { WebhookAttempt } from './webhook/webhook-attempt.entity'
import { WebhookDelivery } from './webhook/webhook-delivery.entity'
import { WebhookEndpoint } from './webhook/webhook-endpoint.entity'
import { WebhookDeliveryResolver, WebhookEndpointResolver } from './webhook/webhook.resolver'

/** Every table. */
export const entities = [
  AccessRecord,
  AccessToken,
  ActivityEvent,
  ActivityLink,
  ActivitySweep,
  Appeal,
  Attribute,
  AuditAddress,
  AuditEvent,
  AuditSeal,
  AuditSealEntry,
  Avatar,
  AvatarLeftover,
  Block,
  BulkJob,
  BulkJobItem,
  BackupDrill,
  Announcement,
  Challenge,
  Comment,
  Consent,
  ContentFilter,
  ContentFilterMatch,
  Conversation,
  ConversationParticipant,
  DataExport,
  DataExportPart,
  Delivery,
  DeliveryRate,
  DataKey,
  Email,
  Erasure,
  Factor,
  FormerUsername,
  Group,
  GroupMember,
  IdempotencyRecord,
  Identity,
  Mention,
  ModerationCase,
  ModerationDecision,
  Notification,
  NotificationCause,
  NotificationDigest,
  NotificationMail,
  NotificationMute,
  Passkey,
  Import,
  InsightMark,
  InsightRollup,
  Installation,
  JobWorker,
  LedgerEntry,
  KeptText,
  LegalHold,
  Message,
  Password,
  Phone,
  Post,
  PostRevision,
  DevicePreference,
  GroupPreference,
  GroupPreferenceChange,
  Preference,
  PreferenceChange,
  PrivacyRequest,
  RecoveryCode,
  Reaction,
  ReactionCount,
  Report,
  Role,
  RoleGrant,
  Session,
  StaffNote,
  StreamEventRow,
  StreamTopic,
  SupersededToken,
  Suppression,
  Thread,
  Throttle,
  Ticket,
  TicketChange,
  TicketMessage,
  TicketNote,
  TicketWord,
  Unsubscription,
  User,
  UserSearch,
  WebhookAttempt,
  WebhookDelivery,
  WebhookEndpoint,
]

/** Every resolver class. */
export const resolvers = [
  AccessRecordResolver,
  AccessTokenResolver,
  ActivityResolver,
  AppealResolver,
  AuditEventImpersonatorResolver,
  AdministrationResolver,
  AuditEventPeopleResolver,
  AuditEventResolver,
  AuthenticationResolver,
  AttributeResolver,
  AvatarResolver,
  BlockResolver,
  BulkFormResolver,
  BulkJobItemResolver,
  BulkJobResolver,
  ChallengeResolver,
  CommentReactionsResolver,
  AnnouncementResolver,
  CommentResolver,
  ConsentResolver,
  ContentFilterMatchResolver,
  ContentFilterResolver,
  ContentFilterSampleResolver,
  ConversationParticipantResolver,
  ConversationResolver,
  DataExportResolver,
  DeliveryResolver,
  DeactivationResolver,
  EmailResolver,
  ErasureResolver,
  FactorResolver,
  GroupMemberResolver,
  GroupResolver,
  IdentityResolver,
  ImpersonationResolver,
  InsightResolver,
  LegalHoldResolver,
  MessageResolver,
  ModerationCaseResolver,
  ModerationDecisionAppealResolver,
  ModerationDecisionContentResolver,
  ModerationDecisionResolver,
  NodeResolver,
  NotificationResolver,
  NotificationSettingResolver,
  NotificationTextResolver,
  PeopleResolver,
  PhoneResolver,
  PostCommentsResolver,
  PostReactionsResolver,
  PostResolver,
  PostRevisionResolver,
  PostRevisionsResolver,
  PostSearchResolver,
  PostThreadMuteResolver,
  PreferenceChangeResolver,
  PreferenceResolver,
  PrivacyRequestResolver,
  ReactionResolver,
  ProfileVisibilityResolver,
  RecoveryResolver,
  ReportResolver,
  UserReportsResolver,
  RestrictionResolver,
  RoleGrantGroupResolver,
  RoleGrantResolver,
  RoleMembersResolver,
  RoleResolver,
  SecurityEventResolver,
  EventSummaryResolver,
  SecurityResolver,
  ServiceTokenResolver,
  SessionImpersonatorResolver,
  SessionResolver,
  UserAccessLogResolver,
  UserActivityResolver,
  UserAttributesResolver,
  UserBlocksResolver,
  UserConsentsResolver,
  UserConversationsResolver,
  UserGrantsResolver,
  UserGroupsResolver,
  UserLegalHoldsResolver,
  UserModerationResolver,
  UserNotificationSettingsResolver,
  UserNotificationsResolver,
  StaffNoteResolver,
  SuspensionResolver,
  UserAdministrationResolver,
  UserPostsResolver,
  GroupPreferenceChangeResolver,
  GroupPreferencesResolver,
  UserPreferencesResolver,
  UserPrivacyRequestsResolver,
  UserResolver,
  UserSecurityResolver,
  UserSessionsResolver,
  UserStaffNotesResolver,
  TicketChangeResolver,
  TicketMessageResolver,
  TicketNoteResolver,
  TicketResolver,
  UserTicketsResolver,
  UsernameResolver,
  WebhookDeliveryResolver,
  WebhookEndpointResolver,
] as const
