import { Foundation1763990000000 } from './1763990000000-foundation'
import { SignIn1764000000000 } from './1764000000000-sign-in'
import { SessionLifeCycle1764000300000 } from './1764000300000-session-life-cycle'
import { Imports1764030000000 } from './1764030000000-imports'
import { Passwords1764100000000 } from './1764100000000-passwords'
import { SecondFactors1764200000000 } from './1764200000000-second-factors'
import { Identities1764300000000 } from './1764300000000-identities'
import { Recovery1764400000000 } from './1764400000000-recovery'
import { AccessTokens1764500000000 } from './1764500000000-access-tokens'
import { RecoveryCodesAge1764600000000 } from './1764600000000-recovery-codes-age'
import { Groups1764700000000 } from './1764700000000-groups'
import { JobQueue1764720000000 } from './1764720000000-job-queue'
import { Impersonation1764750000000 } from './1764750000000-impersonation'
import { Administration1764800000000 } from './1764800000000-administration'
import { Search1765000000000 } from './1765000000000-search'
import { PersonalDetails1765100000000 } from './1765100000000-personal-details'
import { BulkJobs1765110000000 } from './1765110000000-bulk-jobs'
import { SearchStatus1765120000000 } from './1765120000000-search-status'
import { Backups1767000000000 } from './1767000000000-backups'
import { DestroyedDataKeys1767100000000 } from './1767100000000-destroyed-data-keys'
import { KeyringFingerprints1767110000000 } from './1767110000000-keyring-fingerprints'
import { TrailPartitions1767200000000 } from './1767200000000-trail-partitions'
import { AuditSeals1767210000000 } from './1767210000000-audit-seals'
import { PrivacyRequests1767300000000 } from './1767300000000-privacy-requests'
import { LegalHolds1767310000000 } from './1767310000000-legal-holds'
import { Restriction1767320000000 } from './1767320000000-restriction'
import { Consents1767330000000 } from './1767330000000-consents'
import { SubjectRights1767400000000 } from './1767400000000-subject-rights'
import { DropTrailPartitions1767500000000 } from './1767500000000-drop-trail-partitions'
import { SealedReasons1767500100000 } from './1767500100000-sealed-reasons'
import { EventStream1768000000000 } from './1768000000000-event-stream'
import { PostVisibility1768100000000 } from './1768100000000-post-visibility'
import { PostMarkup1768110000000 } from './1768110000000-post-markup'
import { PostTrash1768120000000 } from './1768120000000-post-trash'
import { PostRevisions1768130000000 } from './1768130000000-post-revisions'
import { ScheduledPosts1768140000000 } from './1768140000000-scheduled-posts'
import { Comments1768200000000 } from './1768200000000-comments'
import { Blocks1768300000000 } from './1768300000000-blocks'
import { Conversations1768310000000 } from './1768310000000-conversations'
import { Moderation1768500000000 } from './1768500000000-moderation'
import { Appeals1768510000000 } from './1768510000000-appeals'
import { ToldReporters1768520000000 } from './1768520000000-told-reporters'
import { ReportedMessages1768530000000 } from './1768530000000-reported-messages'
import { PostSearch1768600000000 } from './1768600000000-post-search'
import { ContentLists1768610000000 } from './1768610000000-content-lists'
import { HeldPostsListed1768620000000 } from './1768620000000-held-posts-listed'
import { ContentFilters1768700000000 } from './1768700000000-content-filters'
import { StandingDecisions1768800000000 } from './1768800000000-standing-decisions'
import { ThreadsClosedByModerators1768810000000 } from './1768810000000-threads-closed-by-moderators'
import { CommentMarkup1768820000000 } from './1768820000000-comment-markup'
import { RenamedConversations1768830000000 } from './1768830000000-renamed-conversations'
import { MentionsOfNothing1768840000000 } from './1768840000000-mentions-of-nothing'
import { PreferenceLevels1769000000000 } from './1769000000000-preference-levels'
import { Webhooks1769100000000 } from './1769100000000-webhooks'
import { Deliveries1769300000000 } from './1769300000000-deliveries'
import { Usernames1769400000000 } from './1769400000000-usernames'
import { Deactivation1769410000000 } from './1769410000000-deactivation'
import { Attributes1769420000000 } from './1769420000000-attributes'
import { Tickets1769500000000 } from './1769500000000-tickets'
import { Notifications1769600000000 } from './1769600000000-notifications'
import { Avatars1769700000000 } from './1769700000000-avatars'
import { Contact1769710000000 } from './1769710000000-contact'
import { Announcements1769720000000 } from './1769720000000-announcements'
import { DeliveryPriority1769800000000 } from './1769800000000-delivery-priority'
import { NotifiedThreads1769801000000 } from './1769801000000-notified-threads'
import { FailedAnnouncements1769802000000 } from './1769802000000-failed-announcements'
import { ReportedAgain1769810000000 } from './1769810000000-reported-again'
import { KeptTexts1769811000000 } from './1769811000000-kept-texts'
import { HeldDecisions1769812000000 } from './1769812000000-held-decisions'
import { HiddenContent1769813000000 } from './1769813000000-hidden-content'
import { AvatarAudience1769820000000 } from './1769820000000-avatar-audience'
import { AnnouncedPurposes1769821000000 } from './1769821000000-announced-purposes'
import { PutOffDigests1769835000000 } from './1769835000000-put-off-digests'
import { Activity1770000000000 } from './1770000000000-activity'
import { AuditFilters1770100000000 } from './1770100000000-audit-filters'
import { TrailLocks1770100100000 } from './1770100100000-trail-locks'
import { AuditTail1770100200000 } from './1770100200000-audit-tail'
import { Insight1770200000000 } from './1770200000000-insight'
import { InsightOfActivity1770210000000 } from './1770210000000-insight-of-activity'

/** Every migration, oldest first. Append-only: what has been released is never changed, only followed. */
export const migrations = [
  Foundation1763990000000,
  SignIn1764000000000,
  SessionLifeCycle1764000300000,
  Imports1764030000000,
  Passwords1764100000000,
  SecondFactors1764200000000,
  Identities1764300000000,
  Recovery1764400000000,
  AccessTokens1764500000000,
  RecoveryCodesAge1764600000000,
  Groups1764700000000,
  JobQueue1764720000000,
  Impersonation1764750000000,
  Administration1764800000000,
  Search1765000000000,
  PersonalDetails1765100000000,
  BulkJobs1765110000000,
  SearchStatus1765120000000,
  Backups1767000000000,
  DestroyedDataKeys1767100000000,
  KeyringFingerprints1767110000000,
  TrailPartitions1767200000000,
  AuditSeals1767210000000,
  PrivacyRequests1767300000000,
  LegalHolds1767310000000,
  Restriction1767320000000,
  Consents1767330000000,
  SubjectRights1767400000000,
  DropTrailPartitions1767500000000,
  SealedReasons1767500100000,
  EventStream1768000000000,
  PostVisibility1768100000000,
  PostMarkup1768110000000,
  PostTrash1768120000000,
  PostRevisions1768130000000,
  ScheduledPosts1768140000000,
  Comments1768200000000,
  Blocks1768300000000,
  Conversations1768310000000,
  Moderation1768500000000,
  Appeals1768510000000,
  ToldReporters1768520000000,
  ReportedMessages1768530000000,
  PostSearch1768600000000,
  ContentLists1768610000000,
  HeldPostsListed1768620000000,
  ContentFilters1768700000000,
  StandingDecisions1768800000000,
  ThreadsClosedByModerators1768810000000,
  CommentMarkup1768820000000,
  RenamedConversations1768830000000,
  MentionsOfNothing1768840000000,
  PreferenceLevels1769000000000,
  Webhooks1769100000000,
  Deliveries1769300000000,
  Usernames1769400000000,
  Deactivation1769410000000,
  Attributes1769420000000,
  Tickets1769500000000,
  Notifications1769600000000,
  Avatars1769700000000,
  Contact1769710000000,
  Announcements1769720000000,
  DeliveryPriority1769800000000,
  NotifiedThreads1769801000000,
  FailedAnnouncements1769802000000,
  ReportedAgain1769810000000,
  KeptTexts1769811000000,
  HeldDecisions1769812000000,
  HiddenContent1769813000000,
  AvatarAudience1769820000000,
  AnnouncedPurposes1769821000000,
  PutOffDigests1769835000000,
  Activity1770000000000,
  AuditFilters1770100000000,
  TrailLocks1770100100000,
  AuditTail1770100200000,
  Insight1770200000000,
  InsightOfActivity1770210000000,
]
